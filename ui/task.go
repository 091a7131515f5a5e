package ui

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/tasks"
)

// task is something about the conversation that takes a while and is no part of it. One
// goes on at a time, beside whatever the conversation does.
type task struct {
	doing    string // what goes on, for the status line
	fraction float64
	cancel   context.CancelFunc
	steps    chan float64
}

type (
	// stepMsg says how far a task is.
	stepMsg struct {
		task     *task
		fraction float64
	}
	// taskMsg says how a task went: then makes it seen.
	taskMsg struct {
		task *task
		then func(m *model) tea.Cmd
		err  error
	}
)

const taskHint = "something is being worked out already" + stops

// startTask begins a task. work is called outside the chat's goroutine; what it returns
// is called in it.
func (m *model) startTask(doing string, work func(context.Context, tasks.Progress) (func(*model) tea.Cmd, error)) tea.Cmd {
	switch {
	case m.busy():
		m.status.flash = busyHint
		return nil
	case m.task != nil:
		m.status.flash = taskHint
		return nil
	}
	ctx, cancel := context.WithCancel(m.ctx)
	t := &task{doing: doing, cancel: cancel, steps: make(chan float64)}
	m.task = t
	m.idle()
	return tea.Batch(t.next, func() tea.Msg {
		defer close(t.steps)
		defer cancel()
		then, err := work(ctx, func(done, total int) {
			select {
			case t.steps <- float64(done) / float64(max(1, total)):
			case <-ctx.Done():
			}
		})
		return taskMsg{t, then, err}
	})
}

// next is a command that waits for the next step.
func (t *task) next() tea.Msg {
	fraction, open := <-t.steps
	if !open {
		return nil
	}
	return stepMsg{t, fraction}
}

// stepped takes how far a task is.
func (m *model) stepped(msg stepMsg) tea.Cmd {
	if msg.task != m.task {
		return nil
	}
	m.task.fraction = msg.fraction
	m.idle()
	return m.task.next
}

// finished takes what came of a task.
func (m *model) finished(msg taskMsg) tea.Cmd {
	if msg.task != m.task {
		return nil // it was stopped just before its end
	}
	m.task = nil
	defer m.idle()
	if msg.err != nil {
		m.complain(msg.err)
		return nil
	}
	return msg.then(m)
}

// stopTask gives up the task that goes on, and reports whether there was one.
func (m *model) stopTask() bool {
	if m.task == nil {
		return false
	}
	m.task.cancel()
	m.task = nil
	m.idle()
	return true
}
