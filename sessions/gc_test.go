package sessions

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Tidying up removes what killed processes and old versions have left, and nothing else.
func TestTidy(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	add(t, s, "one", question(0, "What is it?", picture("a.png", "a picture"), picture("b.png", "its file goes")))
	lost, orphan := picture("b.png", "its file goes"), picture("c.png", "nobody has it")
	at := func(p *Picture) string { path, _ := s.pictureFile(p.SHA256); return path }
	old := time.Now().Add(-2 * time.Hour)
	write := func(path, content string, made time.Time) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, made, made); err != nil {
			t.Fatal(err)
		}
	}
	write(at(orphan), "nobody has it", time.Now())
	if err := os.Remove(at(lost)); err != nil {
		t.Fatal(err)
	}
	in := func(name string) string { return filepath.Join(dir, name) }
	write(in("pictures/.new-123"), "killed", old)
	write(in("pictures/.new-124"), "being written", time.Now())
	write(in("pictures/notes.txt"), "not ours", old)
	write(in(".backup-12"), "killed", old)
	write(in("open/gone.lock"), "", time.Now())
	write(in("sessions.db.version-1"), "a copy", time.Now().Add(-31*24*time.Hour))
	write(in("sessions.db.damaged-20260101-120000.000"), "another", time.Now())
	write(in("sessions.db.damaged-20260101-120000.000-wal"), "its log", time.Now())
	hold, err := s.Hold("one")
	if err != nil {
		t.Fatal(err)
	}
	defer hold.Release()

	check := func(look bool, older time.Duration, want Tidied) {
		t.Helper()
		got, err := s.Tidy(t.Context(), older, look)
		if err != nil {
			t.Fatal(err)
		}
		if got.Pictures != want.Pictures || got.Files != want.Files || len(got.Copies) != len(want.Copies) || got.Lost != want.Lost {
			t.Errorf("tidied %+v, not %+v", got, want)
		}
	}
	check(true, CopiesStay, Tidied{Pictures: 1, Files: 3, Copies: []string{in("sessions.db.version-1")}, Lost: 1})
	check(false, CopiesStay, Tidied{Pictures: 1, Files: 3, Copies: []string{in("sessions.db.version-1")}, Lost: 1})
	check(false, CopiesStay, Tidied{Lost: 1})
	check(false, 0, Tidied{Copies: []string{in("sessions.db.damaged-20260101-120000.000")}, Lost: 1})
	for name, stays := range map[string]bool{
		at(orphan): false, at(picture("a.png", "a picture")): true, in("pictures/.new-123"): false, in("pictures/.new-124"): true,
		in("pictures/notes.txt"): true, in(".backup-12"): false, in("open/gone.lock"): false, in("open/one.lock"): true,
		in("sessions.db.version-1"): false, in("sessions.db.damaged-20260101-120000.000-wal"): false, in("sessions.db"): true,
	} {
		if _, err := os.Lstat(name); (err == nil) != stays {
			t.Errorf("%s: %v", name, err)
		}
	}
	if c, err := s.Load(t.Context(), "one"); err != nil || len(c.All) != 1 {
		t.Errorf("the conversation is %+v, %v", c, err)
	}
	if hits, err := s.Search(t.Context(), "what", 5); err != nil || len(hits) != 1 {
		t.Errorf("it is found as %v, %v", hits, err)
	}
}

func TestStats(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	if st, err := s.Stats(t.Context()); err != nil || st.Sessions != 0 || st.Oldest != nil {
		t.Errorf("of nothing: %+v, %v", st, err)
	}
	for _, id := range []string{"one", "two"} {
		q := add(t, s, id, question(0, "What is it?", picture("a.png", "123456")))
		a := reply(q, "a cat")
		a.Usage, a.Cost = []byte(`{"prompt_tokens": 100, "generated_tokens": 7}`), 0.25
		add(t, s, id, a)
	}
	add(t, s, "two", question(0, "Or?"))
	if _, err := s.Tag(t.Context(), "two", []string{"pets"}, nil); err != nil {
		t.Fatal(err)
	}
	st, err := s.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if st.Sessions != 2 || st.Questions != 3 || st.Answers != 2 || st.Pictures != 1 || st.PictureBytes != 6 || st.Read != 200 || st.Generated != 14 ||
		st.Cost != 0.5 || st.Tags["pets"] != 1 || len(st.Models) != 1 || st.Models[0] != (ModelStats{"llava", 2, 14, 0.5}) || st.DatabaseBytes == 0 || st.Newest == nil {
		t.Errorf("counted %+v", st)
	}
}

// Whatever an imported file says that its answers took, the others are counted.
func TestStatsOfOddUsage(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	q := add(t, s, "one", question(0, "What is it?"))
	for _, usage := range []string{
		`{"prompt_tokens": 100, "generated_tokens": 7}`, `{"prompt_tokens": 1.5, "generated_tokens": "many"}`, `{"prompt_tokens": [2]}`,
		`{"generated_tokens": 9223372036854775807}`, `{"generated_tokens": 9223372036854775807}`, `{"prompt_tokens": -1e999}`, `{"prompt_tokens": 1e999}`,
	} {
		a := reply(q, "a cat")
		a.Usage = []byte(usage)
		add(t, s, "one", a)
	}
	st, err := s.Stats(t.Context())
	if err != nil || st.Answers != 7 || len(st.Models) != 1 || st.Models[0].Answers != 7 {
		t.Errorf("counted %+v, %v", st, err)
	}
}
