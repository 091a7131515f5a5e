package ui

import (
	"fmt"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/sessions"
)

// BenchmarkChoosing shows a list of 10,000 conversations, and finds in it with each letter
// that is written.
func BenchmarkChoosing(b *testing.B) {
	now := time.Now()
	var entries []entry
	var hits []sessions.Hit
	for i := range 10_000 {
		h := sessions.Hit{Session: sessions.Session{
			ID: fmt.Sprintf("session%d", i), Title: fmt.Sprintf("What does the sign beside bicycle %d say?", i), Updated: now.Add(-time.Duration(i) * time.Hour),
			Messages: i % 50, Pictures: i % 3, Models: []string{"qwen3-vl:8b"}, Tags: []string{"street"},
		}}
		entries = append(entries, sessionEntry(h, "", now))
		if i < mostSought {
			h.Snippet = "… and a «heron» stands beside it"
			hits = append(hits, h)
		}
	}
	entries = cleaned(entries)
	opened := func() stage {
		s := newStage(120, 40)
		s.loaded()
		s.m.keeper, s.m.session = &keeper{}, newSession()
		s.m.openSessions("")
		return s
	}
	b.Run("opening", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			s := opened()
			b.StartTimer()
			s.send(foundMsg{search: s.m.search, ended: true, find: find{entries: entries}})
			s.m.View()
		}
	})
	s := opened()
	s.send(foundMsg{search: s.m.search, ended: true, find: find{entries: entries}})
	p := s.m.dialog.(*picker)
	b.Run("moving", func(b *testing.B) {
		for b.Loop() {
			s.send(keyDown)
			s.m.View()
		}
	})
	b.Run("writing", func(b *testing.B) {
		for b.Loop() {
			p.filter.SetValue("sign")
			p.update()
			s.m.View()
		}
	})
	b.Run("found", func(b *testing.B) {
		p.filter.SetValue("heron")
		for b.Loop() {
			s.send(soughtMsg{picker: p, words: "heron", hits: hits})
			s.m.View()
		}
	})
}
