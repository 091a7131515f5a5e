package sessions

import (
	"compress/gzip"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// earlier puts the database of the first version into a folder: see testdata/README.md.
func earlier(t *testing.T, dir string) {
	t.Helper()
	packed, err := os.Open("testdata/v1.db.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	r, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, fileName), data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// holdsEarlier looks whether all that is in that database is in a store.
func holdsEarlier(t *testing.T, s *Store) {
	t.Helper()
	ctx := t.Context()
	at := func(minute int64) time.Time { return time.UnixMilli(1700000000000 + 60_000*minute) }
	text := func(t string) []Part { return []Part{{Text: t}} }
	picture := func(content, source, facts string) Part {
		p := picture(source, content)
		if p.Bytes = nil; facts != "" {
			p.Facts = []byte(facts)
		}
		return Part{Picture: p}
	}
	want := []*Conversation{{
		Session: Session{ID: "petspets", Title: "Which animal is this?", System: "Be brief.", Created: at(1), Updated: at(5), Messages: 5, Pictures: 2, Models: []string{"tiny", "llava"}},
		Leaf:    2,
		All: []Message{
			{ID: 1, Role: User, State: Whole, Created: at(1), By: []byte(`{"system":"Alone."}`),
				Parts: []Part{picture("cat", "/home/me/cat.png", `{"place":"left"}`), {Text: "Which animal is this?"}, picture("dog", "dog.png", "")}},
			{ID: 2, Parent: 1, Role: Assistant, State: Whole, Created: at(2), Engine: "native", Model: "tiny", Thinking: "Whiskers …", By: []byte(`{"limit":7}`),
				Sampling: []byte(`{"seed":7}`), Usage: []byte(`{"prompt":12}`), Cost: 0.25, Finish: "stop", Parts: text("A cat, and a dog.")},
			{ID: 3, Parent: 1, Role: Assistant, State: Failed, Created: at(3), Engine: "ollama", Model: "llava", Error: "no", Hint: "try", Parts: text("A d")},
			{ID: 4, Parent: 2, Role: User, State: Whole, Created: at(4), Parts: text("図書館の自転車は何色?")},
			{ID: 5, Parent: 4, Role: Assistant, State: Partial, Created: at(5), Engine: "native", Model: "tiny", Parts: text("")},
		},
	}, {
		Session: Session{ID: "namedone", Title: "The red sign", TitleBy: ByPerson, Created: at(6), Updated: at(6), Messages: 1, Models: []string{}},
		Leaf:    6,
		All:     []Message{{ID: 6, Role: User, State: Whole, Created: at(6), Parts: text("What is on the sign?")}},
	}}
	for _, c := range want {
		got, err := s.Load(ctx, c.ID)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got.Session, c.Session) || got.Leaf != c.Leaf {
			t.Errorf("there is %+v, leaf %d; want %+v, leaf %d", got.Session, got.Leaf, c.Session, c.Leaf)
		}
		for i := range c.All {
			if i >= len(got.All) || !reflect.DeepEqual(got.All[i], c.All[i]) {
				t.Errorf("message %d of %s is not %+v", i, c.ID, c.All[i])
			}
		}
	}
	if all, err := s.List(ctx); err != nil || len(all) != 2 || all[0].ID != "namedone" {
		t.Errorf("the list is %+v, %v", all, err)
	}
	d, err := s.Draft(ctx, "petspets")
	if err != nil || d.Text != "And which\nis older?" || len(d.Pictures) != 1 || d.Pictures[0].Source != "/home/me/fish.png" {
		t.Errorf("the draft is %+v, %v", d, err)
	}
	if d, err := s.Draft(ctx, "neverrun"); err != nil || d.Text != "of one that was never begun" {
		t.Errorf("the other draft is %+v, %v", d, err)
	}
	for words, id := range map[string]string{"自転車": "petspets", "a dog": "petspets", "red si": "namedone", "sign": "namedone"} {
		if hits, err := s.Search(ctx, words, 10); err != nil || len(hits) != 1 || hits[0].ID != id {
			t.Errorf("%q finds %+v, %v", words, hits, err)
		}
	}
}

// A database of an earlier version is brought up to date, and all of it is there, field by
// field; so it is in the copy that was made before.
func TestEarlier(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	earlier(t, dir)
	s := open(t, dir)
	holdsEarlier(t, s)
	if _, err := s.write.Exec("INSERT INTO texts (texts, rank) VALUES ('integrity-check', 1)"); err != nil {
		t.Errorf("the index of words: %v", err)
	}
	if err := s.Remove(t.Context(), "petspets"); err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
	if data, err := os.ReadFile(filepath.Join(dir, fileName)); err != nil || strings.Contains(string(data), "animal") || strings.Contains(string(data), "図") {
		t.Errorf("what was removed is still there, %v", err)
	}
	again := t.TempDir()
	if err := os.Rename(filepath.Join(dir, fileName+".version-1"), filepath.Join(again, fileName)); err != nil {
		t.Fatal(err)
	}
	holdsEarlier(t, open(t, again))
}

// migrateAndDie brings a database up to date, and is killed before that has an end.
func migrateAndDie(dir string) error {
	die := migration{sql: "CREATE TABLE more (x INTEGER) STRICT", then: func(context.Context, *sql.Tx) error {
		self, err := os.FindProcess(os.Getpid())
		if err != nil {
			return err
		}
		if err := self.Kill(); err != nil {
			return err
		}
		select {}
	}}
	_, err := openAt(filepath.Join(dir, fileName), append(slices.Clone(migrations), die))
	return fmt.Errorf("it lives on: %w", err)
}

// Who is killed while a database is brought up to date leaves it as it was.
func TestKilledMigration(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	earlier(t, dir)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		cmd := exec.Command(self)
		cmd.Env = append(os.Environ(), migrating+"="+dir)
		if out, err := cmd.CombinedOutput(); err == nil || len(out) > 0 {
			t.Fatalf("it was not killed, and said %q", out)
		}
	}
	s := open(t, dir)
	holdsEarlier(t, s)
	if has, err := version(t.Context(), s.write); err != nil || has != len(migrations) {
		t.Errorf("it has version %d, %v", has, err)
	}
}

// What is salvaged of a database of an earlier version is as good as if it had been brought
// up to date.
func TestSalvageEarlier(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	earlier(t, dir)
	f, err := os.OpenFile(filepath.Join(dir, fileName), os.O_WRONLY, 0)
	if err == nil {
		_, err = f.WriteAt(make([]byte, 400), 100)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	s := open(t, dir)
	if len(s.Notices()) != 1 {
		t.Errorf("it says %q", s.Notices())
	}
	holdsEarlier(t, s)
}
