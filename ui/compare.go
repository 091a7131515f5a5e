package ui

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/termtext"
)

// comparison is the conversation's last question put to two models, whose answers come
// side by side. Both are branches of the conversation; which one goes on the person
// chooses. It is a block of the transcript.
type comparison struct {
	of      *exchange
	columns [2]*candidate
	changes int
}

// candidate is one of the two, and is drawn as a column.
type candidate struct {
	name     string // as the person has it
	exchange *exchange
	setup    Setup
	own      bool // the engine was opened for it, and is closed with its answer
	info     *engine.Info
	opening  *feed   // the engine is being opened
	feed     *feed   // the engine answers, or lets go
	proof    tea.Cmd // tells behind the answer what it came from
	doing    activity
	stopped  bool
}

// openedMsg says how opening the engine of a column went.
type openedMsg struct {
	column *candidate
	setup  Setup
	info   engine.Info
	err    error
}

// to is what to compare with: found outside the chat's goroutine.
type to struct {
	name string
	find func(context.Context) (To, error)
}

// compareCommand asks one or two other models the last question, beside each other, or
// chooses which of two answers goes on.
func (m *model) compareCommand(argument string) tea.Cmd {
	names := strings.Fields(argument)
	c := m.comparison
	if m.shown["compare"] != nil {
		if cmd, done := m.pickNumber("compare", argument); done {
			return cmd
		}
	}
	switch {
	case c != nil && (argument == "1" || argument == "2") && m.talk.find(c.of.number) == c.of:
		m.chooseColumn(int(argument[0] - '1'))
		return nil
	case m.talk.leaf == nil:
		m.say(&note{text: "There is no question yet that could be put to two models.", hint: "Ask one, then /compare MODEL."})
		return nil
	case m.setup.Switch == nil:
		m.say(&note{text: "There is no other model to compare with."})
		return nil
	case len(names) > 2:
		m.say(&note{text: "Two models can be compared at a time: /compare MODEL, or /compare MODEL MODEL."})
		return nil
	case !m.settled():
		return nil
	case len(names) == 0:
		return m.openPicker(&picker{
			heading: "Compare with", command: "compare", does: "asks it beside the present one", empty: "There are no models.",
			fetch: m.findModels(), doing: "listing the models",
			pick: func(m *model, e entry) tea.Cmd {
				return m.compare(to{e.name, func(context.Context) (To, error) { return e.value.(To), nil }})
			},
			write: func(m *model, name string) tea.Cmd { return m.compareCommand(name) }, writes: "takes",
		})
	}
	var all []to
	for _, name := range names {
		all = append(all, to{name, m.meaning(name)})
	}
	return m.compare(all...)
}

// meaning returns what finds out what a name means: "ollama:llava" a model of a
// backend, otherwise a profile, or a model of the backend that answers.
func (m *model) meaning(written string) func(context.Context) (To, error) {
	profiles, models := m.names(profiles), m.names(models)
	if backend, model, ok := strings.Cut(written, ":"); ok {
		if slices.ContainsFunc(m.options.Backends, func(b Named) bool { return b.Name == backend }) {
			return func(context.Context) (To, error) { return To{Backend: backend, Model: model}, nil }
		}
	}
	return func(ctx context.Context) (To, error) {
		if all, err := profiles(ctx); err == nil && slices.Contains(all, written) {
			return To{Profile: written}, nil
		}
		all, err := models(ctx)
		if err != nil {
			return To{Model: written}, ctx.Err()
		}
		name, err := meant("model", all, written)
		return To{Model: name}, err
	}
}

// compare puts the last question to the models. One alone is compared with what answers
// now: with the answer that is there already if it has given one.
func (m *model) compare(all ...to) tea.Cmd {
	switch {
	case !m.settled():
		return nil
	case m.change != nil:
		m.status.flash = switchHint
		return nil
	case m.loading != nil || m.run != nil || len(m.assignments) > 0:
		m.status.flash = "what answers now is not free yet: try again in a moment"
		return nil
	}
	m.stopTitling() // it has time
	last := m.talk.leaf
	c := &comparison{of: last}
	m.comparison = c
	delete(m.shown, "compare") // a number is one of the two from here on
	var commands []tea.Cmd
	if len(all) == 1 {
		c.columns[0] = m.present(last)
		if c.columns[0].exchange != last {
			commands = append(commands, m.askColumn(c.columns[0]))
		}
	}
	own := c.columns[len(c.columns)-len(all):]
	for i, to := range all {
		col := &candidate{name: termtext.Line(to.name), exchange: m.sibling(last), own: true}
		own[i] = col
		commands = append(commands, m.openColumn(col, to))
	}
	m.transcript.add(c)
	m.transcript.toEnd()
	if !m.plain {
		m.dialog = &comparing{c, m.keys}
	}
	m.idle()
	return tea.Batch(commands...)
}

// present is the column of what answers now.
func (m *model) present(last *exchange) *candidate {
	col := &candidate{name: "what answers now", exchange: last, setup: m.setup, info: m.status.info}
	if col.info != nil {
		col.name = col.info.Model
	}
	if last.answer.state != answered || !last.answer.isOf(m.status.info) {
		col.exchange = m.sibling(last)
	}
	return col
}

// sibling adds another answer to a question, aside from the conversation.
func (m *model) sibling(of *exchange) *exchange {
	ex := &exchange{question: of.question, answer: &answer{}, asked: time.Now()}
	m.talk.insert(ex, of.parent)
	return ex
}

