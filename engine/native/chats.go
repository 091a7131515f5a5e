package native

import "sync"

// chats knows in which conversation each client is, so that one that nobody is in any
// more is kept on disk.
type chats struct {
	mu sync.Mutex
	in map[string]string // session by client
}

// goOn notes that a client asks in a session. It returns the one that it leaves by that
// and nobody else is in, "" if there is none.
func (c *chats) goOn(client, session string) (left string) {
	if client == "" || session == "" {
		return ""
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	before := c.in[client]
	if before == session {
		return ""
	}
	if c.in == nil {
		c.in = map[string]string{}
	}
	c.in[client] = session
	return c.unlessUsed(before)
}

// leave notes that a client has gone, and returns what goOn does.
func (c *chats) leave(client string) (left string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	before := c.in[client]
	delete(c.in, client)
	return c.unlessUsed(before)
}

func (c *chats) unlessUsed(session string) string {
	for _, other := range c.in {
		if other == session {
			return ""
		}
	}
	return session
}

// keepLeft has the conversation of a client that has gone kept on disk.
func (w *worker) keepLeft(client string) {
	left := w.chats.leave(client)
	if left == "" {
		return
	}
	select {
	case <-w.loaded:
		if w.runner != nil {
			w.runner.loop.keep(left)
		}
	default:
	}
}
