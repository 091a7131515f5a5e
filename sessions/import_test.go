package sessions

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// random makes a conversation of everything that one can have.
func random(r *rand.Rand) *Conversation {
	pick := func(texts ...string) string { return texts[r.IntN(len(texts))] }
	word := func() string {
		return pick("", "a cat", "<b>&\"\\", "日本語 text", "line\nline\r\n\ttab", "\x1b[31m red \u202e turned \u2028", "```\ncode\n```", strings.Repeat("long ", r.IntN(300)))
	}
	object := func(s string) json.RawMessage {
		if r.IntN(2) == 0 {
			return nil
		}
		return json.RawMessage(s)
	}
	at := func() time.Time { return time.UnixMilli(1_600_000_000_000 + r.Int64N(1e11)) }
	var pictures []*Picture
	for i := range 4 {
		p := picture(pick("/home/me/cat.png", `C:\dog.jpg`, "a <b>.gif"), fmt.Sprintf("bytes %d of %d", i, r.Int64()))
		p.Width, p.Height, p.Facts = 1+r.IntN(5000), 1+r.IntN(5000), object(`{"place":"left \u003c 3"}`)
		pictures = append(pictures, p)
	}
	c := &Conversation{Session: Session{ID: NewID(), Title: pick("A cat", "<What> \u202e?", "x"), TitleBy: TitleBy(pick("", "model", "person")), System: word(),
		Created: at(), Updated: at()}}
	for _, tag := range []string{"birds", "keep", "work/2026"} {
		if r.IntN(2) == 0 {
			c.Tags = append(c.Tags, tag)
		}
	}
	for i := range 1 + r.IntN(12) {
		m := Message{ID: int64(i + 1), Role: User, State: Whole, Created: at(), By: object(`{"system":"Be <brief>."}`)}
		if m.Parent = int64(r.IntN(i + 1)); m.Parent != 0 && c.All[m.Parent-1].Role == User {
			m.Role, m.State = Assistant, State(pick("asked", "partial", "whole", "stopped", "failed"))
			m.Thinking, m.Engine, m.Model, m.Finish, m.Error, m.Hint = word(), pick("", "ollama"), pick("", "llava", "qwen"), pick("", "stop"), word(), word()
			m.Sampling, m.Usage, m.Provenance = object(`{"seed":7}`), object(`{"prompt_tokens":3}`), object(`{"model":"abc"}`)
			m.Cost = float64(r.IntN(3)) / 8
		}
		for range r.IntN(4) {
			if m.Role == User && r.IntN(2) == 0 {
				m.Parts = append(m.Parts, Part{Picture: pictures[r.IntN(len(pictures))]})
			} else {
				m.Parts = append(m.Parts, Part{Text: word()})
			}
		}
		if m.Role == User && r.IntN(3) == 0 {
			of := pictures[r.IntN(len(pictures))]
			m.Needs = append(m.Needs, &Picture{SHA256: of.SHA256, Bytes: of.Bytes})
		}
		c.All = append(c.All, m)
	}
	c.Leaf = int64(r.IntN(len(c.All) + 1))
	c.count()
	return c
}

// comparable makes conversations with the same contents equal: messages are numbered in
// their order, and pictures have their bytes where they can be compared.
func comparable(t *testing.T, s *Store, c *Conversation) string {
	t.Helper()
	number := map[int64]int64{}
	var b strings.Builder
	show := func(v any) { fmt.Fprintf(&b, "%+v\n", v) }
	session := c.Session
	session.Created, session.Updated = session.Created.UTC(), session.Updated.UTC()
	show(session)
	for i, m := range c.All {
		number[m.ID] = int64(i + 1)
		parts := m.Parts
		for _, p := range m.Needs {
			parts = append(slices.Clone(parts), Part{Picture: p})
		}
		m.ID, m.Parent, m.Created, m.Parts, m.Needs = int64(i+1), number[m.Parent], m.Created.UTC(), nil, nil
		for _, j := range []json.RawMessage{m.By, m.Sampling, m.Usage, m.Provenance} {
			show(string(j))
		}
		m.By, m.Sampling, m.Usage, m.Provenance = nil, nil, nil, nil
		show(m)
		for _, p := range parts {
			if p.Picture == nil {
				show(p.Text)
				continue
			}
			copied := *p.Picture
			data, err := copied.data()
			if copied.Bytes == nil && s != nil {
				data, err = s.Bytes(copied.SHA256)
			}
			copied.Bytes, copied.Facts = nil, nil
			show(copied)
			show(string(p.Picture.Facts))
			show(string(data))
			show(err)
		}
	}
	show(number[c.Leaf])
	return b.String()
}

