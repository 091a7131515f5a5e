package ui

import (
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/sessions"
)

// What is beyond the limits goes when a chat begins, but not what it goes on with.
func TestRetiring(t *testing.T) {
	t.Parallel()
	dir := library(t)
	s, err := sessions.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Tag(t.Context(), "session1", []string{sessions.Kept}, nil); err != nil {
		t.Fatal(err)
	}
	o := keptIn(Options{Setup: Setup{Engine: &fake{reply: say("An answer.")}}, Resume: "session0"}, dir)
	o.Limits = sessions.Limits{Age: 30 * time.Second}
	p := open(t, o)
	p.sees("1 conversation removed")
	all, err := s.List(t.Context())
	if err != nil || len(all) != 2 || all[0].ID != "session1" || all[1].ID != "session0" {
		t.Errorf("left are %+v, %v", all, err)
	}
}
