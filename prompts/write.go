package prompts

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
)

// skeleton is what a template begins as: all that it may have, as comments.
//
//go:embed skeleton.md
var skeleton string

// New returns the source of a template that asks a text: commented, for a person to go on
// with, and with a field for each {{name}} in it. A text that has a header is a whole
// template, and is returned as it is. from is the source of another one, whose header is
// taken, and whose text is if there is no other; it may be empty.
func New(text, from string) string {
	text = strings.TrimSpace(text)
	if hasHeader(text) {
		return text + "\n"
	}
	base := skeleton
	if from != "" {
		base = from
	}
	head, ask := split(base)
	if text != "" {
		ask = text + "\n"
	}
	return withFields(head, ask) + ask
}

func hasHeader(source string) bool {
	first, _, _ := strings.Cut(source, "\n")
	first = strings.TrimRight(first, " \t\r")
	return first == fence || first == "---"
}

// split parts the source of a template that can be read behind its header.
func split(source string) (head, text string) {
	p := &parser{}
	text = p.cut(source)
	return source[:len(source)-len(text)], text
}

// withFields returns the header of a template with a field more for each place in its text
// that has none yet.
func withFields(head, text string) string {
	t, _ := parse("new.md", []byte(head+text))
	var more strings.Builder
	var names []string
	for _, found := range placeholder().FindAllStringSubmatch(text, -1) {
		name := found[1]
		there := t != nil && slices.ContainsFunc(t.Fields, func(f Field) bool { return f.Name == name })
		if !there && !slices.Contains(names, name) {
			names = append(names, name)
			fmt.Fprintf(&more, "\n[[fields]]\nname = %q\n", name)
		}
	}
	switch {
	case names == nil:
		return head
	case head == "":
		return fence + more.String() + fence + "\n"
	}
	end := strings.LastIndex(head, fence)
	return head[:end] + more.String() + head[end:]
}
