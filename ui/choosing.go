package ui

import (
	"context"
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/engine"
)

// kind is what can be chosen in the middle of a conversation. It is the name of the
// command that chooses it, too.
type kind string

const (
	backends kind = "backend"
	models   kind = "model"
	profiles kind = "profile"
)

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

// choose switches to what was named, or lets the person pick from what there is.
func (m *model) choose(k kind, written string, to func(name string) To) tea.Cmd {
	if written == "" {
		return m.openPicker(m.picking(k))
	}
	if cmd, isNumber := m.pickNumber(string(k), written); isNumber {
		return cmd
	}
	just := func(context.Context) (To, error) { return to(written), nil }
	if p := m.shown[string(k)]; p != nil && slices.ContainsFunc(p.entries, func(e entry) bool { return e.value == to(written) }) {
		return m.switchTo(written, just)
	}
	names, missing := m.names(k), m.missing(k)
	return m.switchTo(written, func(ctx context.Context) (To, error) {
		all, err := names(ctx)
		if err != nil {
			// Whatever keeps the list from us need not keep the thing itself.
			return to(written), ctx.Err()
		}
		name, err := meant(k, all, written)
		if err == nil && !slices.Contains(all, name) {
			err = missing(name)
		}
		return to(name), err
	})
}

// missing returns what tells, outside the chat's goroutine, that something that is in no list
// would have to be fetched first.
func (m *model) missing(k kind) func(name string) error {
	_, pulls := m.setup.Engine.(engine.Puller)
	fetcher := m.setup.Fetcher
	return func(name string) error {
		switch {
		case k != models:
		case pulls:
			return &absent{name: name}
		case fetcher != nil:
			if about, absently := fetcher.Absent(name); absently {
				return &absent{name, about}
			}
		}
		return nil
	}
}

// picking makes the picker of a kind.
func (m *model) picking(k kind) *picker {
	p := &picker{
		heading: map[kind]string{backends: "Backends", models: "Models", profiles: "Profiles"}[k],
		command: string(k),
		does:    "goes on with it",
		empty:   fmt.Sprintf("There are no %ss.", k),
		doing:   fmt.Sprintf("listing the %ss", k),
		pick: func(m *model, e entry) tea.Cmd {
			if about, offered := e.value.(absent); offered {
				return m.openFetching(m.pulling(about.name))
			}
			to := e.value.(To)
			return m.switchTo(e.name, func(context.Context) (To, error) { return to, nil })
		},
	}
	switch s, o := m.setup, m.options; k {
	case backends:
		for _, b := range o.Backends {
			p.entries = append(p.entries, entry{name: b.Name, about: b.About, current: b.Name == s.Backend, value: To{Backend: b.Name}})
		}
	case profiles:
		p.empty += " One is a part [profiles.NAME] of the configuration file."
		if o.Profiles == nil {
			break
		}
		p.fetch = func(_ context.Context, found func(...entry)) error {
			all, err := o.Profiles()
			for _, n := range all {
				found(entry{name: n.Name, about: n.About, current: n.Name == s.Profile, value: To{Profile: n.Name}})
			}
			return err
		}
	case models:
		p.write, p.writes = (*model).chooseModel, "takes"
		if m.puller() != nil {
			p.write, p.writes = (*model).pull, "fetches"
		}
		p.fetch = m.findModels()
	}
	return p
}

// names returns what lists the names of a kind, outside the chat's goroutine.
func (m *model) names(k kind) func(context.Context) ([]string, error) {
	s, o := m.setup, m.options
	return func(ctx context.Context) (names []string, err error) {
		switch k {
		case models:
			var all []engine.ModelInfo
			all, err = s.models(ctx)
			for _, info := range all {
				names = append(names, info.Name)
			}
		case backends:
			for _, b := range o.Backends {
				names = append(names, b.Name)
			}
		case profiles:
			if o.Profiles == nil {
				break
			}
			var all []Named
			all, err = o.Profiles()
			for _, n := range all {
				names = append(names, n.Name)
			}
		}
		return names, err
	}
}

// latest is what Ollama adds to a name without a tag.
const latest = ":latest"

// meant returns the name that the person means: itself, or the only one that begins
// so. What is not in the list may be there nevertheless, but for backends.
func meant(k kind, names []string, written string) (string, error) {
	for _, name := range []string{written, written + latest} {
		if slices.Contains(names, name) {
			return name, nil
		}
	}
	var found []string
	for _, name := range names {
		if strings.HasPrefix(strings.ToLower(name), strings.ToLower(written)) {
			found = append(found, name)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		const most = 5
		some := strings.Join(found[:min(len(found), most)], ", ")
		if len(found) > most {
			some += fmt.Sprintf(" and %d more", len(found)-most)
		}
		return "", &engine.Error{Kind: engine.BadOption, Message: fmt.Sprintf("Several %ss begin with %s: %s.", k, written, some),
			Hint: "Write more of the name."}
	case k == backends:
		return "", &engine.Error{Kind: engine.BadOption, Message: fmt.Sprintf("There is no backend %s.", written), Hint: "/backend lists them."}
	}
	return written, nil
}
