package ui

import (
	"fmt"
	"runtime/debug"

	tea "charm.land/bubbletea/v2"
)

// Fault is a mistake of the chat's own that ended it. The terminal is as it was, and
// nothing that was said is lost.
type Fault struct {
	Value any    // of the panic
	Stack []byte // of where it happened
	Draft string // what was being written
}

func (f *Fault) Error() string {
	return fmt.Sprintf("the chat had to end over a mistake of its own: %v", f.Value)
}

// faultMsg tells of a mistake that happened in a command or while drawing.
type faultMsg struct{ fault *Fault }

// caught makes a fault of what recover returned.
func caught(value any) *Fault { return &Fault{Value: value, Stack: debug.Stack()} }

// guarded is a command whose panics come as messages, like all else that it has to
// tell.
func guarded(cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return func() (msg tea.Msg) {
		defer func() {
			if value := recover(); value != nil {
				msg = faultMsg{caught(value)}
			}
		}()
		msg = cmd()
		if all, ok := msg.(tea.BatchMsg); ok {
			for i, c := range all {
				all[i] = guarded(c)
			}
		}
		return msg
	}
}

// end ends the chat over a fault, the first one if there are several. What the person
// was writing is taken along.
func (m *model) end(f *Fault) tea.Cmd {
	if m.fault == nil {
		m.fault = f
		_ = safely(func() error {
			f.Draft = m.composer.value()
			return nil
		})
	}
	return tea.Quit
}

// safely does something whose own panic is an error: what a fault has left may not even
// hold for saying goodbye.
func safely(do func() error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = caught(value)
		}
	}()
	return do()
}