// What was exported is had again, in the memory and in another store.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	for seed := range uint64(60) {
		c := random(rand.New(rand.NewPCG(seed, 1)))
		var out bytes.Buffer
		if _, err := (Export{Format: JSON}).To(c, &out); err != nil {
			t.Fatal(err)
		}
		back, err := ReadJSON(out.Bytes(), nil)
		if err != nil {
			t.Fatalf("%v\n%s", err, out.String())
		}
		want := comparable(t, nil, c)
		if got := comparable(t, nil, back); got != want {
			t.Fatalf("seed %d: it is\n%s\nand was\n%s", seed, got, want)
		}
		if done, err := s.Import(t.Context(), back); err != nil || !done.New || done.Added != len(c.All) {
			t.Fatalf("%+v, %v", done, err)
		}
		kept, err := s.Load(t.Context(), c.ID)
		if err != nil {
			t.Fatal(err)
		}
		if got := comparable(t, s, kept); got != want {
			t.Fatalf("seed %d: kept it is\n%s\nand was\n%s", seed, got, want)
		}
		if done, err := s.Import(t.Context(), back); err != nil || done.New || done.Added != 0 || done.Had != len(c.All) {
			t.Fatalf("again: %+v, %v", done, err)
		}
		if kept, err = s.Load(t.Context(), c.ID); err != nil || comparable(t, s, kept) != want {
			t.Fatalf("seed %d: again it is another", seed)
		}
	}
}

