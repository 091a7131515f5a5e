package ui

import (
	"context"
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/tasks"
)

// grounding is how much the words of an answer rest on the pictures. While it is seen
// it stands in place of the answer.
type grounding struct {
	text   string // that was grounded
	words  []tasks.Word
	claims []tasks.Checked // of what it says, asked back
	seen   bool
	// wordless says that the engine does not tell how likely a given text is, so that the
	// claims are all there is.
	wordless bool
}

// mostAskedBack is how many claims a server is asked for, which may be paid for each.
const mostAskedBack = 25

// saysWordless says what there is not.
const saysWordless = "This engine does not tell how likely a given text is, so what each word rests on is not known; the native engine tells it."

// ground shows what the last answer rests on, or that to the message of a number, or
// puts that away.
func (m *model) ground(argument string) tea.Cmd {
	if argument == "" {
		for ex := m.talk.leaf; ex != nil; ex = ex.parent {
			if ex.answer.said() != "" {
				return m.groundAnswer(ex)
			}
		}
		m.say(&note{text: "There is no answer yet whose words could rest on a picture."})
		return nil
	}
	if ex := m.numbered(argument); ex != nil {
		return m.groundAnswer(ex)
	}
	return nil
}

// groundAnswer shows what the answer of an exchange rests on, or puts that away.
func (m *model) groundAnswer(ex *exchange) tea.Cmd {
	a := ex.answer
	text := a.said()
	if g := a.ground; g != nil && g.text == text && !m.plain {
		g.seen = !g.seen
		a.changes++
		return nil
	}
	messages := m.talk.messages(ex)
	switch {
	case strings.TrimSpace(text) == "" || !a.over():
		m.say(&note{text: "The answer is not there yet."})
		return nil
	case len(engine.Pictures(messages)) == 0:
		m.say(&note{text: "There is no picture in the conversation up to this answer, so it rests on none."})
		return nil
	}
	e := m.tasked()
	return m.startTask("asking what the answer rests on"+stops, func(ctx context.Context, progress tasks.Progress) (func(*model) tea.Cmd, error) {
		messages := withPixels(ctx, messages)
		g, claims := &grounding{text: text, seen: true}, tasks.Claims(text)
		var found *tasks.Grounding
		if _, tells := e.(engine.Scorer); tells || len(claims) == 0 {
			of, err := tasks.Ground(ctx, e, messages, text, progress)
			if err != nil {
				return nil, err
			}
			found, g.words = &of, of.Words
		}
		if found == nil {
			g.wordless, claims = true, claims[:min(len(claims), mostAskedBack)]
		}
		var err error
		if g.claims, err = tasks.Check(ctx, e, engine.PictureParts(engine.Pictures(messages)...), claims, found, progress); err != nil {
			return nil, err
		}
		return func(m *model) tea.Cmd {
			a.ground = g
			a.changes++
			if m.plain {
				m.say(&note{text: a.ground.inWords()})
			}
			return nil
		}, nil
	})
}

// What the levels mean, for the line below the words.
const (
	saysSeen         = "rests on the picture"
	saysGuessed      = "said without it too"
	saysContradicted = "the picture says otherwise"
)

// lines draws the words, what the picture speaks against in brackets, and what the
// looks of the others mean; below them the claims that are not supported.
func (g *grounding) lines(width int, st *styles) []string {
	lines := g.wordLines(width, st)
	if len(g.claims) == 0 {
		return lines
	}
	doubtful := slices.DeleteFunc(slices.Clone(g.claims), func(c tasks.Checked) bool { return c.Verdict == tasks.ClaimSupported })
	return append(append(append(lines, ""), st.claimLines(doubtful, width)...), st.wrap(st.faint.Render(g.supported(len(doubtful))), width)...)
}

// supported says how many claims are, of those that were asked back.
func (g *grounding) supported(doubtful int) string {
	switch n := len(g.claims); {
	case doubtful > 0:
		return fmt.Sprintf("Asked back, the picture supports %d of %s.", n-doubtful, plural(n, "claim"))
	case n == 1:
		return "Asked back, the picture supports the only claim."
	default:
		return fmt.Sprintf("Asked back, the picture supports all %d claims.", n)
	}
}

// wordLines draws the words, and what their looks mean.
func (g *grounding) wordLines(width int, st *styles) []string {
	var text strings.Builder
	at := 0
	for _, w := range g.words {
		text.WriteString(g.text[at:w.Start])
		style := st.groundStyle(w)
		word := g.text[w.Start:w.End]
		if w.Support() == tasks.Contradicted {
			word = "[" + word + "]"
		}
		text.WriteString(style.Render(word))
		at = w.End
	}
	text.WriteString(g.text[at:])
	lines := trimBlank(st.wrap(text.String(), width))
	if g.wordless {
		return append(append(lines, ""), st.wrap(st.faint.Render(saysWordless), width)...)
	}
	legend := strings.Join([]string{
		st.stronglySeen.Render(saysSeen), st.guessed.Render(saysGuessed), st.contradicted.Render("[" + saysContradicted + "]"),
	}, st.faint.Render(dot))
	return append(append(lines, ""), st.wrap(legend, width)...)
}

func (st *styles) groundStyle(w tasks.Word) lipgloss.Style {
	switch {
	case w.Weight >= tasks.StronglySeen:
		return st.stronglySeen
	case w.Support() == tasks.Seen:
		return st.seen
	case w.Support() == tasks.Contradicted:
		return st.contradicted
	}
	return st.guessed
}

// inWords says what lines shows, for who sees no looks.
func (g *grounding) inWords() string {
	var seen, against []string
	for _, w := range g.words {
		word := g.text[w.Start:w.End]
		switch w.Support() {
		case tasks.Seen:
			if !slices.Contains(seen, word) {
				seen = append(seen, word)
			}
		case tasks.Contradicted:
			against = append(against, word)
		}
	}
	list := func(words []string) string {
		if len(words) == 0 {
			return "no word"
		}
		return strings.Join(words, ", ")
	}
	text := fmt.Sprintf("Rests on the picture: %s.\nThe picture speaks against: %s.\nThe rest would be said without it.", list(seen), list(against))
	if g.wordless {
		text = saysWordless
	}
	doubtful := 0
	for _, c := range g.claims {
		if c.Verdict != tasks.ClaimSupported {
			doubtful++
			text += fmt.Sprintf("\n%s: %s.", strings.ToUpper(string(c.Verdict[:1]))+string(c.Verdict[1:]), c.Text)
		}
	}
	if len(g.claims) > 0 {
		text += "\n" + g.supported(doubtful)
	}
	return text
}
