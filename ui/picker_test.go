package ui

import (
	"testing"

	tea "charm.land/bubbletea/v2"
)

var keyCtrlP = tea.KeyPressMsg{Code: 'p', Mod: tea.ModCtrl}

// The palette finds a command by what it does, and the composer keeps what is in it.
func TestPalette(t *testing.T) {
	t.Parallel()
	p := open(t, Options{Setup: Setup{Engine: &fake{reply: say("yes")}}})
	p.idle()
	p.write("half a question")
	p.press(keyCtrlP)
	p.sees("/attach PATH")
	p.write("begin new")
	p.sees("/clear")
	p.press(keyEnter)
	p.sees("A new conversation")
	p.sees("half a question")
	p.press(keyCtrlP)
	p.write("nothing of this kind")
	p.sees("Nothing here matches")
	p.press(keyEnter, keyEsc)
	p.sees("half a question")
}
