package ui

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/tasks"
	"github.com/vlmchat/vlmchat/termtext"
)

// classify tells which of some labels fits the last picture, or that of a number.
func (m *model) classify(argument string) tea.Cmd {
	pictures := m.pictures()
	at := len(pictures) - 1
	if number, rest, ok := strings.Cut(argument, ":"); ok {
		if n, err := strconv.Atoi(strings.TrimSpace(number)); err == nil {
			if n < 1 || n > len(pictures) {
				m.say(&note{text: fmt.Sprintf("There is no picture %d: there are %d in this conversation.", n, len(pictures))})
				return nil
			}
			at, argument = n-1, rest
		}
	}
	switch {
	case len(pictures) == 0:
		m.say(&note{text: "There is no picture yet to find a label for.", hint: "/attach PATH adds one."})
		return nil
	case strings.TrimSpace(argument) == "":
		m.say(&note{text: "Which labels? /classify cat, dog, neither finds the one that fits the last picture, /classify 2: cat, dog the second one's."})
		return nil
	}
	picture, labels, e := pictures[at], tasks.Labels(argument), m.scoring()
	return m.startTask("trying the labels"+stops, func(ctx context.Context, progress tasks.Progress) (func(*model) tea.Cmd, error) {
		if err := picture.Load(ctx); err != nil {
			return nil, err
		}
		found, err := tasks.Classify(ctx, tasks.ByLikelihood{Engine: e}, []*images.Picture{picture}, labels, 0, progress)
		if err != nil {
			return nil, err
		}
		return func(m *model) tea.Cmd {
			b := &bars{name: shortName(picture.Source), labels: found[0]}
			if m.plain {
				m.say(&note{text: b.inWords()})
				return nil
			}
			m.transcript.add(b)
			m.transcript.show(b)
			return nil
		}, nil
	})
}

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
	shown, rest := b.labels[:min(mostBars, len(b.labels))], b.rest()
	column := 0
	for _, l := range shown {
		column = max(column, st.width(termtext.Line(l.Label)))
	}
	const number = len(" 100%")
	column = max(1, min(column, width/2))
	room := min(40, width-column-number-1) // for a bar; on a very narrow screen there is none
	lines := (&note{text: "Which label fits " + b.name + ":"}).lines(width, st)
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
	if rest != "" {
		lines = append(lines, (&note{text: rest}).lines(width, st)...)
	}
	return indented(lines)
}

// rest says what is left out.
func (b *bars) rest() string {
	if len(b.labels) <= mostBars {
		return ""
	}
	sum := 0.0
	for _, l := range b.labels[mostBars:] {
		sum += l.Probability
	}
	return fmt.Sprintf("and %d more, %s together", len(b.labels)-mostBars, percent(sum))
}

// inWords says the same without bars.
func (b *bars) inWords() string {
	lines := []string{"Which label fits " + b.name + ":"}
	for _, l := range b.labels[:min(mostBars, len(b.labels))] {
		lines = append(lines, termtext.Line(l.Label)+": "+percent(l.Probability))
	}
	if rest := b.rest(); rest != "" {
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

// percent writes a probability.
func percent(p float64) string {
	if p > 0 && p < 0.005 {
		return "<1%"
	}
	return fmt.Sprintf("%.0f%%", 100*p)
}
