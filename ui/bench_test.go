package ui

import (
	"fmt"
	"testing"

	tea "charm.land/bubbletea/v2"
)

// A frame of a streaming answer at the end of a long session: what must stay well
// under a sixtieth of a second.
func BenchmarkStreamingFrame(b *testing.B) {
	s := newStage(120, 40)
	s.loaded()
	for i := range 1000 {
		s.enter(fmt.Sprintf("Question %d?", i))
		s.hears(text(lines(1, 20)), done())
		s.ends(nil)
	}
	s.enter("And now?")
	for b.Loop() {
		s.hears(text("word 红色 "))
		s.m.View()
	}
}

// A resize at the end of a long session.
func BenchmarkResize(b *testing.B) {
	s := newStage(120, 40)
	s.loaded()
	for i := range 1000 {
		s.enter(fmt.Sprintf("Question %d?", i))
		s.hears(text(lines(1, 20)), done())
		s.ends(nil)
	}
	for i := 0; b.Loop(); i++ {
		s.send(tea.WindowSizeMsg{Width: 80 + i%40, Height: 40})
		s.m.View()
	}
}
