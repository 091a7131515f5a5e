package sessions

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// Format is how a conversation is written.
type Format string

// The formats.
const (
	Markdown Format = "Markdown" // with a folder of pictures
	HTML     Format = "HTML"     // one file, pictures and all
	JSON     Format = "JSON"     // one file with all branches: see docs/sessions.md
	OpenAI   Format = "OpenAI"   // the messages of a request to the Chat Completions API
)

// formats are the formats, as they are asked for, with the endings of their files. OpenAI's
// is JSON like any other: it has to be asked for.
var formats = []struct {
	format  Format
	names   []string
	endings []string
}{
	{Markdown, []string{"md", "markdown"}, []string{".md", ".markdown"}},
	{HTML, []string{"html"}, []string{".html", ".htm"}},
	{JSON, []string{"json"}, []string{".json"}},
	{OpenAI, []string{"openai"}, nil},
}

// ParseFormat reads the name of a format: md, html, json, openai.
func ParseFormat(name string) (Format, error) {
	for _, f := range formats {
		if slices.Contains(f.names, strings.ToLower(name)) {
			return f.format, nil
		}
	}
	return "", &Error{Doing: "exporting a conversation", Detail: fmt.Sprintf("%q is no format: there are md, html, json and openai", name)}
}

// formatOf tells the format by a file's ending.
func formatOf(file string) (Format, error) {
	for _, f := range formats {
		if slices.Contains(f.endings, strings.ToLower(filepath.Ext(file))) {
			return f.format, nil
		}
	}
	return "", &Error{Doing: "exporting to " + file, Detail: "the ending says the format, .md (Markdown with a folder of pictures), .html (one file) or .json, unless the format is named"}
}

// ending is that of the files of a format. What is not said is Markdown.
func (f Format) ending() string {
	switch f {
	case HTML:
		return ".html"
	case JSON, OpenAI:
		return ".json"
	}
	return ".md"
}
