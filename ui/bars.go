package ui

import (
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/charmbracelet/colorprofile"

	"github.com/vlmchat/vlmchat/tasks"
	"github.com/vlmchat/vlmchat/termtext"
)

// bars is how well labels fit a picture: a block of the transcript that the model is
// not told of.
type bars struct {
	name   string
	labels []tasks.Labelled
}

// mostBars is how many labels are shown of many.
const mostBars = 10

func (b *bars) version() int { return 0 }

func (b *bars) draw(f frame) []string {
	st, width := f.styles, max(1, f.width-len(indent))
	lines := (&note{text: "Which label fits " + b.name + ":"}).lines(width, st)
	lines = append(lines, st.bars(b.labels, mostBars, width)...)
	if rest := restOf(b.labels, mostBars); rest != "" {
		lines = append(lines, (&note{text: rest}).lines(width, st)...)
	}
	return indented(lines)
}

// bars draws a bar for each label, but for no more than most.
func (st *styles) bars(labels []tasks.Labelled, most, width int) []string {
	shown := labels[:min(most, len(labels))]
	column := 0
	for _, l := range shown {
		column = max(column, st.width(termtext.Line(l.Label)))
	}
	const number = len(" 100%")
	column = max(1, min(column, width/2))
	room := min(40, width-column-number-1) // for a bar; on a very narrow screen there is none
	var lines []string
	for i, l := range shown {
		label := st.cut(termtext.Line(l.Label), column, "…")
		line := label + spaces(column-st.width(label)) + " "
		if room > 0 {
			bar := barOf(l.Probability, room)
			line += st.bar.Render(bar) + spaces(room-st.width(bar))
		}
		line += fmt.Sprintf("%*s", number, percent(l.Probability))
		if i == 0 {
			line = strings.Replace(line, label, st.strong.Render(label), 1)
		}
		lines = append(lines, st.cut(line, width, ""))
	}
	return lines
}

// restOf says what is left out of many labels.
func restOf(labels []tasks.Labelled, most int) string {
	if len(labels) <= most {
		return ""
	}
	return fmt.Sprintf("and %d more, %s at most", len(labels)-most, percent(labels[most].Probability))
}

// DrawBars writes a bar for each label to a terminal of this width and these colours, for
// commands that have no chat. Of more than most, 0 for the usual number, it says how many
// there are.
func DrawBars(w io.Writer, labels []tasks.Labelled, most, width int, profile colorprofile.Profile) error {
	if most == 0 {
		most = mostBars
	}
	st := neutralStyles(profile)
	lines := st.bars(labels, most, width)
	if rest := restOf(labels, most); rest != "" {
		lines = append(lines, st.faint.Render(rest))
	}
	_, err := (&colorprofile.Writer{Forward: w, Profile: profile}).WriteString(strings.Join(lines, "\n") + "\n")
	return err
}

// inWords says the same without bars.
func (b *bars) inWords() string {
	lines := []string{"Which label fits " + b.name + ":"}
	for _, l := range b.labels[:min(mostBars, len(b.labels))] {
		lines = append(lines, termtext.Line(l.Label)+": "+percent(l.Probability))
	}
	if rest := restOf(b.labels, mostBars); rest != "" {
		lines = append(lines, rest)
	}
	return strings.Join(lines, "\n")
}

// barOf draws a part of a whole that is so many cells wide, to an eighth of a cell.
func barOf(part float64, cells int) string {
	eighths := int(math.Round(8 * part * float64(cells)))
	bar := strings.Repeat("█", eighths/8)
	if eighths%8 > 0 {
		bar += string([]rune("▏▎▍▌▋▊▉")[eighths%8-1])
	}
	return bar
}
