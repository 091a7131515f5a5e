package ui

import "github.com/vlmchat/vlmchat/termtext"

// thought is what a model thinks before it answers: dimmed, above the answer,
// and in none of the requests that follow.
type thought struct {
	shown flow
	clean termtext.Cleaner
}

func (t *thought) add(text string) { t.shown.add(t.clean.Clean(text)) }

// said is the thought's text, safe to draw.
func (t *thought) said() string { return t.shown.text.String() }

func (t *thought) lines(width int, st *styles) []string {
	if t.shown.empty() {
		return nil
	}
	var lines []string
	for _, line := range t.shown.lines(width, st.by) {
		lines = append(lines, st.faint.Render(line))
	}
	return lines
}
