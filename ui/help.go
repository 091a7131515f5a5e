package ui

import (
	"strings"
)

// helpLines lists commands and keys. On a narrow screen what a key does stands
// under it. Without a blank line the whole fits on 24 lines, a picture waiting.
func helpLines(width int, st *styles) []string {
	lines := []string{st.strong.Render("Commands")}
	for _, c := range commands {
		if c.usage != "" {
			lines = append(lines, helpEntry(c.usage, c.does, width, st)...)
		}
	}
	lines = append(lines, st.strong.Render("Keys"))
	for _, b := range keys.shown() {
		lines = append(lines, helpEntry(b.Help().Key, b.Help().Desc, width, st)...)
	}
	return lines
}

const helpColumn = 22

func helpEntry(name, does string, width int, st *styles) []string {
	if width < helpColumn+24 {
		lines := []string{st.cut(name, width, "…")}
		for _, line := range st.wrap(does, max(1, width-2)) {
			lines = append(lines, "  "+st.faint.Render(line))
		}
		return lines
	}
	pad := helpColumn - st.width(name)
	var lines []string
	for i, line := range st.wrap(does, width-helpColumn) {
		if i == 0 {
			lines = append(lines, name+spaces(pad)+st.faint.Render(line))
		} else {
			lines = append(lines, spaces(helpColumn)+st.faint.Render(line))
		}
	}
	return lines
}

func spaces(n int) string { return strings.Repeat(" ", max(0, n)) }
