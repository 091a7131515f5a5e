package sessions

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// spoken are the texts of conversations, each with that which it follows, by session.
func spoken(all []*Conversation) map[string]map[string]bool {
	said := map[string]map[string]bool{}
	for _, c := range all {
		said[c.ID] = map[string]bool{}
		texts := map[int64]string{}
		for _, m := range c.All {
			texts[m.ID] = m.Text()
			for _, p := range m.Pictures() {
				texts[m.ID] += " with " + p.SHA256 + p.Source
			}
			said[c.ID][fmt.Sprintf("%s: %s, after %s", m.Role, texts[m.ID], texts[m.Parent])] = true
		}
	}
	return said
}

// loadAll loads all conversations of a store.
func loadAll(t testing.TB, s *Store) (all []*Conversation) {
	t.Helper()
	list, err := s.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range list {
		c, err := s.Load(t.Context(), one.ID)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	return all
}

// wreckable is a database of some hundred pages, and what is in it.
func wreckable(t testing.TB, dir string) (data []byte, all []*Conversation) {
	t.Helper()
	s := open(t, dir)
	many(t, s, 100, 10)
	cat := picture("cat.png", "the bytes of a cat")
	for i := range 10 {
		id := fmt.Sprintf("long%d", i)
		q := add(t, s, id, question(0, "Tell me all.", cat))
		a := add(t, s, id, reply(q, strings.Repeat(fmt.Sprintf("A long story, part %d. ", i), 800)))
		add(t, s, id, reply(q, "Another answer."))
		add(t, s, id, question(a, "And then?"))
		if _, err := s.Tag(t.Context(), id, []string{"story"}, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.SaveDraft(t.Context(), Draft{Session: "long3", Text: "what I was writing", Pictures: []*Picture{cat}}); err != nil {
		t.Fatal(err)
	}
	all = loadAll(t, s)
	_ = s.Close()
	data, err := os.ReadFile(filepath.Join(dir, fileName))
	if err != nil {
		t.Fatal(err)
	}
	return data, all
}

// share is how much of what was said there is, as it was.
func share(want, got map[string]map[string]bool) float64 {
	all, there := 0, 0
	for id, texts := range want {
		for text := range texts {
			all++
			if got[id][text] {
				there++
			}
		}
	}
	return float64(there) / float64(all)
}

// Of a database that was damaged in one of many ways comes back what was not hit.
func TestSalvage(t *testing.T) {
	t.Parallel()
	data, all := wreckable(t, t.TempDir())
	want := spoken(all)
	random := rand.New(rand.NewPCG(3, 4))
	pages := len(data) / defaultPage
	zeroed := func(n int) func([]byte) []byte {
		return func(data []byte) []byte {
			for range n {
				at := random.IntN(pages)
				clear(data[at*defaultPage : (at+1)*defaultPage])
			}
			return data
		}
	}
	for _, one := range []struct {
		name   string
		least  float64
		times  int
		damage func(data []byte) []byte
	}{
		{"nothing", 1, 1, func(data []byte) []byte { return data }},
		{"a page is zeroed", 0.93, 30, zeroed(1)},
		{"ten pages are zeroed", 0.75, 5, zeroed(10)},
		{"the header is lost", 0.99, 1, func(data []byte) []byte { clear(data[:100]); return data }},
		{"the first pages are lost", 0.95, 1, func(data []byte) []byte { clear(data[:4*defaultPage]); return data }},
		{"the second half is lost", 0.3, 1, func(data []byte) []byte { return data[:len(data)/2] }},
		{"the first half is zeroed", 0.02, 1, func(data []byte) []byte { clear(data[:len(data)/2]); return data }},
		{"bytes are changed", 0.9, 10, func(data []byte) []byte {
			for range 20 {
				data[random.IntN(len(data))] ^= byte(1 + random.IntN(255))
			}
			return data
		}},
		{"a page is another one", 0.9, 10, func(data []byte) []byte {
			from, to := random.IntN(pages), random.IntN(pages)
			copy(data[to*defaultPage:(to+1)*defaultPage], data[from*defaultPage:])
			return data
		}},
	} {
		worst := 1.0
		for range one.times {
			path := filepath.Join(t.TempDir(), fileName)
			if err := os.WriteFile(path, one.damage(slices.Clone(data)), 0o600); err != nil {
				t.Fatal(err)
			}
			w, err := salvage(path)
			if err != nil {
				t.Fatal(err)
			}
			var got []*Conversation
			for _, c := range w.sessions {
				got = append(got, c)
			}
			worst = min(worst, share(want, spoken(got)))
		}
		if worst < one.least {
			t.Errorf("%s: %.3f of what was said comes back, less than %.2f", one.name, worst, one.least)
		}
		t.Logf("%s: %.3f", one.name, worst)
	}
}

// What was salvaged is in the new database, as it was: all that is known of it, what was
// being written, the pictures. A second opening says nothing more.
func TestSalvagedStore(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	data, all := wreckable(t, dir)
	clear(data[40:defaultPage]) // the schema, and what the tables' version is: but no row
	if err := os.WriteFile(filepath.Join(dir, fileName), data, 0o600); err != nil {
		t.Fatal(err)
	}
	suspect(dir)
	s := open(t, dir)
	if notices := s.Notices(); len(notices) != 1 || !strings.Contains(notices[0], "conversations: 110, messages: 1040.") || !strings.Contains(notices[0], ".damaged-") {
		t.Errorf("it says %q", notices)
	}
	got := loadAll(t, s)
	if n := share(spoken(all), spoken(got)); n < 1 || len(got) != len(all) {
		t.Fatalf("%.3f of what was said is there, in %d conversations of %d", n, len(got), len(all))
	}
	for i, c := range got {
		was := all[slices.IndexFunc(all, func(other *Conversation) bool { return other.ID == c.ID })]
		if c.Title != was.Title || !slices.Equal(c.Tags, was.Tags) || !c.Updated.Equal(was.Updated) || c.Messages != was.Messages || len(c.Path()) != len(was.Path()) {
			t.Errorf("session %d is %+v, and was %+v", i, c.Session, was.Session)
		}
	}
	if d, err := s.Draft(t.Context(), "long3"); err != nil || d.Text != "what I was writing" || len(d.Pictures) != 1 {
		t.Errorf("the draft is %+v, %v", d, err)
	}
	if hits, err := s.Search(t.Context(), "story part", 100); err != nil || len(hits) != 10 {
		t.Errorf("%d are found, %v", len(hits), err)
	}
	if err := s.check(); err != nil {
		t.Error(err)
	}
	_ = s.Close()
	if s := open(t, dir); len(s.Notices()) > 0 {
		t.Errorf("it is told again: %q", s.Notices())
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".salvage-*")); len(left) > 0 {
		t.Errorf("there is %q", left)
	}
}

// Who is killed when what was salvaged is ready, but not in its place, is followed by one
// who puts it there.
func TestSalvageGoesOn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, fileName)
	s := open(t, dir)
	add(t, s, "s", question(0, "What?"))
	_ = s.Close()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, there := range map[string]bool{"before": true, "between": false} {
		if err := os.WriteFile(path+salvagedEnding, data, 0o600); err != nil {
			t.Fatal(err)
		}
		suspect(dir)
		if there {
			err = os.WriteFile(path, []byte("a wreck"), 0o600)
		} else {
			err = os.Remove(path)
		}
		if err != nil {
			t.Fatal(err)
		}
		s := open(t, dir)
		if c, err := s.Load(t.Context(), "s"); err != nil || len(c.All) != 1 || len(s.Notices()) != 1 || suspected(dir) {
			t.Errorf("killed %s: %+v, %v; %q", name, c, err, s.Notices())
		}
		_ = s.Close()
	}
}

