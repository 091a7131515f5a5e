package sessions

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// BenchmarkAppend keeps a message with a picture that is known, durably, beside many
// others: what a question waits for.
func BenchmarkAppend(b *testing.B) {
	s := open(b, b.TempDir())
	cat := picture("cat.png", "cat")
	var took []time.Duration
	parent := int64(0)
	for b.Loop() {
		began := time.Now()
		parent = add(b, s, "s", question(parent, "What is this, and what else is there to see?", cat))
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}

// many fills a store with sessions of two messages.
func many(b *testing.B, n int) *Store {
	b.Helper()
	s := open(b, b.TempDir())
	if _, err := s.write.Exec("PRAGMA synchronous=off"); err != nil {
		b.Fatal(err)
	}
	for i := range n {
		id := NewID()
		q := add(b, s, id, question(0, fmt.Sprintf("Question %d about a picture?", i)))
		add(b, s, id, reply(q, fmt.Sprintf("An answer of some length about the thing with number %d, and about others.", i)))
	}
	return s
}

// BenchmarkList lists 10,000 sessions.
func BenchmarkList(b *testing.B) {
	s := many(b, 10_000)
	for b.Loop() {
		if all, err := s.List(b.Context()); err != nil || len(all) != 10_000 {
			b.Fatal(len(all), err)
		}
	}
}

// BenchmarkSearch looks for a word that one of 20,000 messages has, and for one that
// half of them have.
func BenchmarkSearch(b *testing.B) {
	s := many(b, 10_000)
	for name, words := range map[string]string{"one": "number 7777", "half": "answer"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if hits, err := s.Search(b.Context(), words, 200); err != nil || len(hits) == 0 {
					b.Fatal(hits, err)
				}
			}
		})
	}
}

// BenchmarkLoad reads a session of 2,000 messages, each question with a picture.
func BenchmarkLoad(b *testing.B) {
	s := open(b, b.TempDir())
	if _, err := s.write.Exec("PRAGMA synchronous=off"); err != nil {
		b.Fatal(err)
	}
	cat := picture("cat.png", "cat")
	parent := int64(0)
	for i := range 1000 {
		q := add(b, s, "s", question(parent, fmt.Sprintf("Question %d?", i), cat))
		parent = add(b, s, "s", reply(q, "An answer of some length, with a list:\n\n- one\n- two\n- three\n"))
	}
	for b.Loop() {
		if c, err := s.Load(b.Context(), "s"); err != nil || len(c.All) != 2000 {
			b.Fatal(err)
		}
	}
}
