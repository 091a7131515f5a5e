package ui

import (
	"context"
	"iter"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/engine"
)

// ask puts a question, with the pictures that wait for it, at the end of the
// conversation, or in the place of the one that is edited, and has it answered as soon
// as the engine can.
func (m *model) ask(text string) tea.Cmd { return m.askOn(text, nil) }

// askOn asks a question on terms of its own.
func (m *model) askOn(text string, t *terms) tea.Cmd {
	q := &question{text: text, shots: m.attachments.shots(), terms: t}
	m.attachments = nil
	if m.draft != nil {
		// The pictures of the start are on the screen already: they become
		// part of the message where they are, or move to it.
		m.transcript.remove(m.draft)
		m.draft = nil
	}
	behind := m.talk.leaf
	if m.edit != nil {
		of, changed := m.edit.of, m.edit.changed(q)
		q.terms = of.question.terms
		m.composer.set(m.edit.draft)
		m.edit = nil
		if !changed {
			return m.askAgain(of)
		}
		behind = of.parent
	}
	ex := &exchange{question: q, answer: &answer{}, asked: time.Now()}
	m.append(ex, behind)
	return m.enqueue(ex)
}

// enqueue has the last exchange answered.
func (m *model) enqueue(ex *exchange) tea.Cmd {
	m.transcript.toEnd()
	m.queue = ex
	if m.loading == nil && m.change == nil && m.run != nil {
		m.status.doing.set("waiting for the engine to let go", 0)
	}
	return m.start()
}

// start asks what waits in the queue, unless the engine is not free yet.
func (m *model) start() tea.Cmd {
	if m.queue == nil || m.loading != nil || m.run != nil || m.change != nil || len(m.assignments) > 0 || m.comparison.holds() {
		return nil
	}
	m.stopTitling() // it has time
	ex := m.queue
	m.queue = nil
	m.status.fails(nil)
	request := m.request(ex, m.setup, m.status.info)
	e, kept := m.setup.Engine, m.settling()
	feed, fill := newFeed(m.ctx, func(ctx context.Context) iter.Seq2[engine.Event, error] {
		kept(&request) // the question is on the disk before the engine sees it
		request.Messages = withPixels(ctx, request.Messages)
		return e.Chat(ctx, request)
	})
	m.run = &run{feed: feed, exchange: ex, prices: m.setup.Prices}
	m.status.doing.set("asking", 0)
	return tea.Batch(fill, feed.next)
}

// request is what an engine is asked for an exchange, whose answer is on its way from here
// on. by is what the engine is, nil if that is not known yet.
func (m *model) request(ex *exchange, s Setup, by *engine.Info) engine.Request {
	r := m.talk.request(ex, s, m.options.Version)
	ex.answer.by = by
	m.belongs(&r)
	return r
}

// request is what an engine is asked for an exchange, by this version of vlmchat. Its
// answer is on its way from here on.
func (c *conversation) request(ex *exchange, s Setup, version string) engine.Request {
	r := engine.Request{Messages: c.messages(ex), Sampling: s.Sampling, Thinking: s.Thinking, Restart: s.Restart}
	ex.question.terms.apply(&r)
	if ex.seed != nil {
		r.Sampling.Seed = ex.seed
	}
	a := ex.answer
	a.state, a.limit, a.json = running, r.Sampling.MaxTokens, ex.question.terms.wantsJSON()
	a.sampling = &r.Sampling
	a.from = &Origin{Vlmchat: version, System: c.system, Thinking: r.Thinking, Settings: s.Opened}
	return r
}

// escape gives up what goes on: changing a message, a switch with the question that
// waits for it, an answer, pictures that are being read, a task, or else a list
// that is being looked for.
func (m *model) escape() {
	switch {
	case m.edit != nil && m.outbox == nil:
		m.leaveEdit()
	case m.change != nil && m.outbox == nil:
		m.abandon()
	case m.busy():
		m.stop()
	case m.attachments.unread() != nil:
		m.stopReading()
	case m.stopTask():
	case m.search == nil && m.fetching != nil && m.plain:
		m.leaveFetching(m.fetching)
	default:
		m.stopSearch()
	}
}

// stop ends what is on its way to an answer. What was said stays.
func (m *model) stop() {
	switch {
	case m.outbox != nil:
		m.unsend()
	case m.queue != nil:
		m.withdraw()
	case m.comparison.grows():
		m.stopColumns()
	case m.run != nil && !m.run.stopped:
		m.run.stopped = true
		m.run.feed.cancel()
		m.run.exchange.answer.interrupted()
		m.idle()
	}
}

// advance takes what a feed brought.
func (m *model) advance(b batch) tea.Cmd {
	var cmd tea.Cmd
	if !b.ended {
		cmd = b.feed.next
	}
	switch {
	case m.loading != nil && b.feed == m.loading:
		return tea.Batch(cmd, m.load(b))
	case m.change != nil && b.feed == m.change.feed && b.progress != nil:
		m.sayAll(b.notes)
		m.status.doing.set(describe(b.progress, 0), b.progress.Progress)
	case m.run != nil && b.feed == m.run.feed:
		return tea.Batch(cmd, m.answer(b))
	default:
		return tea.Batch(cmd, m.compared(b))
	}
	return cmd
}

