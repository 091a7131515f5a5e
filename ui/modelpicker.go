package ui

import (
	"context"
	"slices"
	"strings"

	"github.com/vlmchat/vlmchat/engine"
)

// findModels returns what finds the models that one can go on with: those of what
// answers now, then those of other backends that are at hand. Those that are blind are
// last while the conversation has pictures.
func (m *model) findModels() fetch {
	s, pictures := m.setup, len(m.pictures()) > 0
	current := []string{s.Model}
	if m.status.info != nil {
		current = append(current, m.status.info.Model)
	}
	here := s.Backend
	if m.status.info != nil && m.status.info.Host != "" {
		here += " at " + m.status.info.Host
	}
	return func(ctx context.Context, found func(...entry)) error {
		all, err := s.models(ctx)
		for i, info := range all {
			e := modelEntry(info, pictures)
			e.value = To{Model: info.Name}
			e.current = isCalled(info.Name, current) && !slices.ContainsFunc(all[:i], func(before engine.ModelInfo) bool { return isCalled(before.Name, current) })
			if s.Elsewhere != nil && e.section == "" {
				e.section = here
			}
			found(e)
		}
		if s.Fetcher != nil {
			for _, o := range s.Fetcher.Offers() {
				found(entry{name: o.Name, about: o.About, section: "to be fetched", value: absent{o.Name, o.About}})
			}
		}
		if s.Elsewhere == nil {
			return err
		}
		for _, place := range s.Elsewhere(ctx) {
			for _, info := range place.Models {
				e := modelEntry(info, pictures)
				e.value = To{Backend: place.Backend, Model: info.Name}
				if e.section == "" {
					e.section = place.Name
				}
				found(e)
			}
		}
		return err
	}
}

// modelEntry is a model to be picked. One that can't see is of no use to a
// conversation with pictures.
func modelEntry(info engine.ModelInfo, pictures bool) entry {
	e := entry{name: info.Name, about: aboutModel(info)}
	if pictures && info.Vision != nil && !*info.Vision {
		e.unfit, e.section = true, "can't see the pictures of this conversation"
	}
	return e
}

// aboutModel says what a model can do and how large it is, what matters most first.
func aboutModel(m engine.ModelInfo) string {
	var all []string
	add := func(is bool, text string) {
		if is && text != "" {
			all = append(all, text)
		}
	}
	if m.Vision != nil {
		add(true, map[bool]string{true: "sees", false: "blind"}[*m.Vision])
	}
	add(m.Thinking, "thinks")
	add(m.Loaded, "loaded")
	add(m.Remote != "", "runs at "+m.Remote)
	add(true, m.Parameters)
	add(true, m.Quantization)
	if m.Size > 0 {
		add(true, bytesOf(m.Size))
	}
	if m.ContextSize > 0 {
		add(true, count(m.ContextSize)+" context")
	}
	return strings.Join(all, dot)
}

// isCalled reports whether a model of a list is one that has one of some names: what
// engines call a model may be less than what its list says.
func isCalled(listed string, names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		return name != "" && (listed == name || listed == name+latest || fileName(listed) == name)
	})
}

// fileName is what engines call a model whose server lists it by the whole path of
// its file, "" for any other.
func fileName(name string) string {
	if !strings.HasSuffix(name, ".gguf") {
		return ""
	}
	return name[strings.LastIndexAny(name, `/\`)+1:]
}