// The log of a process that was killed is read as well: up to its last transaction, and
// behind a place that is damaged.
func TestSalvageLog(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, fileName)
	s := open(t, dir)
	parent := int64(0)
	for i := range 60 {
		parent = add(t, s, "s", question(parent, fmt.Sprintf("Question %d of many.", i)))
	}
	log, err := os.ReadFile(path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const frame = frameHeader + defaultPage
	frames := (len(log) - logHeader) / frame
	for _, one := range []struct {
		name   string
		least  int
		damage func(log []byte) []byte
	}{
		{"whole", 60, func(log []byte) []byte { return log }},
		{"lost", 0, func([]byte) []byte { return nil }},
		{"torn", 40, func(log []byte) []byte { return log[:len(log)*9/10] }},
		{"zeros in it", 50, func(log []byte) []byte {
			clear(log[logHeader+frames/2*frame:][:frame])
			return log
		}},
		{"a changed byte", 50, func(log []byte) []byte { log[logHeader+frames/3*frame+1000]++; return log }},
		{"no header", 0, func(log []byte) []byte { clear(log[:logHeader]); return log }},
	} {
		to := filepath.Join(t.TempDir(), fileName)
		if err := os.WriteFile(to, file, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to+"-wal", one.damage(slices.Clone(log)), 0o600); err != nil {
			t.Fatal(err)
		}
		w, err := salvage(to)
		if err != nil {
			t.Fatal(err)
		}
		texts := 0
		if c := w.sessions["s"]; c != nil {
			for _, m := range c.All {
				if strings.HasPrefix(m.Text(), "Question ") {
					texts++
				}
			}
		}
		if texts < one.least {
			t.Errorf("%s: %d of 60 questions come back, less than %d", one.name, texts, one.least)
		}
	}
}

