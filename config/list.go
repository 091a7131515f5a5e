package config

import (
	"encoding/json"
	"slices"
	"strings"
)

// lists are the settings that may have several texts.
var lists = []string{Stop, DRYSequenceBreaker, LogitBias, LoRA, Header}

// List reports whether the setting may have several texts: its flag may be
// repeated, and its key in the file may be an array.
func (s Setting) List() bool { return slices.Contains(lists, s.Name) }

// Join makes the value of a list of its texts.
func Join(texts []string) string {
	b, _ := json.Marshal(texts) // of texts it can't fail
	return string(b)
}

// List returns the texts of a list. A value that begins with [" is a JSON array
// of them, [] is none, and any other is one text as it is.
func (c Config) List(name string) ([]string, error) {
	text := c[name].Text
	if text == "" {
		return nil, nil
	}
	if t := strings.TrimSpace(text); !strings.HasPrefix(t, `["`) && t != "[]" {
		return []string{text}, nil
	}
	var texts []string
	if err := json.Unmarshal([]byte(text), &texts); err != nil {
		return nil, c.invalid(name, `a text, or a JSON array of texts such as ["one", "two"]`)
	}
	return texts, nil
}

// joinTexts makes the value of an array in the file.
func joinTexts(array []any, isList bool) (string, bool) {
	texts := []string{}
	for _, v := range array {
		s, ok := v.(string)
		if !ok {
			return "", false
		}
		texts = append(texts, s)
	}
	return Join(texts), isList
}

// orElse says what the setting's key in the file may be besides a text.
func (s Setting) orElse() string {
	if s.List() {
		return "a list of texts"
	}
	return "a number"
}
