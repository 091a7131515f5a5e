package ui

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/sessions"
	"github.com/vlmchat/vlmchat/termimg"
	"github.com/vlmchat/vlmchat/termtext"
	"github.com/vlmchat/vlmchat/ui/markdown"
)

// gallery is the preview of conversations: their last words and some of their pictures.
type gallery struct {
	seen map[string]glancedMsg // by the sessions' IDs
}

// glancedMsg is what a preview shows of a conversation.
type glancedMsg struct {
	into  *gallery
	id    string
	of    sessions.Glance
	shots []*shot
	err   error
}

// mostThumbnails is how many pictures a preview has at most.
const mostThumbnails = 2

// look reads what there is to see of a conversation.
func (g *gallery) look(m *model, e entry) tea.Cmd {
	id := hitOf(e).ID
	if _, known := g.seen[id]; known {
		return nil
	}
	k, ctx := m.keeper, m.ctx
	return func() tea.Msg {
		msg := glancedMsg{into: g, id: id}
		msg.err = k.look(func(s *sessions.Store) (err error) {
			msg.of, err = s.Glance(ctx, id)
			for _, p := range msg.of.Pictures[:min(len(msg.of.Pictures), mostThumbnails)] {
				shot := m.shotFrom(p)
				shot.small(ctx, s)
				msg.shots = append(msg.shots, shot)
			}
			return err
		})
		return msg
	}
}

// mostSaid is how many characters of an answer there may be room for.
const mostSaid = 4000

func (g *gallery) glanced(msg glancedMsg) { g.seen[msg.id] = msg }

// draw shows where the words were found that are looked for, and the last question and what
// was answered, below the pictures.
func (g *gallery) draw(e entry, f frame, height int) panel {
	var out panel
	st := f.styles
	s := hitOf(e)
	out.lines = append(out.lines, st.strong.Render(st.cut(termtext.Line(s.Title), f.width, "…")))
	named := []string{s.ID}
	if len(s.Tags) > 0 {
		named = append(named, hashed(s.Tags))
	}
	for _, about := range [][]string{aboutSession(&s.Session, time.Now()), append(named, s.Models...)} {
		out.lines = append(out.lines, st.faint.Render(st.cut(termtext.Line(strings.Join(about, dot)), f.width, "…")))
	}
	if s.Snippet != "" {
		out.lines = append(out.lines, st.cut(termtext.Line(s.Snippet), f.width, "…"))
	}
	msg, known := g.seen[s.ID]
	switch {
	case !known:
		return out
	case msg.err != nil:
		text, _ := explain(msg.err)
		out.lines = append(out.lines, (&note{text: text, bad: true}).lines(f.width, st)...)
		return out
	}
	const words = 6 // lines, for what was said
	inner := f
	inner.pictureRows = max(1, min(f.pictureRows, (height-len(out.lines)-words)/max(1, len(msg.shots))))
	for _, s := range msg.shots {
		if height-len(out.lines)-words < 2 {
			break
		}
		lines, h := s.draw(inner)
		if h.image != nil {
			h.row = len(out.lines)
			h.seen = termimg.Rows{From: 0, To: len(h.lines)}
			out.hung = append(out.hung, h)
		}
		out.lines = append(out.lines, lines...)
	}
	width := max(1, f.width-len(indent))
	if asked := strings.TrimSpace(msg.of.Asked); asked != "" {
		lines := st.wrap(termtext.Sanitize(asked), width)
		for _, line := range lines[:min(len(lines), words/2)] {
			out.lines = append(out.lines, bar+line)
		}
	}
	var said markdown.Stream
	said.Add(firstRunes(msg.of.Said, mostSaid))
	said.End()
	if !said.Empty() {
		for _, line := range said.Lines(width, st.reading) {
			out.lines = append(out.lines, indent+line)
		}
	}
	out.lines = out.lines[:min(len(out.lines), max(0, height))]
	return out
}
