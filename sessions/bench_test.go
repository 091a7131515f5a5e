package sessions

import (
	"database/sql"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
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
	for _, at := range []int{50, 99} {
		b.ReportMetric(float64(took[len(took)*at/100].Microseconds())/1000, fmt.Sprintf("p%d-ms", at))
	}
}

// prattle makes texts: words of a language's frequencies, the first of which are the
// most common, with some that are in Chinese.
type prattle struct {
	random *rand.Rand
	words  *rand.Zipf
}

func newPrattle() *prattle {
	random := rand.New(rand.NewPCG(1, 2))
	return &prattle{random, rand.NewZipf(random, 1.1, 2.7, 30_000)}
}

// word is the nth most common one.
func word(n int) string {
	const onsets, vowels = "bcdfghklmnprstvw", "aeiou"
	var w []byte
	for n++; n > 0; n /= len(onsets) * len(vowels) {
		w = append(w, onsets[n%len(onsets)], vowels[n/len(onsets)%len(vowels)])
	}
	return string(w)
}

func (p *prattle) says(words int) string {
	if p.random.IntN(20) == 0 {
		letters := make([]rune, words*2)
		for i := range letters {
			letters[i] = '一' + rune(p.random.IntN(2000))
		}
		return string(letters)
	}
	all := make([]string, words)
	for i := range all {
		all[i] = word(int(p.words.Uint64()))
	}
	return strings.Join(all, " ")
}

// many fills a store with sessions of so many messages. It returns the bytes of their
// texts.
func many(b testing.TB, s *Store, sessions, messages int) (size int) {
	b.Helper()
	if _, err := s.write.Exec("PRAGMA synchronous=off"); err != nil {
		b.Fatal(err)
	}
	talk := newPrattle()
	began := time.Now().Add(-time.Duration(sessions) * time.Hour)
	err := s.change(b.Context(), "filling", func(tx *sql.Tx) error {
		for i := range sessions {
			id, parent := NewID(), int64(0)
			for j := range messages {
				m := question(parent, talk.says(12))
				if j%2 == 1 {
					m = reply(parent, talk.says(60))
				}
				m.Created = began.Add(time.Duration(i)*time.Hour + time.Duration(j)*time.Minute)
				size += len(m.Text())
				var err error
				if j == 0 {
					err = begin(b.Context(), tx, Session{ID: id}, &m)
				}
				if err == nil {
					parent, err = s.insert(b.Context(), tx, id, &m)
				}
				if err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return size
}

// BenchmarkList lists 10,000 sessions.
func BenchmarkList(b *testing.B) {
	s := open(b, b.TempDir())
	many(b, s, 10_000, 2)
	for b.Loop() {
		if all, err := s.List(b.Context()); err != nil || len(all) != 10_000 {
			b.Fatal(len(all), err)
		}
	}
}

// BenchmarkSearch looks for words in 100,000 messages of 5,000 sessions.
func BenchmarkSearch(b *testing.B) {
	s := open(b, b.TempDir())
	many(b, s, 5_000, 20)
	add(b, s, "old", question(0, "a quokka"))
	for _, one := range []struct{ name, words string }{
		{"rare", "quokka"},
		{"common", word(1)},
		{"middling", word(300)},
		{"prefix1", word(1)[:1]},
		{"prefix2", word(1)[:2]},
		{"two", word(1) + " " + word(2)},
		{"rare+common", word(1) + " quokka"},
		{"chinese", "乙丁"},
		{"chinese1", "丁"},
		{"nothing", "xyzzy"},
	} {
		b.Run(one.name, func(b *testing.B) {
			var found int
			for b.Loop() {
				hits, err := s.Search(b.Context(), one.words, 200)
				if err != nil {
					b.Fatal(err)
				}
				found = len(hits)
			}
			b.ReportMetric(float64(found), "hits")
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

// BenchmarkSize is how many bytes are on the disk for each of what was said, and for
// each of the pictures' files.
func BenchmarkSize(b *testing.B) {
	for b.Loop() {
		dir := b.TempDir()
		s := open(b, dir)
		texts := many(b, s, 500, 20)
		_ = s.Close()
		b.ReportMetric(float64(sizeOf(b, dir))/float64(texts), "of-texts")

		dir = b.TempDir()
		s = open(b, dir)
		photo := strings.Repeat("p", 100_000)
		for i := range 100 {
			p := picture("photo.jpg", fmt.Sprint(i, photo))
			add(b, s, "s", question(0, "What is this?", p))
		}
		_ = s.Close()
		b.ReportMetric(float64(sizeOf(b, dir))/float64(100*len(photo)), "of-pictures")
	}
}

// sizeOf is how many bytes the files under a folder have.
func sizeOf(b *testing.B, dir string) (size int64) {
	b.Helper()
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			size += info.Size()
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return size
}
