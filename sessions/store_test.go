package sessions

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func open(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func picture(source, content string) *Picture {
	sum := sha256.Sum256([]byte(content))
	return &Picture{SHA256: hex.EncodeToString(sum[:]), Source: source, Format: "png", Width: 3, Height: 2,
		Bytes: func() ([]byte, error) { return []byte(content), nil }}
}

func question(parent int64, text string, pictures ...*Picture) Message {
	m := Message{Parent: parent, Role: User, State: Whole}
	for _, p := range pictures {
		m.Parts = append(m.Parts, Part{Picture: p})
	}
	m.Parts = append(m.Parts, Part{Text: text})
	return m
}

func reply(parent int64, text string) Message {
	return Message{Parent: parent, Role: Assistant, State: Whole, Model: "llava", Engine: "ollama", Parts: []Part{{Text: text}}}
}

func add(t testing.TB, s *Store, session string, m Message) int64 {
	t.Helper()
	id, err := s.Append(t.Context(), Session{ID: session}, m)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// What is kept is had again: the tree, the pictures, what is known of answers.
func TestConversation(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "sessions")
	s := open(t, dir)
	id := NewID()
	cat := picture("/home/me/cat.png", "the bytes of a cat")
	cat.Facts = json.RawMessage(`{"place":"left"}`)
	q := add(t, s, id, question(0, "What is this?", cat))
	a := Message{Parent: q, Role: Assistant, State: Asked}
	first := add(t, s, id, a)
	whole := reply(q, "A cat.")
	whole.Thinking, whole.Usage, whole.By = "Whiskers …", json.RawMessage(`{"ttft":1}`), json.RawMessage(`{"device":"CPU"}`)
	whole.Sampling, whole.Cost, whole.Finish = json.RawMessage(`{"seed":7}`), 0.25, "stop"
	for range 2 {
		if err := s.Update(t.Context(), first, whole); err != nil {
			t.Fatal(err)
		}
	}
	failed := Message{Parent: q, Role: Assistant, State: Failed, Error: "no", Hint: "try", Parts: []Part{{Text: "A d"}}}
	second := add(t, s, id, failed)
	next := add(t, s, id, question(first, "Which colour?", cat))
	if err := s.SetLeaf(t.Context(), id, first); err != nil {
		t.Fatal(err)
	}
	if err := s.SetSystem(t.Context(), id, "Be brief."); err != nil {
		t.Fatal(err)
	}
	_ = s.Close()

	s = open(t, dir)
	c, err := s.Load(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if c.Title != "What is this?" || c.TitleBy != ByWords || c.System != "Be brief." || c.Messages != 4 || c.Pictures != 2 || c.Leaf != first || !reflect.DeepEqual(c.Models, []string{"llava"}) {
		t.Errorf("the session is %+v", c.Session)
	}
	var ids []int64
	for _, m := range c.All {
		ids = append(ids, m.ID, m.Parent)
	}
	if want := []int64{q, 0, first, q, second, q, next, first}; !reflect.DeepEqual(ids, want) {
		t.Errorf("the tree is %v, want %v", ids, want)
	}
	if path := c.Path(); len(path) != 2 || path[0].ID != q || path[1].ID != first {
		t.Errorf("the path is %+v", path)
	}
	got := c.All[1]
	if got.Text() != "A cat." || got.Thinking != whole.Thinking || string(got.Usage) != string(whole.Usage) || string(got.By) != string(whole.By) ||
		string(got.Sampling) != string(whole.Sampling) || got.Cost != whole.Cost || got.Finish != "stop" || got.State != Whole || got.Engine != "ollama" {
		t.Errorf("the answer is %+v", got)
	}
	if got := c.All[2]; got.Error != "no" || got.Hint != "try" || got.State != Failed || got.Text() != "A d" {
		t.Errorf("the failed answer is %+v", got)
	}
	p := c.All[0].Pictures()[0]
	if p.Source != cat.Source || string(p.Facts) != string(cat.Facts) || p.Width != 3 || p.Height != 2 || c.All[0].Parts[1].Text != "What is this?" {
		t.Errorf("the question is %+v with %+v", c.All[0], p)
	}
	if data, err := s.Bytes(p.SHA256); err != nil || string(data) != "the bytes of a cat" {
		t.Errorf("the picture is %q, %v", data, err)
	}
	if g, err := s.Glance(t.Context(), id); err != nil || g.Asked != "What is this?" || g.Said != "A cat." || len(g.Pictures) != 1 {
		t.Errorf("a glance shows %+v, %v", g, err)
	}
}

// Everything is the user's alone.
func TestPrivate(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no modes of files")
	}
	dir := filepath.Join(t.TempDir(), "a", "sessions")
	s := open(t, dir)
	add(t, s, NewID(), question(0, "What?", picture("a.png", "bytes")))
	h, err := s.Hold("x")
	if err != nil {
		t.Fatal(err)
	}
	defer h.Release()
	files := 0
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if want := map[bool]fs.FileMode{true: 0o700, false: 0o600}[d.IsDir()]; err == nil && info.Mode().Perm() != want {
			t.Errorf("%s has the mode %o", path, info.Mode().Perm())
		}
		files++
		return err
	})
	if err != nil || files < 7 {
		t.Errorf("%d files, %v", files, err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	open(t, dir)
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("a folder that others could read has the mode %v, %v", info.Mode(), err)
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	ctx := t.Context()
	for i, text := range []string{"What is on the red sign?", "How many dogs are there?", "How many cats are there?"} {
		id := fmt.Sprintf("abc%d", i)
		q := add(t, s, id, Message{Role: User, State: Whole, Created: time.UnixMilli(int64(1000 * (i + 1))), Parts: []Part{{Text: text}}})
		a := reply(q, "An answer about zebras: number "+fmt.Sprint(i))
		a.Created = time.UnixMilli(int64(1000 * (i + 1)))
		add(t, s, id, a)
	}
	for written, want := range map[string]string{"abc1": "abc1", "ABC1": "abc1", "how many dogs are there?": "abc1", "red": "abc0", "dogs": "abc1", "number 2": "abc2"} {
		if got, err := s.Find(ctx, written); err != nil || got.ID != want {
			t.Errorf("%q is %q, %v", written, got.ID, err)
		}
	}
	for _, written := range []string{"", "giraffe", "%", "_", `"`, "abc9"} {
		if got, err := s.Find(ctx, written); !errors.Is(err, ErrNotFound) {
			t.Errorf("%q is %+v, %v", written, got, err)
		}
	}
	for _, written := range []string{"abc", "many", "zebras"} {
		var several *AmbiguousError
		if _, err := s.Find(ctx, written); !errors.As(err, &several) || len(several.Found) < 2 || !strings.Contains(err.Error(), "abc2 (How many cats") {
			t.Errorf("%q: %v", written, err)
		}
	}
	if last, err := s.Last(ctx); err != nil || last.ID != "abc2" {
		t.Errorf("the last one is %v, %v", last.ID, err)
	}
	if err := s.Rename(ctx, "abc0", " The \n sign ", ByPerson); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Find(ctx, "the sign"); err != nil || got.ID != "abc0" || got.TitleBy != ByPerson {
		t.Errorf("the renamed one is %+v, %v", got, err)
	}
	if err := s.Rename(ctx, "abc2", "ABC", ByPerson); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Find(ctx, "abc"); err != nil || got.ID != "abc2" {
		t.Errorf("its title, with which other IDs begin, is %q, %v", got.ID, err)
	}
	if err := s.Rename(ctx, "abc0", " ", ByPerson); err == nil {
		t.Error("an empty title is taken")
	}
	for what, err := range map[string]error{
		"rename": s.Rename(ctx, "none", "x", ByPerson), "leaf": s.SetLeaf(ctx, "none", 0), "foreign leaf": s.SetLeaf(ctx, "abc0", 6),
		"system": s.SetSystem(ctx, "none", "x"), "update": s.Update(ctx, 99, reply(0, "x")), "remove": s.Remove(ctx, "none"),
	} {
		if !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := s.Append(ctx, Session{ID: "abc0"}, reply(4, "behind another session's")); !errors.Is(err, ErrNotFound) {
		t.Errorf("a message behind one of another session: %v", err)
	}
}

func TestSearch(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	long := strings.Repeat("Lorem ipsum dolor sit amet. ", 20)
	for id, text := range map[string]string{
		"one": "Ein Bär steht im Wald. " + long, "two": long + "The quick brown fox jumps. " + long, "three": "図書館の前に赤い自転車があります。",
	} {
		q := add(t, s, id, question(0, "Question "+id))
		add(t, s, id, reply(q, text))
	}
	for words, want := range map[string][]string{
		"fox": {"two"}, "FOX jum": {"two"}, "fox bear": nil, "bar": {"one"}, "Bär": {"one"}, "自転車": {"three"}, "question three": {"three"},
		`fox"`: {"two"}, "fox OR bär": nil, "*": nil, "fox*": {"two"}, "NEAR(": nil, "": nil, "ox": nil,
	} {
		hits, err := s.Search(t.Context(), words, 10)
		var got []string
		for _, h := range hits {
			got = append(got, h.ID)
		}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q finds %v, %v", words, got, err)
		}
	}
	hits, err := s.Search(t.Context(), "quick fox", 1)
	if err != nil || len(hits) != 1 || !strings.Contains(hits[0].Snippet, "The «quick» brown «fox» jumps.") || !strings.HasPrefix(hits[0].Snippet, "…") {
		t.Errorf("found %+v, %v", hits, err)
	}
	if hits, err := s.Search(t.Context(), strings.Repeat("quick fox ", 2000), 10); err != nil || len(hits) != 1 {
		t.Errorf("a pasted page finds %v, %v", hits, err)
	}
	// An answer that was changed is found by what it says now.
	id := add(t, s, "four", question(0, "Which animal?"))
	a := add(t, s, "four", reply(id, "An okapi."))
	if err := s.Update(t.Context(), a, reply(id, "A giraffe.")); err != nil {
		t.Fatal(err)
	}
	for words, want := range map[string]int{"okapi": 0, "giraffe": 1} {
		if hits, err := s.Search(t.Context(), words, 10); err != nil || len(hits) != want {
			t.Errorf("%q finds %v, %v", words, hits, err)
		}
	}
}

// What was removed is in none of the files any more; what another session has, too,
// stays.
func TestRemove(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	shared, own := picture("shared.png", "bytes that both have"), picture("own.png", "bytes of one alone")
	for _, id := range []string{"one", "two"} {
		q := add(t, s, id, question(0, "The secret of "+id, shared))
		add(t, s, id, reply(q, "xyzzy-"+id+strings.Repeat(" and much more", 500)))
	}
	add(t, s, "one", question(0, "And this?", own))
	if err := s.SaveDraft(t.Context(), Draft{Session: "one", Text: "plugh-draft"}); err != nil {
		t.Fatal(err)
	}
	if err := s.Remove(t.Context(), "one", "three"); !errors.Is(err, ErrNotFound) {
		t.Errorf("one that is not there: %v", err)
	}
	if _, err := s.Load(t.Context(), "one"); err != nil {
		t.Errorf("half of what was to be removed is: %v", err)
	}
	var told []string
	s.Removed = func(_ context.Context, sessions, pictures []string) error {
		told = append(append(told, sessions...), pictures...)
		return nil
	}
	if err := s.Remove(t.Context(), "one", "one"); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(told, []string{"one", own.SHA256}) {
		t.Errorf("it tells that these are gone: %q", told)
	}
	if _, err := s.Load(t.Context(), "one"); !errors.Is(err, ErrNotFound) {
		t.Errorf("it is there: %v", err)
	}
	if hits, err := s.Search(t.Context(), "xyzzy", 10); err != nil || len(hits) != 1 {
		t.Errorf("the search finds %v, %v", hits, err)
	}
	if _, err := s.Bytes(own.SHA256); !errors.Is(err, ErrNotFound) {
		t.Errorf("its own picture: %v", err)
	}
	if _, err := s.Bytes(shared.SHA256); err != nil {
		t.Errorf("the picture that both have: %v", err)
	}
	for _, secret := range []string{"xyzzy-one", "secret of one", "bytes of one alone", "own.png", "plugh-draft"} {
		if file := holds(t, dir, secret); file != "" {
			t.Errorf("%q is still in %s", secret, file)
		}
	}
	if holds(t, dir, "xyzzy-two") == "" {
		t.Error("what should be found is not: this test finds nothing")
	}
	if err := s.check(); err != nil {
		t.Error(err)
	}
}

// Nothing is left of what a conversation has besides its words.
func TestRemoveWhole(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	ctx := t.Context()
	cat, example, pasted := picture("cat.png", "bytes of a cat"), picture("example.png", "bytes of an example"), picture("pasted.png", "bytes that were pasted")
	q := question(0, "Is it 図書館に猫がいる where plover is?", cat)
	q.Needs, q.By = []*Picture{example}, []byte(`{"system":"be a grue"}`)
	a := reply(add(t, s, "s", q), "It is.")
	a.Thinking, a.Provenance = "it may be a lantern", []byte(`{"model":"frobozz"}`)
	add(t, s, "s", a)
	if err := s.Rename(ctx, "s", "The zorkmid", ByModel); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Tag(ctx, "s", []string{"grotto"}, nil); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveThumbnail(ctx, cat.SHA256, []byte("small cat")); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveDraft(ctx, Draft{Session: BesideDraft("s"), Text: "quendor, perhaps", Pictures: []*Picture{pasted}}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.write.Exec("PRAGMA wal_checkpoint(TRUNCATE)"); err != nil { // most of it is in the database
		t.Fatal(err)
	}
	secrets := []string{"plover", "図書館", "図 書 館", "grue", "lantern", "frobozz", "zorkmid", "grotto", "quendor", "bytes of", "bytes that", "small cat", cat.SHA256, example.SHA256, pasted.SHA256}
	for _, secret := range secrets {
		if holds(t, dir, secret) == "" && len(secret) != 64 { // digests are in names as well
			t.Errorf("%q is in no file to begin with", secret)
		}
	}
	if err := s.Remove(ctx, "s"); err != nil {
		t.Fatal(err)
	}
	for _, secret := range secrets {
		if file := holds(t, dir, secret); file != "" {
			t.Errorf("%q is still in %s", secret, file)
		}
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*", "*", "*")); err != nil || len(left) > 0 {
		t.Errorf("files are left: %q, %v", left, err)
	}
}

// holds returns a file under dir that has a text, without regard to case.
func holds(t *testing.T, dir, text string) (file string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if bytes.Contains(bytes.ToLower(data), bytes.ToLower([]byte(text))) {
			file = path
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// A picture that is added while another session that has it is removed stays whole.
func TestRemoveWhileAdding(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	one, two := open(t, dir), open(t, dir)
	cat := picture("cat.png", "a cat")
	for i := range 20 {
		old, fresh := fmt.Sprintf("old%d", i), fmt.Sprintf("new%d", i)
		add(t, one, old, question(0, "What?", cat))
		var both sync.WaitGroup
		both.Go(func() {
			if err := one.Remove(t.Context(), old); err != nil {
				t.Error(err)
			}
		})
		both.Go(func() { add(t, two, fresh, question(0, "What?", cat)) })
		both.Wait()
		if _, err := two.Bytes(cat.SHA256); err != nil {
			t.Fatalf("round %d: %v", i, err)
		}
		if err := two.Remove(t.Context(), fresh); err != nil {
			t.Fatal(err)
		}
		if _, err := two.Bytes(cat.SHA256); !errors.Is(err, ErrNotFound) {
			t.Fatalf("round %d: nobody has it, and it is there: %v", i, err)
		}
	}
}

// Of two that have a session open, the second is told, and what both say are branches.
func TestTwoInOneSession(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	one, two := open(t, dir), open(t, dir)
	hold, err := one.Hold("s")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := two.Hold("s"); !errors.Is(err, ErrHeld) {
		t.Errorf("the second one: %v", err)
	}
	q := add(t, one, "s", question(0, "What?"))
	a := add(t, one, "s", reply(q, "This."))
	b1, b2 := add(t, one, "s", question(a, "And of one?")), add(t, two, "s", question(a, "And of two?"))
	a2, a1 := add(t, two, "s", reply(b2, "Two.")), add(t, one, "s", reply(b1, "One."))
	c, err := two.Load(t.Context(), "s")
	if err != nil || len(c.All) != 6 || c.Leaf != a1 {
		t.Fatalf("%+v, %v", c, err)
	}
	for leaf, want := range map[int64]string{a1: "One.", a2: "Two."} {
		c.Leaf = leaf
		path := c.Path()
		if len(path) != 4 || path[3].Text() != want {
			t.Errorf("the branch of %d is %+v", leaf, path)
		}
	}
	hold.Release()
	again, err := two.Hold("s")
	if err != nil {
		t.Errorf("when the first one has gone: %v", err)
	}
	again.Release()
	if _, err := one.Hold("../s"); err == nil {
		t.Error("a session may lie elsewhere")
	}
}

func TestDrafts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	ctx := t.Context()
	add(t, s, "begun", question(0, "What?"))
	for i, d := range []Draft{{Session: "begun", Text: "of one that was begun"}, {Session: "old", Text: "old"}, {Session: "fresh", Text: "fresh\nlines", Pictures: []*Picture{{Source: "/a b.png"}}}} {
		if err := s.SaveDraft(ctx, d); err != nil {
			t.Fatal(err)
		}
		if _, err := s.write.Exec("UPDATE drafts SET updated=? WHERE session=?", i, d.Session); err != nil {
			t.Fatal(err)
		}
	}
	if d, err := s.Draft(ctx, "begun"); err != nil || d.Text != "of one that was begun" {
		t.Errorf("%+v, %v", d, err)
	}
	hold, err := s.Hold("fresh")
	if err != nil {
		t.Fatal(err)
	}
	other := open(t, dir)
	if d, err := other.AdoptDraft(ctx, "mine"); err != nil || d.Text != "old" || d.Session != "mine" {
		t.Errorf("while the newest is being written: %+v, %v", d, err)
	}
	hold.Release()
	if d, err := other.AdoptDraft(ctx, "yours"); err != nil || d.Text != "fresh\nlines" || len(d.Pictures) != 1 {
		t.Errorf("the newest: %+v, %v", d, err)
	}
	if err := s.SaveDraft(ctx, Draft{Session: "yours"}); err != nil {
		t.Fatal(err)
	}
	if d, err := s.Draft(ctx, "yours"); err != nil || !d.Empty() {
		t.Errorf("what was sent is still a draft: %+v, %v", d, err)
	}
}

func TestTitles(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"What is this?":             "What is this?",
		" two\nlines":               "two",
		"a\ttab  and blanks":        "a tab and blanks",
		strings.Repeat("word ", 30): strings.TrimSpace(strings.Repeat("word ", 11)) + "…",
		strings.Repeat("字", 100):    strings.Repeat("字", 59) + "…",
		"/x/cat.png Which cat?":     "Which cat?",
		"/x/cat.png":                "cat.png, b.jpg",
		"":                          "cat.png, b.jpg",
	} {
		m := question(0, text, picture("/x/cat.png", "1"), picture(`C:\y\b.jpg`, "2"))
		if got := TitleOf(&m); got != want {
			t.Errorf("the title of %q is %q, want %q", text, got, want)
		}
	}
}

func FuzzSearch(f *testing.F) {
	for _, text := range []string{"fox", `"`, "*", "NEAR(a b)", "a OR", "自", "%_\\", "\x00", "İ", "ß ẞ"} {
		f.Add(text, text)
	}
	s := open(f, f.TempDir())
	f.Fuzz(func(t *testing.T, words, said string) {
		if _, err := s.Search(t.Context(), words, 3); err != nil {
			t.Errorf("searching %q: %v", words, err)
		}
		snippet(said, strings.Fields(words))
		if title := []rune(firstWords(said, mostOfTitle)); len(title) > mostOfTitle {
			t.Errorf("the title %q of %q", string(title), said)
		}
	})
}

// A conversation that is added is the one that was loaded elsewhere.
func TestAdd(t *testing.T) {
	t.Parallel()
	from, to := open(t, t.TempDir()), open(t, t.TempDir())
	ctx := t.Context()
	q := add(t, from, "one", question(0, "What is it?", picture("a.png", "bytes of a")))
	a := reply(q, "a cat")
	a.Provenance = []byte(`{"model":"0123"}`)
	first := add(t, from, "one", a)
	add(t, from, "one", reply(q, "a dog"))
	if err := from.SetLeaf(ctx, "one", first); err != nil {
		t.Fatal(err)
	}
	if _, err := from.Tag(ctx, "one", []string{"pets"}, nil); err != nil {
		t.Fatal(err)
	}
	want, err := from.Load(ctx, "one")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range want.All {
		for _, p := range m.Pictures() {
			p.Bytes = func() ([]byte, error) { return from.Bytes(p.SHA256) }
		}
	}
	add(t, to, "other", question(0, "so that the numbers differ"))
	if err := to.Add(ctx, want); err != nil {
		t.Fatal(err)
	}
	got, err := to.Load(ctx, "one")
	if err != nil {
		t.Fatal(err)
	}
	if got.All[0].ID == want.All[0].ID || got.Path()[1].Text() != "a cat" || string(got.All[1].Provenance) != `{"model":"0123"}` {
		t.Errorf("it has become %+v", got)
	}
	if !slices.Equal(got.Tags, want.Tags) || got.Updated != want.Updated || got.Messages != 3 || got.Pictures != 1 {
		t.Errorf("the session is %+v, not %+v", got.Session, want.Session)
	}
	if data, err := to.Bytes(want.All[0].Pictures()[0].SHA256); err != nil || string(data) != "bytes of a" {
		t.Errorf("the picture is %q, %v", data, err)
	}
	if err := to.Add(ctx, want); !errors.Is(err, ErrExists) {
		t.Errorf("adding it again: %v", err)
	}
}

// Who gives up is told of nothing else, whenever that is, and nothing is changed.
func TestCancelled(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	add(t, s, "s", question(0, "What?"))
	ctx, cancel := context.WithCancel(t.Context())
	err := s.change(ctx, "trying", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "DELETE FROM sessions")
		cancel()
		for err == nil { // until it is undone
			_, err = tx.ExecContext(t.Context(), "SELECT 1")
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("it says %v", err)
	}
	if c, err := s.Load(t.Context(), "s"); err != nil || len(c.All) != 1 {
		t.Errorf("there is %+v, %v", c, err)
	}
}
