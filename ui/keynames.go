package ui

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// modifiers are the keys that are held with another, in the order in which the
// terminal's library writes them.
var modifiers = []string{"ctrl", "alt", "shift", "meta", "hyper", "super"}

// namedKeys are the keys that write no character, and how they are shown.
var namedKeys = map[string]string{
	"enter": "Enter", "tab": "Tab", "backspace": "Backspace", "esc": "Esc", "space": "Space",
	"up": "↑", "down": "↓", "left": "←", "right": "→", "insert": "Ins", "delete": "Del",
	"pgup": "PgUp", "pgdown": "PgDn", "home": "Home", "end": "End", "menu": "Menu", "begin": "Begin",
}

// otherNames are what people call keys, too.
var otherNames = map[string]string{
	"return": "enter", "escape": "esc", "del": "delete", "ins": "insert", "pageup": "pgup", "page_up": "pgup",
	"pagedown": "pgdown", "page_down": "pgdown", "pgdn": "pgdown", "control": "ctrl", "option": "alt", "opt": "alt",
	"cmd": "super", "command": "super", "win": "super", "plus": "+", "minus": "-",
}

// parseKey reads a key as people write it, "Ctrl+Enter", and returns it as the
// terminal's library does: "ctrl+enter".
func parseKey(text string) (string, error) {
	if utf8.RuneCountInString(text) == 1 && text != " " {
		return text, nil // whatever it is, a capital letter included
	}
	rest := strings.ToLower(strings.TrimSpace(text))
	held := map[string]bool{}
	for {
		name, after, ok := strings.Cut(rest, "+")
		if !ok || name == "" || after == "" {
			break
		}
		name = renamed(name)
		if !slices.Contains(modifiers, name) {
			return "", fmt.Errorf("%s can't be held with another key; %s can", name, strings.Join(modifiers, ", "))
		}
		if held[name] {
			return "", fmt.Errorf("%s is there twice", name)
		}
		held[name], rest = true, after
	}
	rest = renamed(rest)
	if !isKey(rest) {
		return "", errors.New(`there is no such key; keys are written "ctrl+k", "alt+enter", "pgup", "f5" or "?"`)
	}
	if r, size := utf8.DecodeRuneInString(rest); held["shift"] && len(held) == 1 && size == len(rest) {
		return string(unicode.ToUpper(r)), nil // which is what arrives
	}
	var all []string
	for _, m := range modifiers {
		if held[m] {
			all = append(all, m)
		}
	}
	return strings.Join(append(all, rest), "+"), nil
}

func renamed(name string) string {
	if other, ok := otherNames[name]; ok {
		return other
	}
	return name
}

// isKey reports whether there is a key of a name.
func isKey(name string) bool {
	if _, ok := namedKeys[name]; ok || utf8.RuneCountInString(name) == 1 && name != " " {
		return true
	}
	const most = 63 // of function keys
	for n := 1; n <= most; n++ {
		if name == fmt.Sprintf("f%d", n) {
			return true
		}
	}
	return false
}

// shownKey writes a key for people: "Ctrl+P", "Shift+→".
func shownKey(name string) string {
	var held []string
	for {
		m, rest, ok := strings.Cut(name, "+")
		if !ok || m == "" || rest == "" {
			break
		}
		held, name = append(held, strings.ToUpper(m[:1])+m[1:]), rest
	}
	switch shown, ok := namedKeys[name]; {
	case ok:
		name = shown
	case len(held) > 0, len(name) > 1 && name[0] == 'f':
		name = strings.ToUpper(name)
	}
	return strings.Join(append(held, name), "+")
}

// shownKeys writes several.
func shownKeys(names []string) string {
	var all []string
	for _, name := range names {
		all = append(all, shownKey(name))
	}
	return strings.Join(all, ", ")
}

// tomlTexts writes texts as a configuration file has them.
func tomlTexts(texts []string) string {
	var all []string
	for _, text := range texts {
		all = append(all, fmt.Sprintf("%q", text))
	}
	switch len(all) {
	case 0:
		return `""`
	case 1:
		return all[0]
	}
	return "[" + strings.Join(all, ", ") + "]"
}
