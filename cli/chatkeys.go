package cli

import (
	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/ui"
)

// chatKeys reads which key does what in the chat. Like everything else in the file,
// what can't be is told before anything begins.
func chatKeys() (*ui.Keys, error) {
	bound, err := config.BoundKeys()
	if err != nil {
		return nil, usageError{err}
	}
	keys, err := ui.ParseKeys(bound.Bound)
	if err != nil {
		return nil, usageError{bound.Reject(err)}
	}
	return keys, nil
}
