package cli

import (
	"context"

	"github.com/vlmchat/vlmchat/sessions"
)

// checkSessions checks where conversations are kept. It opens none: doctor changes nothing.
func (d *doctor) checkSessions(context.Context) []check {
	dir, err := d.sessionsDir()
	if err != nil {
		return []check{failure("conversations", "set VLMCHAT_SESSIONS_DIR to a directory of yours", err)}
	}
	here := existingParent(dir)
	if err := tryWriting(here); err != nil {
		return []check{warning("conversations", "give yourself the right to write, or set VLMCHAT_SESSIONS_DIR to a directory of yours: until then chats are not saved",
			"%s can't be written to: %v", here, err)}
	}
	if kind := sessions.Remote(here); kind != "" {
		return []check{warning("conversations", "set VLMCHAT_SESSIONS_DIR to a directory on a disk of this machine",
			"%s is on %s: every change waits for the network, and who has a conversation open on another machine may not be seen", dir, kind)}
	}
	return []check{fine("conversations", "%s", dir)}
}
