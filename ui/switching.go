package ui

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/termtext"
)

// change is a switch to another setup that is under way. The old one stays until
// the new one is there.
type change struct {
	feed *feed
	to   string               // for people
	then func(*model) tea.Cmd // is done once the new one is there; nil for nothing
}

// changedMsg says how a switch went.
type changedMsg struct {
	change *change
	setup  Setup
	info   engine.Info
	err    error
}

const switchHint = "a switch is on its way" + stops

// switchTo begins to replace what answers. find tells, off the chat's goroutine,
// what exactly is meant; name is what the person wrote.
func (m *model) switchTo(name string, find func(context.Context) (To, error)) tea.Cmd {
	switch {
	case m.setup.Switch == nil:
		m.say(&note{text: "There is nothing to switch to."})
		return nil
	case m.busy():
		m.status.flash = busyHint
		return nil
	case m.change != nil:
		m.status.flash = switchHint
		return nil
	case len(m.assignments) > 0:
		m.status.flash = "a setting is being changed: try again in a moment"
		return nil
	}
	c := &change{to: termtext.Line(name)}
	from, pictures := m.setup, m.pictures()
	msg := changedMsg{change: c}
	feed, fill := newFeed(m.ctx, func(ctx context.Context) iter.Seq2[engine.Event, error] {
		return func(yield func(engine.Event, error) bool) {
			to, err := find(ctx)
			if err != nil {
				msg.err = err
				return
			}
			msg.setup, msg.info, msg.err = from.open(ctx, to, pictures, func(e engine.Event) bool { return yield(e, nil) })
		}
	})
	c.feed = feed
	m.change = c
	m.idle()
	return tea.Batch(feed.next, func() tea.Msg {
		fill()
		return msg
	})
}

// pictures are those of the conversation and those that wait to be part of it.
func (m *model) pictures() []*images.Picture {
	all := m.talk.leaf.pictures()
	for _, s := range m.attachments.shots() {
		all = append(all, s.picture)
	}
	return all
}

// changed takes what came of a switch.
func (m *model) changed(msg changedMsg) tea.Cmd {
	if msg.change != m.change {
		return closing(msg.setup.Engine) // it was stopped just before its end
	}
	m.change = nil
	defer m.idle()
	if missing, ok := errors.AsType[*absent](msg.err); ok {
		m.withdraw()
		return m.offerPull(missing.name, missing.about)
	}
	if msg.err != nil {
		m.stays(msg.err)
		return nil
	}
	m.stopTask() // it asks the old one
	m.stopTitling()
	old := m.setup.Engine
	m.setup = msg.setup
	m.turn++
	m.talk.system = m.setup.System
	if m.loading != nil {
		m.loading.cancel()
		m.loading = nil
	}
	m.unready, m.unknown = false, false
	m.status.fails(nil)
	m.status.usage = nil
	m.status.prices = m.setup.Prices
	m.status.info = nil
	delete(m.shown, string(models))
	m.say(&note{text: fmt.Sprintf("From here on %s answers.", describeInfo(msg.info))})
	if m.setup.Notice != "" {
		m.say(&note{text: m.setup.Notice})
	}
	m.learn(infoMsg{turn: m.turn, info: msg.info})
	for _, a := range m.attachments {
		a.taken = false // by this one
	}
	var then tea.Cmd
	if msg.change.then != nil {
		then = msg.change.then(m)
	}
	return tea.Batch(closing(old), m.take(), then, m.start())
}

// stays says why the old engine goes on. A question that waited for the new one
// is not put to the old one: it may be just who should not see it.
func (m *model) stays(err error) {
	text, hint := explain(err)
	goesOn := "What answered before goes on."
	if m.status.info != nil {
		goesOn = m.status.info.Model + " goes on."
	}
	m.say(&note{text: text, hint: strings.TrimSpace(hint + "\n" + goesOn), bad: true})
	m.withdraw()
}

// abandon gives up a switch.
func (m *model) abandon() {
	m.change.feed.cancel()
	m.change = nil
	m.withdraw()
	m.say(&note{text: "■ stopped; nothing has changed"})
	m.idle()
}

// withdraw takes back the question that waits, if there is one.
func (m *model) withdraw() {
	if m.queue != nil {
		m.queue.answer.end(abandoned)
		m.queue = nil
	}
}

// closing is a command that closes an engine.
func closing(e engine.Engine) tea.Cmd {
	if e == nil {
		return nil
	}
	return func() tea.Msg {
		_ = e.Close()
		return nil
	}
}

// describeInfo names what answers: "llava (ollama, 127.0.0.1:11434)".
func describeInfo(info engine.Info) string {
	where := info.Engine
	if info.Host != "" {
		where += ", " + info.Host
	}
	return fmt.Sprintf("%s (%s)", info.Model, where)
}