// sayAll says what a person should know.
func (m *model) sayAll(notes []string) {
	for _, text := range notes {
		m.say(&note{text: text})
	}
}

// load takes what came from loading the model.
func (m *model) load(b batch) tea.Cmd {
	if b.progress != nil {
		m.status.doing.set(describe(b.progress, 0), b.progress.Progress)
	}
	m.sayAll(b.notes)
	if b.err != nil {
		m.unready = true
		if m.queue != nil {
			m.queue.answer.fail(b.err)
			m.queue = nil
		} else {
			m.complain(b.err)
		}
	}
	if !b.ended {
		return nil
	}
	m.loading = nil
	m.idle()
	if m.unready {
		return m.start() // a question asked since then tries once more
	}
	return tea.Batch(m.askInfo(), m.start())
}

// answer takes what came of the running answer.
func (m *model) answer(b batch) tea.Cmd {
	a := m.run.exchange.answer
	if !m.run.stopped {
		m.hear(a, b)
	}
	if !b.ended {
		return nil
	}
	if !m.run.stopped && a.state == running {
		a.cut()
	}
	prove := m.prove(m.run.exchange)
	m.run = nil
	m.idle()
	if m.status.info == nil && a.state == answered {
		return tea.Batch(m.askInfo(), prove, m.start())
	}
	return tea.Batch(prove, m.start(), m.entitle())
}

// hear takes what the engine said.
func (m *model) hear(a *answer, b batch) {
	m.status.doing.hear(b, len(m.run.exchange.question.shots))
	for _, text := range a.hear(b, m.run.prices) {
		m.say(&note{text: text})
	}
	if b.done != nil {
		a.signed = m.talk.signs(m.run.exchange)
	}
	if b.err != nil {
		m.status.fails(b.err)
	}
	if b.done != nil && b.done.Usage != nil {
		m.status.usage = b.done.Usage
		m.status.cost += a.cost
	}
}

// hear says what goes on while an answer comes.
func (a *activity) hear(b batch, pictures int) {
	switch {
	case b.text != "":
		a.set(answering, 0)
	case b.thought != "":
		a.set("thinking"+stops, 0)
	case b.progress != nil:
		a.set(describe(b.progress, pictures), b.progress.Progress)
		if a.span = b.progress.After; a.span > 0 {
			a.began, a.now = time.Time{}, time.Time{} // another wait, if of the same words
		}
	}
}

// hear adds to the answer what the engine said, and returns what a person should know
// of it.
func (a *answer) hear(b batch, prices engine.Prices) (notes []string) {
	if b.restart != nil {
		a.takeBack()
	}
	if b.from != nil {
		a.tells(b.from)
	}
	a.think(b.thought)
	a.add(b.text)
	notes = b.notes
	if b.restart != nil && b.restart.Text != "" {
		notes = append(notes, "This answer began anew: "+b.restart.Text)
	}
	switch {
	case b.done != nil:
		a.finish = b.done.Finish
		if b.done.Usage != nil {
			a.usage = b.done.Usage
			a.cost = prices.Cost(*b.done.Usage)
		}
		a.end(answered)
	case b.err != nil && engine.KindOf(b.err) == engine.Cancelled:
		a.interrupted()
	case b.err != nil:
		a.fail(b.err)
	}
	return notes
}

// cut closes an answer whose stream just ended.
func (a *answer) cut() {
	a.fail(&engine.Error{Kind: engine.AnswerCut, Message: "The answer ended in the middle.", Hint: "/retry asks again."})
}

// learn takes what the engine says about itself.
func (m *model) learn(msg infoMsg) {
	if msg.turn != m.turn {
		return
	}
	if msg.err == nil {
		if m.status.info == nil && msg.info.Note != "" {
			m.say(&note{text: msg.info.Note})
		}
		m.status.info = &msg.info
		m.sayWhoAnswers()
		if m.run != nil && m.run.exchange.answer.by == nil {
			m.run.exchange.answer.by = m.status.info
		}
		return
	}
	m.status.fails(msg.err)
	// Said once; and while a question is on its way, it will fail the same way
	// and say so itself.
	if !m.unknown && !m.busy() {
		m.complain(msg.err)
	}
	m.unknown = true
}

// idle makes the status line say what still goes on.
func (m *model) idle() {
	if flash := m.status.flash; flash == busyHint && !m.busy() || flash == switchHint && m.change == nil {
		m.status.flash = ""
	}
	switch {
	case m.comparison.grows():
		m.status.doing.set("comparing"+stops, 0)
	case m.change != nil:
		m.status.doing.set("switching to "+m.change.to+stops, 0)
	case m.loading != nil:
		m.status.doing.set("loading the model", 0)
	case m.task != nil && m.run == nil:
		m.status.doing.set(m.task.doing, m.task.fraction)
	case m.search != nil && m.run == nil:
		m.status.doing.set(m.search.picker.doing, 0)
	case m.fetching != nil && m.plain && m.run == nil:
		m.status.doing.set(m.fetching.doing.text, m.fetching.doing.fraction)
	case m.run == nil || m.run.stopped:
		m.status.doing.set("", 0)
	}
}
