package ui

import "github.com/vlmchat/vlmchat/engine"

// What an engine computes of a conversation it may keep, by the conversation's session; of a
// chat that is not kept it keeps nothing.

// belongs says in a request to which session it belongs, if this chat is kept.
func (m *model) belongs(r *engine.Request) {
	switch {
	case m.private:
		r.Private = true
	case m.session != nil:
		r.Session = m.session.id
	}
}

// tasked is the engine for tasks about this conversation: it writes nothing of it to a disk
// if the chat does not.
func (m *model) tasked() engine.Engine {
	if m.private {
		return engine.Private(m.setup.Engine)
	}
	return m.setup.Engine
}