// A message whose row is lost is where it was, by those before and behind it; one of
// which nothing is left is told.
func TestRestore(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	q := add(t, s, "one", question(0, "First?"))
	a := add(t, s, "one", reply(q, "First."))
	q2 := add(t, s, "one", question(a, "Second?"))
	a2 := add(t, s, "one", reply(q2, "Second."))
	add(t, s, "one", question(a2, "Third?"))
	add(t, s, "two", question(0, "Other?"))
	for _, statement := range []string{
		fmt.Sprintf("DELETE FROM messages WHERE id IN (%d, %d)", a, a2), // but no parts, as the keys are off
		fmt.Sprintf("DELETE FROM parts WHERE message=%d", a),
		"DELETE FROM sessions WHERE id='two'",
	} {
		if _, err := s.write.Exec("PRAGMA foreign_keys=off"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.write.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	_ = s.Close()
	w, err := salvage(filepath.Join(dir, fileName))
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, m := range w.sessions["one"].Path() {
		texts = append(texts, string(m.Role)+" "+m.Text())
	}
	if want := []string{"user First?", "assistant " + lostWords, "user Second?", "assistant Second.", "user Third?"}; !slices.Equal(texts, want) {
		t.Errorf("there is %q", texts)
	}
	if two := w.sessions["two"]; two == nil || two.Title != "Other?" || !slices.Equal(two.Tags, []string{Salvaged}) {
		t.Errorf("the other one is %+v", two)
	}
	if w.lost != 1 || !strings.Contains(w.tells(), "known to be lost, in whole or in part: 1.") {
		t.Errorf("it tells %q", w.tells())
	}
}

// Whatever is in the file, salvaging ends, and what it finds can be kept.
func FuzzSalvage(f *testing.F) {
	dir := f.TempDir()
	s := open(f, dir)
	q := add(f, s, "s", question(0, "What?", picture("a.png", "a")))
	add(f, s, "s", reply(q, strings.Repeat("This. ", 1000)))
	log, err := os.ReadFile(filepath.Join(dir, fileName+"-wal"))
	if err != nil {
		f.Fatal(err)
	}
	_ = s.Close()
	data, err := os.ReadFile(filepath.Join(dir, fileName))
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte{}, []byte{}, []byte{})
	f.Add([]byte("\x00\x00\x10\x02"), []byte("\x0d\x00\x00\x00\x01\x0f\x00"), []byte("\x00\x00\x0a\x01"))
	f.Add([]byte("\x00\x20\x00\x0d"), []byte{}, []byte("\x00\x10\x00\xff"))
	change := func(data, places []byte) []byte {
		data = slices.Clone(data)
		for ; len(places) >= 4; places = places[4:] {
			data[binary.BigEndian.Uint32(places)>>8%uint32(len(data))] = places[3]
		}
		return data
	}
	// Three bytes say where, and the fourth what there is.
	f.Fuzz(func(t *testing.T, places, page, places2 []byte) {
		data, log := change(data, places), change(log, places2)
		copy(data[defaultPage:2*defaultPage], page)
		c := newCarving(bytes.NewReader(data), int64(len(data)))
		c.log = bytes.NewReader(log)
		if err := c.readFrames(int64(len(log))); err != nil {
			t.Fatal(err)
		}
		w := newWreck()
		if err := c.rows(w.row); err != nil {
			t.Fatal(err)
		}
		w.mend()
		for id, c := range w.sessions {
			before := map[int64]bool{0: true}
			for _, m := range c.All {
				if !before[m.Parent] {
					t.Errorf("message %d of %s stands before what it follows", m.ID, id)
				}
				before[m.ID] = true
			}
			if c.Leaf == 0 || !before[c.Leaf] {
				t.Errorf("the leaf of %s is %d", id, c.Leaf)
			}
		}
		_ = w.tells()
	})
}
