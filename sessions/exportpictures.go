package sessions

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unicode"
)

// exportPictures writes the pictures of some messages to a folder, each once, and
// returns their names by their digests.
func (c *Conversation) exportPictures(path []Message, folder string, replace bool) (names map[string]string, lost []string, err error) {
	names = map[string]string{}
	for _, m := range path {
		for _, p := range m.Pictures() {
			if _, done := names[p.SHA256]; done {
				continue
			}
			data, err := p.data()
			if err != nil {
				lost = append(lost, p.Source)
				continue
			}
			if len(names) == 0 {
				if err := os.MkdirAll(folder, 0o700); err != nil {
					return nil, nil, failure("exporting pictures to "+folder, err)
				}
			}
			name := fmt.Sprintf("%d-%s", len(names)+1, p.fileName())
			if err := writeNew(filepath.Join(folder, name), data, replace); err != nil {
				return nil, nil, err
			}
			names[p.SHA256] = name
		}
	}
	return names, lost, nil
}

// data brings a picture's bytes.
func (p *Picture) data() ([]byte, error) {
	if p.Bytes == nil {
		return nil, ErrNotFound
	}
	return p.Bytes()
}

// fileName is a name for a picture's file that every system takes.
func (p *Picture) fileName() string {
	name := strings.TrimSuffix(shortName(p.Source), filepath.Ext(p.Source))
	name = strings.Trim(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_' {
			return r
		}
		return '-'
	}, name), "-")
	const most = 40
	if letters := []rune(name); len(letters) > most {
		name = string(letters[:most])
	}
	if name == "" {
		name = "picture"
	}
	return name + "." + p.ending()
}

// ending is that of files of the picture's format.
func (p *Picture) ending() string {
	switch p.Format {
	case "":
		return "bin"
	case "jpeg":
		return "jpg"
	}
	return p.Format
}
