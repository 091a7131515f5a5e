package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"unicode/utf8"
)

// part is something with a licence of its own.
type part struct {
	name, version, licence, source string
	text                           string // the file of its licence in packaging/licences, if no module brings it

	within string   // the module that embeds it
	texts  []string // what is to be passed on with it
}

// partsOf are the modules and what they embed, with their licences' texts.
func partsOf(modules []*module) ([]part, error) {
	standard, err := goItself()
	if err != nil {
		return nil, err
	}
	parts := []part{standard}
	for _, m := range modules {
		names, err := m.licences()
		if err != nil {
			return nil, err
		}
		p := part{name: m.path, version: m.version, source: "https://pkg.go.dev/" + m.path + "@" + m.version}
		for _, name := range names {
			text, err := readText(filepath.Join(m.dir, filepath.FromSlash(name)))
			if err != nil {
				return nil, err
			}
			p.texts = append(p.texts, text)
		}
		if p.licence = kindOf(p.texts[0]); p.licence == "" {
			return nil, fmt.Errorf("%s %s: %s is a licence that scripts/notices does not know; read it, and tell kindOf", m.path, m.version, names[0])
		}
		parts = append(parts, p)
		for _, e := range embedded[m.path] {
			e.within = m.path
			if e.text != "" {
				text, err := readText(filepath.Join("packaging", "licences", filepath.FromSlash(e.text)))
				if err != nil {
					return nil, err
				}
				e.texts = []string{text}
			}
			parts = append(parts, e)
		}
	}
	return parts, nil
}

// goItself is Go's runtime and standard library, which are part of each Go program.
func goItself() (part, error) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return part{}, fmt.Errorf("go env GOROOT: %w", err)
	}
	text, err := readText(filepath.Join(strings.TrimSpace(string(root)), "LICENSE"))
	return part{name: "Go: its runtime and standard library", licence: "BSD-3-Clause", source: "https://go.dev", texts: []string{text}}, err
}

// readText reads a licence. Ends of lines and the space around it don't count.
func readText(path string) (string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	if !utf8.Valid(data) {
		return "", fmt.Errorf("%s is not UTF-8", path)
	}
	lines := strings.Split(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " \t\f")
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n") + "\n", nil
}

var spaces = regexp.MustCompile(`[\s"“”]+`)

// kindOf names a licence by words of its text, "" if it is none that may be linked without
// somebody having read it.
func kindOf(text string) string {
	plain := strings.ToLower(spaces.ReplaceAllString(text, " "))
	has := func(words string) bool { return strings.Contains(plain, words) }
	switch {
	case has("gnu ") && has("general public license"), has("mozilla public license"):
		return "" // conditions that are more than a notice
	case has("apache license version 2.0"):
		return "Apache-2.0"
	case has("permission is hereby granted, free of charge"):
		return "MIT"
	case has("redistribution and use in source and binary forms") && has("neither the name"):
		return "BSD-3-Clause"
	case has("redistribution and use in source and binary forms"):
		return "BSD-2-Clause"
	}
	return ""
}

const header = `THIRD-PARTY NOTICES

vlmchat is under the MIT licence, which is in the file LICENSE. Its executable has parts of others
in it, which are listed here with their licences. The models, pictures and word lists
that are built in were made for vlmchat, and are under its licence.

llama.cpp is no part of vlmchat: 'vlmchat runtime install' fetches it from those who build it, with
its own licences. So are models that you fetch.

This file is made by 'go run ./scripts/notices'.

`

// render writes the file: a table, what the LGPL wants to be said, and each text once.
func render(parts []part) []byte {
	var b bytes.Buffer
	b.WriteString(header)
	for _, p := range parts {
		name := strings.TrimSpace(p.name + " " + p.version)
		if p.within != "" {
			name = "  in its WebAssembly: " + name
		}
		line := "  " + name + " | " + p.licence
		if p.source != "" {
			line += " | " + p.source
		}
		b.WriteString(line + "\n")
	}
	b.WriteString("\n\n" + aboutLGPL)
	var order []string
	owners := map[string][]string{}
	for _, p := range parts {
		for _, text := range p.texts {
			if owners[text] == nil {
				order = append(order, text)
			}
			if name := p.name; len(owners[text]) == 0 || owners[text][len(owners[text])-1] != name {
				owners[text] = append(owners[text], name)
			}
		}
	}
	for _, text := range order {
		fmt.Fprintf(&b, "\n\n%s\n%s\n\n%s", strings.Repeat("=", 80), strings.Join(unique(owners[text]), "\n"), text)
	}
	return b.Bytes()
}

func unique(names []string) []string {
	var some []string
	seen := map[string]bool{}
	for _, name := range names {
		if !seen[name] {
			seen[name] = true
			some = append(some, name)
		}
	}
	return some
}
