package ui

import (
	"context"
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/termimg"
	"github.com/vlmchat/vlmchat/termtext"
)

// Pictures of a conversation that was read from the store are loaded when they come
// into view, or a model is to see them: a conversation opens as fast with a thousand of
// them as with none.

// loadedMsg is a picture that was loaded, or why it can't be.
type loadedMsg struct {
	late  lateShot
	image *termimg.Image
	err   error
}

// lateShotOf makes a shot of a picture that is yet to be loaded.
func lateShotOf(p *images.Picture) *shot {
	source := p.Source
	if of, _ := p.Part(); of != "" {
		source = of
	}
	return &shot{picture: p, name: shortName(source)}
}

// stand draws what is seen in the place of a picture that is not there: lines as high
// as it will be, so that nothing jumps when it comes.
func (s *shot) stand(f frame) []string {
	s.wanted = true
	cols, rows := termimg.Later(s.picture.Width, s.picture.Height, nil).Size(min(f.width, maxPictureCols), f.pictureRows, f.terminal)
	if cols == 0 {
		return nil
	}
	lines := make([]string, rows)
	text := "…"
	if s.lost != "" {
		text = "✗ " + s.lost
	}
	for i, line := range f.styles.wrap(termtext.Line(text), f.width) {
		if i < rows {
			lines[i] = f.styles.faint.Render(line)
		}
	}
	return lines
}

// loadSeen loads the pictures that have come into view.
func (m *model) loadSeen() tea.Cmd {
	if len(m.late) == 0 || m.plain {
		return nil
	}
	m.transcript.view() // which asks for what is in it
	var commands []tea.Cmd
	m.late = slices.DeleteFunc(m.late, func(late lateShot) bool {
		if late.shot.wanted {
			commands = append(commands, late.load(m.ctx))
		}
		return late.shot.wanted
	})
	return tea.Batch(commands...)
}

// load is a command that loads a picture to be seen.
func (l lateShot) load(ctx context.Context) tea.Cmd {
	p := l.shot.picture
	return func() tea.Msg {
		if err := p.Load(ctx); err != nil {
			return loadedMsg{late: l, err: err}
		}
		return loadedMsg{late: l, image: termimg.New(p.RGB(), p.Width, p.Height)}
	}
}

// loaded shows a picture, or why there is none.
func (m *model) loaded(msg loadedMsg) {
	s := msg.late.shot
	if msg.err != nil {
		s.lost = msg.err.Error()
	} else {
		s.image = msg.image
	}
	msg.late.of.changes++
}

// withPixels loads the pictures of a conversation that a model is to see. One that is
// lost becomes words: the rest of the conversation is still of use.
func withPixels(ctx context.Context, messages []engine.Message) []engine.Message {
	all := slices.Clone(messages)
	for i, message := range all {
		all[i].Parts = slices.Clone(message.Parts)
		for j, part := range all[i].Parts {
			if part.Picture != nil && part.Picture.Load(ctx) != nil && ctx.Err() == nil {
				all[i].Parts[j] = engine.Part{Text: "(Here was a picture, which is lost.)"}
			}
		}
	}
	return all
}

// withoutLost loads pictures, and leaves out those that are lost.
func withoutLost(ctx context.Context, pictures []*images.Picture) []*images.Picture {
	return slices.DeleteFunc(slices.Clone(pictures), func(p *images.Picture) bool { return p.Load(ctx) != nil })
}
