package ui

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/engine"
)

// kind is what can be chosen in the middle of a conversation.
type kind string

const (
	backends kind = "backend"
	models   kind = "model"
	profiles kind = "profile"
)

// lookup is a list that is being asked for.
type lookup struct {
	kind   kind
	cancel context.CancelFunc
}

// listedMsg is the list that came.
type listedMsg struct {
	lookup *lookup
	turn   int
	list   *list
	err    error
}

func (m *model) chooseBackend(argument string) tea.Cmd {
	name := firstWord(argument)
	model := strings.TrimSpace(argument[len(name):])
	return m.choose(backends, name, func(name string) To { return To{Backend: name, Model: model} })
}

func (m *model) chooseModel(argument string) tea.Cmd {
	return m.choose(models, argument, func(name string) To { return To{Model: name} })
}

func (m *model) chooseProfile(argument string) tea.Cmd {
	return m.choose(profiles, argument, func(name string) To { return To{Profile: name} })
}

// choose switches to what was named, or lists what there is.
func (m *model) choose(k kind, written string, to func(name string) To) tea.Cmd {
	if written == "" {
		return m.lookUp(k)
	}
	if n, err := strconv.Atoi(written); err == nil {
		// A number is about the list that the person has seen.
		l := m.lists[k]
		if l == nil || n < 1 || n > len(l.entries) {
			m.say(&note{text: fmt.Sprintf("There is no number %d in a list of %ss.", n, k), hint: fmt.Sprintf("/%s lists them.", k)})
			return nil
		}
		name := l.entries[n-1].Name
		return m.switchTo(name, func(context.Context) (To, error) { return to(name), nil })
	}
	if l := m.lists[k]; l != nil && l.has(written) {
		return m.switchTo(written, func(context.Context) (To, error) { return to(written), nil })
	}
	fetch := m.fetch(k)
	return m.switchTo(written, func(ctx context.Context) (To, error) {
		l, err := fetch(ctx)
		if err != nil {
			// Whatever keeps the list from us need not keep the thing itself.
			return to(written), ctx.Err()
		}
		name, err := l.find(written)
		return to(name), err
	})
}

// lookUp asks for a list.
func (m *model) lookUp(k kind) tea.Cmd {
	if m.lookup != nil {
		m.lookup.cancel()
	}
	ctx, cancel := context.WithCancel(m.ctx)
	asked, turn, fetch := &lookup{k, cancel}, m.turn, m.fetch(k)
	m.lookup = asked
	m.idle()
	return func() tea.Msg {
		defer cancel()
		l, err := fetch(ctx)
		return listedMsg{asked, turn, l, err}
	}
}

// listed shows a list that came.
func (m *model) listed(msg listedMsg) {
	if msg.lookup != m.lookup || msg.turn != m.turn {
		return
	}
	m.lookup = nil
	defer m.idle()
	if msg.err != nil {
		m.complain(msg.err)
		return
	}
	m.lists[msg.lookup.kind] = msg.list
	m.transcript.add(msg.list)
	m.transcript.show(msg.list)
}

// fetch returns what makes a list, outside the chat's goroutine.
func (m *model) fetch(k kind) func(context.Context) (*list, error) {
	s, o := m.setup, m.options
	switch k {
	case backends:
		return func(context.Context) (*list, error) { return newList(k, o.Backends, s.Backend), nil }
	case profiles:
		return func(context.Context) (*list, error) {
			if o.Profiles == nil {
				return newList(k, nil, ""), nil
			}
			all, err := o.Profiles()
			return newList(k, all, s.Profile), err
		}
	}
	current := []string{s.Model}
	if m.status.info != nil {
		current = append(current, m.status.info.Model)
	}
	return func(ctx context.Context) (*list, error) {
		all, err := s.models(ctx)
		if err != nil {
			return nil, err
		}
		var named []Named
		for _, info := range all {
			named = append(named, Named{info.Name, aboutModel(info)})
		}
		return newList(k, named, current...), nil
	}
}

// aboutModel says whether a model sees, and how large it is.
func aboutModel(m engine.ModelInfo) string {
	var all []string
	if m.Vision != nil {
		all = append(all, map[bool]string{true: "sees", false: "blind"}[*m.Vision])
	}
	if m.Size > 0 {
		all = append(all, bytesOf(m.Size))
	}
	if m.Parameters != "" {
		all = append(all, m.Parameters)
	}
	return strings.Join(all, dot)
}

// bytesOf writes a size as Ollama and file managers do, in powers of ten.
func bytesOf(n int64) string {
	const mega, giga = 1e6, 1e9
	if n >= giga {
		return fmt.Sprintf("%.1f GB", float64(n)/giga)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/mega)
}

// latest is what Ollama adds to a name without a tag.
const latest = ":latest"

// find returns the name that the person means: itself, or the only one that
// begins so. What is not in the list may be there nevertheless, but for backends.
func (l *list) find(written string) (string, error) {
	if l.has(written) {
		return written, nil
	}
	if l.has(written + latest) {
		return written + latest, nil
	}
	var found []string
	for _, e := range l.entries {
		if strings.HasPrefix(strings.ToLower(e.Name), strings.ToLower(written)) {
			found = append(found, e.Name)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		const most = 5
		names := strings.Join(found[:min(len(found), most)], ", ")
		if len(found) > most {
			names += fmt.Sprintf(" and %d more", len(found)-most)
		}
		return "", &engine.Error{Kind: engine.BadOption, Message: fmt.Sprintf("Several %ss begin with %s: %s.", l.kind, written, names),
			Hint: "Write more of the name."}
	case l.kind == backends:
		return "", &engine.Error{Kind: engine.BadOption, Message: fmt.Sprintf("There is no backend %s.", written), Hint: "/backend lists them."}
	}
	return written, nil
}

func (l *list) has(name string) bool {
	return slices.ContainsFunc(l.entries, func(e Named) bool { return e.Name == name })
}
