package ui

import (
	"slices"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/sessions"
)

func TestTagging(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	o := keptIn(Options{Setup: Setup{Engine: &fake{reply: say("An answer.")}}}, dir)
	p := open(t, o)
	p.sees("tiny-vlm")
	p.enter("/tag")
	p.sees("This conversation has no tags.")
	p.enter("/tag Red, #bikes -red keep")
	p.sees("has the tags #bikes #keep #red.")
	p.enter("What is this?")
	p.idle()
	p.enter("/tag -red")
	p.sees("has the tags #bikes #keep.")
	p.enter("/tag what?!")
	p.sees("\"what?!\" is no tag")
	p.ended()
	c := stored(t, dir)
	if !slices.Equal(c.Tags, []string{"bikes", "keep"}) {
		t.Errorf("kept is %+v", c.Session)
	}
	o.Resume = c.ID
	q := open(t, o)
	q.sees("An answer.")
	q.write("/tag b")
	q.sees("bikes  1")
	q.press(tea.KeyPressMsg{Code: tea.KeyTab})
	q.sees("› /tag bikes")
	q.press(tea.KeyPressMsg{Code: 'u', Mod: tea.ModCtrl})
	q.enter("/tag -bikes")
	q.sees("has the tags #keep.")
	q.ended()
	if c := stored(t, dir); !slices.Equal(c.Tags, []string{sessions.Kept}) {
		t.Errorf("kept is %+v", c.Session)
	}
}
