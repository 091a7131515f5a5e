package ui

import (
	"context"
	"slices"

	tea "charm.land/bubbletea/v2"
)

// fetch finds the entries of a picker, outside the chat's goroutine, and hands them
// over as they come.
type fetch func(ctx context.Context, found func(...entry)) error

// search is a fetch that is under way.
type search struct {
	picker *picker
	cancel context.CancelFunc
	finds  chan find
	doing  activity
}

// find is something that a search came upon.
type find struct {
	entries []entry
	err     error
}

// foundMsg is what a search has found within a frame.
type foundMsg struct {
	search *search
	find
	ended bool // nothing will come after this
}

// startSearch begins to fetch a picker's entries, if it has to.
func (m *model) startSearch(p *picker) tea.Cmd {
	if p.fetch == nil {
		return nil
	}
	m.stopSearch()
	ctx, cancel := context.WithCancel(m.ctx)
	s := &search{picker: p, cancel: cancel, finds: make(chan find)}
	s.doing.set(p.doing, 0)
	p.search, m.search = s, s
	m.idle()
	fetch := p.fetch
	return tea.Batch(s.next, func() tea.Msg {
		defer close(s.finds)
		defer cancel()
		tell := func(f find) {
			select {
			case s.finds <- f:
			case <-ctx.Done():
			}
		}
		found := func(entries ...entry) {
			for i := range entries {
				entries[i].clean()
			}
			tell(find{entries: entries})
		}
		if err := fetch(ctx, found); err != nil {
			tell(find{err: err})
		}
		return nil
	})
}

// stopSearch gives up the search that is under way.
func (m *model) stopSearch() {
	if m.search != nil {
		m.search.cancel()
		m.search.picker.search = nil
		m.search = nil
		m.idle()
	}
}

// next is a command that waits for something to be found and then for the rest of
// the frame.
func (s *search) next() tea.Msg {
	msg := foundMsg{search: s}
	msg.ended = gathered(s.finds, func(f find) {
		msg.entries = append(msg.entries, f.entries...)
		if f.err != nil {
			msg.err = f.err
		}
	})
	return msg
}

// found takes what a search has found.
func (m *model) found(msg foundMsg) tea.Cmd {
	p := msg.search.picker
	if msg.search != m.search {
		return nil // nobody waits for it any more
	}
	p.extend(msg.entries)
	if !msg.ended {
		return tea.Batch(msg.search.next, p.look(m))
	}
	p.failure, p.search, m.search = msg.err, nil, nil
	m.idle()
	if p.fetched != nil {
		p.fetched(m)
	}
	if m.plain {
		m.showList(p)
		return nil
	}
	return p.look(m)
}

// extend adds entries, which are clean, those that are of no use last. What a person has moved to
// stays chosen.
func (p *picker) extend(entries []entry) {
	var chosen any
	if p.at < len(p.matches) {
		chosen = p.matches[p.at].entry.value
	}
	p.entries = append(p.entries, entries...)
	slices.SortStableFunc(p.entries, func(a, b entry) int { return order(a.unfit) - order(b.unfit) })
	p.update()
	switch {
	case p.touched:
		p.at = max(0, slices.IndexFunc(p.matches, func(f match) bool { return f.entry.value == chosen }))
	case p.written() == "" || p.begin != "":
		p.toCurrent()
	}
}

func order(last bool) int {
	if last {
		return 1
	}
	return 0
}
