package sessions

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"
)

// Format is how a conversation is written to a file.
type Format string

// The formats.
const (
	Markdown Format = "Markdown" // with a folder of pictures
	HTML     Format = "HTML"     // one file, pictures and all
	JSON     Format = "JSON"     // one file with all branches: see docs/sessions.md
)

// FormatOf tells the format by a file's ending.
func FormatOf(file string) (Format, error) {
	switch strings.ToLower(filepath.Ext(file)) {
	case ".md", ".markdown":
		return Markdown, nil
	case ".html", ".htm":
		return HTML, nil
	case ".json":
		return JSON, nil
	}
	return "", &Error{Doing: "exporting to " + file, Detail: "the ending says the format: .md (Markdown with a folder of pictures), .html (one file) or .json"}
}

// Exported is what an export has written.
type Exported struct {
	File     string
	Folder   string // of the pictures; empty if they are in the file, or there are none
	Messages int
	Lost     []string // the sources of pictures that could not be had
}

// Export writes a conversation to a file, in the format that its ending says: what was
// said on the branch that was seen last, or all branches into JSON. Pictures need their
// Bytes. A file that is there is replaced only if that is allowed.
func (c *Conversation) Export(file string, replace bool) (Exported, error) {
	out := Exported{File: file}
	format, err := FormatOf(file)
	if err != nil {
		return out, err
	}
	if err := free(file, replace); err != nil {
		return out, err // before a folder of pictures is made for it
	}
	path := c.Path()
	out.Messages = len(path)
	var data []byte
	switch format {
	case Markdown:
		folder := strings.TrimSuffix(file, filepath.Ext(file)) + "-pictures"
		names, lost, err := c.exportPictures(path, folder, replace)
		if err != nil {
			return out, err
		}
		if len(names) > 0 {
			out.Folder = folder
		}
		out.Lost = lost
		data = c.markdown(path, filepath.Base(folder), names)
	case HTML:
		data, out.Lost, err = c.html(path)
	case JSON:
		out.Messages = len(c.All)
		data, out.Lost, err = c.json()
	}
	if err != nil {
		return out, failure("exporting to "+file, err)
	}
	return out, writeNew(file, data, replace)
}

// free makes sure that a file is not there yet, or may be replaced.
func free(file string, replace bool) error {
	if _, err := os.Lstat(file); err == nil && !replace {
		return &Error{Doing: "exporting to " + file, Detail: "there is such a file already, and it was not replaced; take another name, or ask for it to be replaced", Err: fs.ErrExist}
	}
	return nil
}

// writeNew writes a file that is free.
func writeNew(file string, data []byte, replace bool) error {
	doing := "exporting to " + file
	if err := free(file, replace); err != nil {
		return err
	}
	// Through another file, so that a full disk leaves the old one.
	f, err := os.CreateTemp(filepath.Dir(file), ".export-*")
	if err != nil {
		return failure(doing, err)
	}
	defer os.Remove(f.Name())
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return failure(doing, err)
	}
	if !replace {
		// Unlike a rename, a link replaces nothing, even what came in between.
		if err := os.Link(f.Name(), file); err == nil || errors.Is(err, fs.ErrExist) {
			return failure(doing, err)
		}
	}
	return failure(doing, os.Rename(f.Name(), file))
}

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

// FileName is a name for an export of the conversation, made of its title.
func (c *Conversation) FileName() string {
	title := strings.ToLower(strings.TrimRight(c.Title, "…"))
	words := strings.FieldsFunc(title, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	name := strings.Join(words, "-")
	const most = 50
	if letters := []rune(name); len(letters) > most {
		name = strings.TrimRight(string(letters[:most]), "-")
	}
	if name == "" {
		name = "conversation"
	}
	return name + ".md"
}

// speaker is who says a message, as an export calls them.
func (m *Message) speaker() string {
	switch {
	case m.Role == User:
		return "You"
	case m.Model != "":
		return plain(m.Model)
	}
	return "Answer"
}

// remark says how an answer ended that is not whole; empty otherwise.
func (m *Message) remark() string {
	if m.Role != Assistant {
		return ""
	}
	switch m.State {
	case Failed:
		return strings.TrimSpace("failed: " + plain(m.Error))
	case Stopped, Partial, Asked:
		return "stopped"
	}
	if m.Finish == "length" {
		return "cut at the token limit"
	}
	return ""
}

// plain is a text on one line without control characters.
func plain(text string) string {
	return strings.Join(strings.Fields(cleaned(text)), " ")
}

// cleaned takes out what would do something in a terminal when the file is shown there.
func cleaned(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, strings.ReplaceAll(text, "\r\n", "\n"))
}
