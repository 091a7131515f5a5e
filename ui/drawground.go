package ui

import (
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/colorprofile"

	"github.com/vlmchat/vlmchat/tasks"
	"github.com/vlmchat/vlmchat/termtext"
)

// DrawGround writes to a terminal of this width and these colours how much the words of an
// answer rest on the pictures, as /ground does, and what became of its claims, for commands
// that have no chat. found is nil where nothing is known of the words.
func DrawGround(w io.Writer, answer string, found *tasks.Grounding, claims []tasks.Checked, width int, profile colorprofile.Profile) error {
	st := neutralStyles(profile)
	lines := st.wrap(answer, width)
	if found != nil {
		lines = (&grounding{text: answer, words: found.Words}).wordLines(width, st)
	}
	if len(claims) > 0 {
		lines = append(append(lines, ""), st.claimLines(claims, width)...)
	}
	_, err := (&colorprofile.Writer{Forward: w, Profile: profile}).WriteString(strings.Join(lines, "\n") + "\n")
	return err
}

// claimMarks begin the line of a claim.
var claimMarks = map[tasks.Verdict]string{tasks.ClaimSupported: "✓", tasks.ClaimGuessed: "?", tasks.ClaimContradicted: "✗"}

// told writes how probable a claim is to the model, and the weight of its weakest word.
func told(c tasks.Checked) string {
	text := fmt.Sprintf("%4s", c.Probe.Said)
	switch {
	case c.Moot:
		text = "   –"
	case c.Probe.Probability != nil:
		text = fmt.Sprintf("%4s", percent(*c.Probe.Probability))
	}
	if c.Least != nil {
		text += fmt.Sprintf("  %+.1f", orZero(*c.Least, 1))
	}
	return text
}

// claimLines draws a line for each claim: what came of it, how probable it is to the model,
// the weight of its word that rests least on the pictures.
func (st *styles) claimLines(claims []tasks.Checked, width int) []string {
	column := 0
	for _, c := range claims {
		column = max(column, st.width(termtext.Line(c.Text)))
	}
	const rest = len("✗  contradicted  100%  -10.0") // in bytes, which is more than in cells
	column = max(8, min(column, width-rest))
	var lines []string
	for _, c := range claims {
		style := map[tasks.Verdict]func(...string) string{
			tasks.ClaimSupported: st.seen.Render, tasks.ClaimGuessed: st.guessed.Render, tasks.ClaimContradicted: st.contradicted.Render,
		}[c.Verdict]
		text := st.cut(termtext.Line(c.Text), column, "…")
		line := style(claimMarks[c.Verdict]) + " " + text + spaces(column-st.width(text)) + "  " + style(string(c.Verdict)) + spaces(len(tasks.ClaimContradicted)-len(c.Verdict)) + "  " + told(c)
		lines = append(lines, st.cut(strings.TrimRight(line, " "), width, ""))
	}
	return lines
}
