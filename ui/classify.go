package ui

import (
	"context"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/tasks"
)

// classify tells which of some labels fits the last picture, or that of a number, as /zoom
// and /crop count them.
func (m *model) classify(argument string) tea.Cmd {
	written := strings.TrimSpace("/classify " + argument)
	shown := m.lastShot()
	if number, rest, ok := strings.Cut(argument, ":"); ok {
		if number = strings.TrimSpace(number); !notNumber(number) {
			shown, argument = m.choosePicture(number), rest
		}
	}
	switch {
	case shown == nil:
		return m.noSuchPicture(written)
	case strings.TrimSpace(argument) == "":
		m.say(&note{text: "Which labels? /classify cat, dog, neither finds the one that fits the last picture, /classify 2: cat, dog that of the number."})
		return nil
	}
	picture, choice := shown.picture, tasks.Choice{Labels: tasks.Labels(argument)}
	likelihood, encoder := tasks.ByLikelihood{Engine: m.tasked()}, m.options.Encoder
	return m.startTask("trying the labels"+stops, func(ctx context.Context, progress tasks.Progress) (func(*model) tea.Cmd, error) {
		if err := picture.Load(ctx); err != nil {
			return nil, err
		}
		var by tasks.Classifier = likelihood
		remark := "" // of the encoder
		if encoder != nil {
			e, err := encoder()
			if err != nil {
				return nil, err
			}
			defer e.Close()
			by = tasks.BySimilarity{Encoder: e}
			space, err := e.Space(ctx)
			if err != nil {
				return nil, err
			}
			remark = space.Note
		}
		found, err := tasks.Classify(ctx, by, []*images.Picture{picture}, choice, progress)
		if err != nil {
			return nil, err
		}
		return func(m *model) tea.Cmd {
			m.sayOnce(remark)
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
