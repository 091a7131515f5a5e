package ui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// tab is what a tab becomes: terminals would move to their own stops, which
// nothing here could measure.
const tab = "    "

// measure is how many cells a text takes in this terminal: a Chinese character or
// an emoji takes two, and on what is joined of several characters, like a family,
// terminals differ.
type measure = ansi.Method

// wrap breaks sanitized text into lines of at most width cells, between words
// where it can.
func wrap(text string, width int, by measure) []string {
	text = strings.ReplaceAll(text, "\t", tab)
	lines := strings.Split(by.Wrap(text, max(1, width), ""), "\n")
	for i, line := range lines {
		// A space that a line ends with may stand beyond the width, and a
		// wide character beyond a width of one.
		lines[i] = cut(strings.TrimRight(line, " "), width, "", by)
	}
	return lines
}

// cut shortens text (styled or not) to width cells, tail included where something
// was cut off.
func cut(text string, width int, tail string, by measure) string {
	if by.StringWidth(text) <= width {
		return text
	}
	// Truncate returns early what would fit if joined characters were counted
	// as one; blanks behind it make sure that nothing does.
	return by.Truncate(text+spaces(width+1), max(0, width), tail)
}

// flow is a text that grows at its end and is wrapped at each step: only what
// follows the last newline is wrapped anew.
type flow struct {
	text  strings.Builder
	width int
	by    measure
	done  []string // the lines of text[:upTo]
	upTo  int
}

func (f *flow) add(s string) { f.text.WriteString(s) }

func (f *flow) empty() bool { return f.text.Len() == 0 }

// lines returns the text in lines of at most width cells, without blank ones at
// either end.
func (f *flow) lines(width int, by measure) []string {
	if f.width != width || f.by != by {
		f.width, f.by, f.done, f.upTo = width, by, nil, 0
	}
	text := f.text.String()
	if i := strings.LastIndexByte(text[f.upTo:], '\n'); i >= 0 {
		f.done = append(f.done, wrap(text[f.upTo:f.upTo+i], width, by)...)
		f.upTo += i + 1
	}
	lines := append(f.done[:len(f.done):len(f.done)], wrap(text[f.upTo:], width, by)...)
	return trimBlank(lines)
}

func trimBlank(lines []string) []string {
	for len(lines) > 0 && lines[0] == "" {
		lines = lines[1:]
	}
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}
