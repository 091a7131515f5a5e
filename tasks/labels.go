package tasks

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/vlmchat/vlmchat/engine"
)

// Label is something that a picture may show.
type Label struct {
	Name  string   // as a person calls it
	Texts []string // what is said for it, if not the name: a sentence, synonyms
}

// texts is what is said for a label.
func (l Label) texts() []string {
	if len(l.Texts) > 0 {
		return l.Texts
	}
	return []string{l.Name}
}

// plain is the label as it is compared with others.
func (l Label) plain() string { return strings.ToLower(tidy(l.Name)) }

// tidy leaves one space between words.
func tidy(text string) string { return strings.Join(strings.Fields(text), " ") }

// Labels reads labels as people write them, between commas.
func Labels(list string) []Label {
	var labels []Label
	for name := range strings.SplitSeq(list, ",") {
		labels = append(labels, Label{Name: tidy(name)})
	}
	return labels
}

// ReadLabels reads a file of labels, one on each line. Behind a tab may stand what is said
// for it in place of its name, behind another one a synonym of that. Empty lines and those
// that begin with # say nothing. name is the file's, for errors.
func ReadLabels(name string, text []byte) ([]Label, error) {
	bad := func(format string, values ...any) error {
		return &engine.Error{Kind: engine.BadOption, Message: fmt.Sprintf(format, values...), Hint: "a file of labels has one on each line, in UTF-8"}
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	var labels []Label
	seen := map[string]int{}
	number := 0
	for line := range strings.Lines(string(text)) {
		number++
		if !utf8.ValidString(line) || strings.ContainsRune(line, 0) {
			return nil, bad("%s:%d: this is no text in UTF-8", name, number)
		}
		if line = strings.TrimRight(line, "\r\n"); strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
			continue
		}
		first, rest, _ := strings.Cut(line, "\t")
		l := Label{Name: tidy(first)}
		if l.Name == "" {
			return nil, bad("%s:%d: there is no label in front of the tab", name, number)
		}
		if !strings.ContainsFunc(l.Name, visible) {
			return nil, bad("%s:%d: the label %q is no text that could be read", name, number, l.Name)
		}
		for said := range strings.SplitSeq(rest, "\t") {
			if said = tidy(said); said != "" {
				l.Texts = append(l.Texts, said)
			}
		}
		if earlier, twice := seen[l.plain()]; twice {
			return nil, bad("%s:%d: the label %q is there already, on line %d", name, number, l.Name, earlier)
		}
		seen[l.plain()] = number
		labels = append(labels, l)
	}
	if len(labels) == 0 {
		return nil, bad("there is no label in %s", name)
	}
	return labels, nil
}
