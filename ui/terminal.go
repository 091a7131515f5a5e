package ui

import (
	"time"

	"github.com/vlmchat/vlmchat/termimg"
)

// terminal says how pictures are drawn.
func (m *model) terminal() termimg.Terminal {
	t := termimg.Terminal{Method: termimg.Plain(m.profile), Profile: m.profile, Light: !m.dark}
	if m.options.Preview != "" {
		t.Method = m.options.Preview
	}
	return t
}

// calm is for how long a picture has to be still before its pixels are sent: over
// a network a little longer, where they may take as long themselves.
func calm(env func(string) string) time.Duration {
	if env("SSH_CONNECTION") != "" || env("SSH_TTY") != "" {
		return 400 * time.Millisecond
	}
	return 100 * time.Millisecond
}
