package sessions

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

// A database of an earlier version is brought up to date, a copy of it is kept, and
// nothing is lost; one step that fails undoes them all.
func TestMigrations(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	add(t, s, "s", question(0, "What?"))
	_ = s.Close()
	now := len(migrations)
	next := append(slices.Clone(migrations), migration{sql: "ALTER TABLE sessions ADD COLUMN mood TEXT NOT NULL DEFAULT 'none'"}, migration{sql: "CREATE TABLE more (x) STRICT"})
	if s, err := openAt(filepath.Join(dir, fileName), next); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("from version %d to %d", now+1, now+2)) {
		_ = s.Close()
		t.Fatalf("a step that can't be done: %v", err)
	}
	s = open(t, dir) // as it was
	_ = s.Close()
	next[now+1].sql = "CREATE TABLE more (x INTEGER) STRICT"
	s, err := openAt(filepath.Join(dir, fileName), next)
	if err != nil {
		t.Fatal(err)
	}
	var mood string
	if err := s.read.QueryRow("SELECT mood FROM sessions WHERE id='s'").Scan(&mood); err != nil || mood != "none" {
		t.Errorf("the new column has %q, %v", mood, err)
	}
	_ = s.Close()

	var newer *NewerError
	if _, err := Open(dir); !errors.As(err, &newer) || newer.Has != now+2 || !strings.Contains(err.Error(), "update vlmchat") {
		t.Errorf("a newer database: %v", err)
	}
	backup := filepath.Join(dir, fmt.Sprintf("%s.version-%d", fileName, now))
	if info, err := os.Stat(backup); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("the copy: %v, %v", info, err)
	}
	if err := os.Rename(backup, filepath.Join(dir, fileName)); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir)
	if c, err := s.Load(t.Context(), "s"); err != nil || len(c.All) != 1 {
		t.Errorf("the copy has %+v, %v", c, err)
	}
}

// A damaged database is set aside, and a new one begun; the person hears of it.
func TestDamaged(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(path string, data []byte) []byte{
		"no database": func(string, []byte) []byte { return []byte(strings.Repeat("this is a diary, not a database\n", 500)) },
		"half of it":  func(_ string, data []byte) []byte { return data[:len(data)/2] },
		"zeros in it": func(_ string, data []byte) []byte {
			clear(data[4096:])
			return data
		},
		"noise in the schema": func(_ string, data []byte) []byte {
			for i := 100; i < 4096; i++ {
				data[i] ^= byte(i * 7)
			}
			return data
		},
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, fileName)
		s := open(t, dir)
		for range 50 {
			add(t, s, NewID(), question(0, strings.Repeat("What? ", 100), picture("a.png", "bytes")))
		}
		_ = s.Close()
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, damage(path, data), 0o600); err != nil {
			t.Fatal(err)
		}
		s = open(t, dir)
		if _, err := s.List(t.Context()); err != nil && len(s.Notices()) == 0 {
			// Found in the middle of use: the next one to open it sets it aside.
			_ = s.Close()
			s = open(t, dir)
		}
		if notices := s.Notices(); len(notices) != 1 || !strings.Contains(notices[0], "damaged") || strings.ContainsAny(notices[0], "\n*") {
			t.Errorf("%s: the notices are %q", name, notices)
		}
		aside, _ := filepath.Glob(path + ".damaged-*")
		if len(aside) == 0 {
			t.Errorf("%s: nothing is set aside", name)
		}
		id := add(t, s, "new", question(0, "And now?"))
		if c, err := s.Load(t.Context(), "new"); err != nil || c.Leaf != id {
			t.Errorf("%s: the new one has %+v, %v", name, c, err)
		}
		if data, err := s.Bytes(picture("", "bytes").SHA256); err != nil || string(data) != "bytes" {
			t.Errorf("%s: the picture is %q, %v", name, data, err)
		}
		_ = s.Close()
		if s := open(t, dir); len(s.Notices()) != 0 {
			t.Errorf("%s: it is told twice", name)
		}
	}
}

