package ui

import (
	"fmt"
	"testing"

	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/sessions"
)

// BenchmarkOpening goes from a session of 2,000 messages, each question with a picture,
// as it was read, to its first paint.
func BenchmarkOpening(b *testing.B) {
	c := &sessions.Conversation{Session: sessions.Session{ID: "s", Title: "A long one"}}
	picture := PictureOf(testPicture("disc.png", 96, 64))
	for i := range 1000 {
		q := sessions.Message{ID: int64(2*i + 1), Parent: int64(2 * i), Role: sessions.User, State: sessions.Whole,
			Parts: []sessions.Part{{Picture: picture}, {Text: fmt.Sprintf("Question %d?", i)}}}
		a := sessions.Message{ID: int64(2*i + 2), Parent: q.ID, Role: sessions.Assistant, State: sessions.Whole,
			Parts: []sessions.Part{{Text: lines(1, 20)}}}
		c.All = append(c.All, q, a)
	}
	c.Leaf = 2000
	for b.Loop() {
		b.StopTimer()
		s := newStage(120, 40)
		s.loaded()
		s.m.keeper, s.m.session, s.m.options.Recall = &keeper{}, newSession(), new(images.Loader).Recall
		fresh := newSession()
		b.StartTimer()
		s.send(resumedMsg{session: fresh, talk: c})
		s.m.View()
	}
}