// A conversation that went on in two places becomes one with branches.
func TestImportMerges(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	here := open(t, t.TempDir())
	c := exported()
	c.ID, c.Updated = "abcdefgh", c.Created.Add(time.Minute)
	c.All[0].Pictures()[2].Bytes = nil // it is lost
	if _, err := here.Import(ctx, c); err != nil {
		t.Fatal(err)
	}
	if err := here.Rename(ctx, c.ID, "My title", ByPerson); err != nil {
		t.Fatal(err)
	}
	kept, err := here.Load(ctx, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	more := question(kept.Leaf, "Said here")
	more.Created = c.Updated.Add(time.Minute)
	add(t, here, c.ID, more)

	elsewhere := *c
	elsewhere.Updated = c.Updated.Add(time.Hour)
	said := question(c.Leaf, "Said elsewhere", picture("new.png", "new bytes"))
	said.ID, said.Created = 6, elsewhere.Updated
	elsewhere.All, elsewhere.Leaf, elsewhere.Title = append(slices.Clone(c.All), said), 6, "Another title"
	for range 2 {
		if _, err := here.Import(ctx, &elsewhere); err != nil {
			t.Fatal(err)
		}
	}
	kept, err = here.Load(ctx, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	path := kept.Path()
	if len(kept.All) != 7 || kept.Messages != 7 || len(path) != 5 || path[4].Text() != "Said elsewhere" || kept.Title != "My title" || !kept.Updated.Equal(elsewhere.Updated) {
		t.Errorf("it is %+v with %+v", kept.Session, path)
	}
	if data, err := here.Bytes(path[4].Pictures()[0].SHA256); err != nil || string(data) != "new bytes" {
		t.Errorf("its picture is %q, %v", data, err)
	}
	// The older one has nothing that is not there: it changes nothing.
	if done, err := here.Import(ctx, c); err != nil || done.Added != 0 || done.Had != 5 || done.Title != "My title" {
		t.Errorf("%+v, %v", done, err)
	}
	if again, err := here.Load(ctx, c.ID); err != nil || again.Leaf != kept.Leaf || !again.Updated.Equal(kept.Updated) {
		t.Errorf("the leaf is %d, not %d: %v", again.Leaf, kept.Leaf, err)
	}
}

// What no export can have written is refused, and the error says what is wrong.
func TestReadJSONRefuses(t *testing.T) {
	t.Parallel()
	c := random(rand.New(rand.NewPCG(3, 3)))
	c.All = []Message{question(0, "What?", picture("a.png", "bytes")), reply(1, "A cat.")}
	c.All[0].ID, c.All[1].ID, c.Leaf, c.Tags = 1, 2, 2, []string{"birds"}
	for i := range c.All {
		c.All[i].Created = c.Created
	}
	whole, _, err := c.json()
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range []struct{ old, new, says string }{
		{`"vlmchat-conversation"`, `"another"`, "another"},
		{`"version": 1`, `"version": 2`, "update vlmchat"},
		{`"version": 1`, `"version": 0`, "no version 0"},
		{`"version": 1`, `"version": {}`, "no JSON"},
		{`"id": "` + c.ID, `"id": "../../x`, "no ID"},
		{`"id": "` + c.ID, `"id": "`, "no \"id\""},
		{`"birds"`, `"two words"`, "no tag"},
		{`"leaf": 2`, `"leaf": 7`, "no message 7"},
		{`"id": 2`, `"id": 1`, "two messages 1"},
		{`"parent": 1`, `"parent": 2`, "stands before message 2"},
		{`"role": "user"`, `"role": "tool"`, "tool"},
		{`"state": "whole"`, `"state": "stopped"`, "always whole"},
		{`"state": "whole",
      "created": "` + c.Created.UTC().Format(time.RFC3339Nano), `"state": "dreamt", "created": "` + c.Created.UTC().Format(time.RFC3339Nano), "dreamt"},
		{`"width": 3`, `"width": -3`, "-3×2"},
		{`"width": 3`, `"width": 3, "facts": [1]`, "no object"},
		{`"bytes": "Ynl0ZXM="`, `"bytes": "AAAA"`, "another SHA-256"},
		{`"bytes": "Ynl0ZXM="`, `"bytes": "????"`, "no JSON"},
		{`"format": "png"`, `"format": "../png"`, "no format"},
		{`"text": "A cat."`, `"other": 1`, "neither a text nor a picture"},
		{`"engine": "ollama"`, `"engine": "ollama", "usage": 7`, `"usage" is no object`},
		{`"engine": "ollama"`, `"engine": "ollama", "cost": -1`, "cost"},
		{`"created": "20`, `"created": "00`, "none of a conversation"},
		{c.All[0].Parts[0].Picture.SHA256 + `",`, strings.Repeat("0", 64) + `",`, "not among"},
	} {
		document := strings.Replace(string(whole), change.old, change.new, 1)
		if document == string(whole) {
			t.Errorf("there is no %s in\n%s", change.old, whole)
			continue
		}
		if _, err := ReadJSON([]byte(document), nil); err == nil || !strings.Contains(err.Error(), change.says) {
			t.Errorf("%s for %s: %v", change.new, change.old, err)
		}
	}
	if !IsJSON(whole) || !IsJSON([]byte(`{"created": 1, "format": "vlmchat-conversation"}`)) || IsJSON([]byte(`[{"role":"user"}]`)) || IsJSON([]byte("SQLite format 3")) {
		t.Error("it does not know its own")
	}
}

// Of a picture that was pixels alone somebody else says what it is.
func TestReadJSONPixels(t *testing.T) {
	t.Parallel()
	p := picture("page.pdf#2", "pixels")
	p.Bytes = func() ([]byte, error) { return []byte("\x89PNG\r\n\x1a\nof these pixels"), nil }
	c := random(rand.New(rand.NewPCG(5, 5)))
	c.All, c.Leaf = []Message{question(0, "What?", p)}, 0
	c.All[0].ID, c.All[0].Created = 1, c.Created
	document, _, err := c.json()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ReadJSON(document, nil); err == nil {
		t.Error("it takes bytes of another picture")
	}
	if _, err := ReadJSON(document, func(string, []byte) error { return ErrNotFound }); err == nil {
		t.Error("it takes a picture that is refused")
	}
	var asked string
	back, err := ReadJSON(document, func(name string, _ []byte) error { asked = name; return nil })
	if err != nil || asked != p.SHA256 {
		t.Fatalf("%q, %v", asked, err)
	}
	if data, err := back.All[0].Pictures()[0].Bytes(); err != nil || !bytes.HasSuffix(data, []byte("pixels")) {
		t.Errorf("%q, %v", data, err)
	}
}

func TestDerivedID(t *testing.T) {
	t.Parallel()
	a, b, c := DerivedID("llm", "01a"), DerivedID("llm", "01a"), DerivedID("llm0", "1a")
	if a != b || a == c || !isID(a) {
		t.Errorf("%q, %q, %q", a, b, c)
	}
}

// What is read of any document can be kept, exported and read again.
func FuzzReadJSON(f *testing.F) {
	for seed := range uint64(8) {
		c := random(rand.New(rand.NewPCG(seed, 2)))
		document, _, err := c.json()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(document)
	}
	f.Add([]byte(`{"format":"vlmchat-conversation","version":1,"id":"a","created":"2026-01-01T00:00:00Z","updated":"2026-01-01T00:00:00Z","leaf":1,"messages":[{"id":1,"role":"user","state":"whole","created":"2026-01-01T00:00:00Z","parts":[]}]}`))
	f.Fuzz(func(t *testing.T, document []byte) {
		c, err := ReadJSON(document, func(string, []byte) error { return nil })
		if err != nil {
			return
		}
		again, _, err := c.json()
		if err != nil {
			t.Fatal(err)
		}
		back, err := ReadJSON(again, func(string, []byte) error { return nil })
		if err != nil {
			t.Fatalf("%v of\n%s", err, again)
		}
		if got, _, err := back.json(); err != nil || !reflect.DeepEqual(got, again) {
			t.Errorf("it becomes\n%s\nof\n%s: %v", got, again, err)
		}
	})
}