// Who has a damaged database open while another process sets it aside is told that nothing
// is kept any more: what it wrote would never be found.
func TestSetAsideWhileOpen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := open(t, dir)
	for range 50 {
		add(t, first, NewID(), question(0, strings.Repeat("What? ", 100)))
	}
	_ = first.Close()
	path := filepath.Join(dir, fileName)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	page := bytes.Index(data, []byte("What? What?")) / defaultPage
	clear(data[page*defaultPage:][:defaultPage])
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	first = open(t, dir)
	if len(first.Notices()) != 0 {
		t.Fatal("it is seen at once")
	}
	suspect(dir)
	second, err := Open(dir)
	if runtime.GOOS == "windows" {
		if err == nil {
			t.Error("a database was renamed that is open")
		}
		return
	}
	if err != nil || len(second.Notices()) != 1 {
		t.Fatalf("%v, %q", err, second.Notices())
	}
	defer second.Close()
	if id, err := first.Append(t.Context(), Session{ID: "s"}, question(0, "Is it kept?")); !errors.Is(err, errGone) {
		t.Errorf("it is kept as message %d, %v", id, err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	// The one that is gone has not taken the log of the new one with it.
	id := add(t, second, "s", question(0, "And this?"))
	third := open(t, dir)
	if c, err := third.Load(t.Context(), "s"); err != nil || c.Leaf != id {
		t.Errorf("it is %+v, %v", c, err)
	}
}

// A suspicion that turns out to be none costs nothing.
func TestSuspicion(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	add(t, s, "s", question(0, "What?"))
	suspect(s.dir)
	_ = s.Close()
	s = open(t, dir)
	if _, err := s.Load(t.Context(), "s"); err != nil || len(s.Notices()) != 0 || suspected(dir) {
		t.Errorf("%v, %q, suspected: %v", err, s.Notices(), suspected(dir))
	}
}

// Where the log can't be shared between processes, changes go through a journal.
func TestWithoutLog(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	if _, err := s.write.Exec("PRAGMA journal_mode=truncate"); err != nil {
		t.Fatal(err)
	}
	q := add(t, s, "s", question(0, "What?"))
	if _, err := os.Stat(filepath.Join(dir, fileName+"-wal")); err == nil {
		t.Error("there is a log")
	}
	if c, err := s.Load(t.Context(), "s"); err != nil || c.Leaf != q {
		t.Errorf("%+v, %v", c, err)
	}
	if err := s.Remove(t.Context(), "s"); err != nil {
		t.Error(err)
	}
}

// A change that is given up half-way leaves nothing.
func TestGivenUp(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	bad := picture("cat.png", "cat")
	bad.Bytes = func() ([]byte, error) { cancel(); return nil, errors.New("it has melted") }
	if _, err := s.Append(ctx, Session{ID: "s"}, question(0, "What?", bad)); err == nil {
		t.Error("a picture that can't be had is kept")
	}
	if _, err := s.Load(t.Context(), "s"); !errors.Is(err, ErrNotFound) {
		t.Errorf("half a message: %v", err)
	}
	add(t, s, "s", question(0, "And without it?"))
}

// Where a log can't be had there is a journal, without a word.
func TestNoLogToBeHad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Symlink("/nowhere/at/all", filepath.Join(dir, fileName+"-shm")); err != nil {
		t.Skip("memory that can't be shared is played by a link:", err)
	}
	s := open(t, dir)
	if s.Writable() != nil || len(s.Notices()) > 0 {
		t.Errorf("%v, %q", s.Writable(), s.Notices())
	}
	add(t, s, "s", question(0, "What?"))
	var mode string
	if err := s.write.QueryRow("PRAGMA journal_mode").Scan(&mode); err != nil || mode == "wal" {
		t.Errorf("it has a %s, %v", mode, err)
	}
	if c, err := s.Load(t.Context(), "s"); err != nil || len(c.All) != 1 {
		t.Errorf("%+v, %v", c, err)
	}
}

// A new store may be made by several at the same moment.
func TestMadeByManyAtOnce(t *testing.T) {
	t.Parallel()
	for range 20 {
		dir := filepath.Join(t.TempDir(), "sessions")
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				s, err := Open(dir)
				if err != nil {
					t.Error(err)
					return
				}
				s.Close()
			})
		}
		all.Wait()
	}
}