// openColumn opens the engine of a column.
func (m *model) openColumn(col *candidate, to to) tea.Cmd {
	from, pictures := m.setup, col.exchange.parent.pictures()
	for _, s := range col.exchange.question.shots {
		pictures = append(pictures, s.picture)
	}
	msg := openedMsg{column: col}
	feed, fill := newFeed(m.ctx, func(ctx context.Context) iter.Seq2[engine.Event, error] {
		return func(yield func(engine.Event, error) bool) {
			what, err := to.find(ctx)
			if err != nil {
				msg.err = err
				return
			}
			msg.setup, msg.info, msg.err = from.open(ctx, what, pictures, func(e engine.Event) bool { return yield(e, nil) })
		}
	})
	col.opening = feed
	col.doing.set("getting ready", 0)
	return tea.Batch(feed.next, func() tea.Msg {
		fill()
		return msg
	})
}

// opened takes the engine of a column.
func (m *model) opened(msg openedMsg) tea.Cmd {
	col := msg.column
	if col.stopped {
		return closing(msg.setup.Engine)
	}
	col.opening = nil
	defer m.idle()
	if msg.err != nil {
		col.exchange.answer.fail(msg.err)
		return nil
	}
	col.setup, col.info, col.name = msg.setup, &msg.info, msg.info.Model
	return m.askColumn(col)
}

// askColumn has the engine of a column answer.
func (m *model) askColumn(col *candidate) tea.Cmd {
	s, request := col.setup, m.request(col.exchange, col.setup, col.info)
	own, kept, prove := col.own, m.settling(), m.proving(col.exchange, col.setup.Engine)
	var from *engine.Provenance
	feed, fill := newFeed(m.ctx, func(ctx context.Context) iter.Seq2[engine.Event, error] {
		return func(yield func(engine.Event, error) bool) {
			kept(&request)
			request.Messages = withPixels(ctx, request.Messages)
			s.Engine.Chat(ctx, request)(func(e engine.Event, err error) bool {
				if e.Provenance != nil {
					from = e.Provenance
				}
				return yield(e, err)
			})
		}
	})
	proof := make(chan tea.Msg, 1)
	col.feed, col.proof = feed, func() tea.Msg { return <-proof }
	col.doing.set("asking", 0)
	return tea.Batch(feed.next, func() tea.Msg {
		if own {
			defer s.Engine.Close()
		}
		defer close(proof)
		fill()
		if prove != nil && from != nil {
			proof <- prove(*from)
		}
		return nil
	})
}

// compared takes what came of a column's feed.
func (m *model) compared(b batch) tea.Cmd {
	if m.comparison == nil {
		return nil
	}
	i := slices.IndexFunc(m.comparison.columns[:], func(col *candidate) bool { return b.feed == col.feed || b.feed == col.opening })
	if i < 0 {
		return nil
	}
	col := m.comparison.columns[i]
	defer m.columnsChanged()
	if b.feed == col.opening {
		if b.progress != nil {
			col.doing.set(describe(b.progress, 0), b.progress.Progress)
		}
		return nil
	}
	if !col.stopped {
		col.doing.hear(b, len(col.exchange.question.shots))
		for _, text := range col.exchange.answer.hear(b, col.setup.Prices) {
			m.say(&note{text: col.name + ": " + text})
		}
	}
	if !b.ended {
		return nil
	}
	if col.exchange.answer.state == running {
		col.exchange.answer.cut()
	}
	col.feed = nil
	m.status.cost += col.exchange.answer.cost
	m.idle()
	return tea.Batch(col.proof, m.start())
}

// columnsChanged has the comparison drawn anew.
func (m *model) columnsChanged() { m.comparison.changes++ }

// underway reports whether a column's answer is on its way.
func (col *candidate) underway() bool {
	return !col.stopped && (col.opening != nil || col.feed != nil)
}

// grows reports whether one of the answers is on its way.
func (c *comparison) grows() bool {
	return c != nil && (c.columns[0].underway() || c.columns[1].underway())
}

// holds reports whether what answers the conversation is still at work on a column.
func (c *comparison) holds() bool {
	return c != nil && slices.ContainsFunc(c.columns[:], func(col *candidate) bool { return !col.own && col.feed != nil })
}

// stopColumns ends both answers. What was said stays.
func (m *model) stopColumns() {
	for _, col := range m.comparison.columns {
		if !col.underway() {
			continue
		}
		col.stopped = true
		if col.opening != nil {
			col.opening.cancel()
		} else {
			col.feed.cancel()
		}
		col.exchange.answer.interrupted()
	}
	m.columnsChanged()
	m.idle()
}

// chooseColumn makes one of the answers the one that the conversation goes on with.
func (m *model) chooseColumn(i int) {
	c := m.comparison
	col := c.columns[i]
	switch {
	case c.grows():
		m.status.flash = "the answers are on their way" + stops
		return
	case col.exchange.answer.raw.Len() == 0:
		m.status.flash = col.name + " has said nothing that could go on"
		return
	case !m.settled():
		return
	}
	m.endComparison()
	m.travel(col.exchange)
	goesOn := ""
	if col.own && m.status.info != nil && *m.status.info != *col.info {
		goesOn = fmt.Sprintf("; what follows is answered by %s, as before", m.status.info.Model)
	}
	m.status.flash = fmt.Sprintf("the answer of %s stands%s", col.name, goesOn)
}

// endComparison puts the dialog away. The answers stay, as branches.
func (m *model) endComparison() {
	if _, ok := m.dialog.(*comparing); ok {
		m.closeDialog()
	}
	m.mark()
}
