package sessions

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"
)

// Export says how a conversation is to be written.
type Export struct {
	Format  Format // empty takes what the file's ending says
	Replace bool   // a file that is there
	// Wire makes of a picture one that servers take, and returns its media type: for
	// the format OpenAI. Without it a picture goes as it was kept.
	Wire func(p *Picture, data []byte) (wired []byte, mime string, err error)
}

// Exported is what an export has written.
type Exported struct {
	File     string // empty if it was no file
	Folder   string // of the pictures; empty if they are in the file, or there are none
	Messages int
	Lost     []string // the sources of pictures that could not be had
}

// ToFile writes a conversation to a file: what was said on the branch that was seen last,
// or all branches into JSON. Pictures need their Bytes. A file that is there is replaced
// only if that is allowed.
func (e Export) ToFile(c *Conversation, file string) (Exported, error) {
	format, err := e.Format, error(nil)
	if format == "" {
		if format, err = formatOf(file); err != nil {
			return Exported{}, err
		}
	}
	if err := free(file, e.Replace); err != nil {
		return Exported{}, err // before a folder of pictures is made for it
	}
	folder := ""
	if format == Markdown {
		folder = strings.TrimSuffix(file, filepath.Ext(file)) + "-pictures"
	}
	data, out, err := e.made(c, format, folder)
	if err != nil {
		return out, failure("exporting to "+file, err)
	}
	out.File = file
	return out, writeNew(file, data, e.Replace)
}

// To writes a conversation to where no folder can be beside it: in Markdown pictures are
// named then, and no more.
func (e Export) To(c *Conversation, w io.Writer) (Exported, error) {
	data, out, err := e.made(c, e.Format, "")
	if err != nil {
		return out, failure("exporting a conversation", err)
	}
	_, err = w.Write(data)
	return out, err
}

// made returns a conversation in a format, with the pictures of Markdown in a folder
// unless that has no name.
func (e Export) made(c *Conversation, format Format, folder string) (data []byte, out Exported, err error) {
	path := c.Path()
	out.Messages = len(path)
	switch format {
	case HTML:
		data, out.Lost, err = c.html(path)
	case JSON:
		out.Messages = len(c.All)
		data, out.Lost, err = c.json()
	case OpenAI:
		data, out.Lost, err = c.openAI(path, e.Wire)
	default:
		var names map[string]string
		if folder != "" {
			names, out.Lost, err = c.exportPictures(path, folder, e.Replace)
		}
		if len(names) > 0 {
			out.Folder = folder
		}
		data = c.markdown(path, folder, names)
	}
	return data, out, err
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
	if errors.Is(err, fs.ErrNotExist) {
		return &Error{Doing: doing, Detail: "there is no folder " + filepath.Dir(file), Err: err}
	}
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

// FileName is a name for an export of the conversation in a format, made of its title.
// Without a format it is that of Markdown.
func (c *Conversation) FileName(f Format) string {
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
	return name + f.ending()
}
