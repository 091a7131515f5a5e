package ui

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/tasks"
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
	picture, choice := pictures[at], tasks.Choice{Labels: tasks.Labels(argument)}
	likelihood, encoder := tasks.ByLikelihood{Engine: m.tasked()}, m.options.Encoder
	return m.startTask("trying the labels"+stops, func(ctx context.Context, progress tasks.Progress) (func(*model) tea.Cmd, error) {
		if err := picture.Load(ctx); err != nil {
			return nil, err
		}
		var by tasks.Classifier = likelihood
		if encoder != nil {
			e, err := encoder()
			if err != nil {
				return nil, err
			}
			defer e.Close()
			by = tasks.BySimilarity{Encoder: e}
		}
		found, err := tasks.Classify(ctx, by, []*images.Picture{picture}, choice, progress)
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
