package sessions

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// aged adds a session that was used last so long ago, with a picture and a text of so
// many letters.
func aged(t *testing.T, s *Store, id string, ago time.Duration, letters int, p *Picture) {
	t.Helper()
	q := question(0, strings.Repeat("a", letters), p)
	q.Created = time.Now().Add(-ago)
	add(t, s, id, q)
}

func beyond(t *testing.T, s *Store, l Limits) []string {
	t.Helper()
	found, err := s.Beyond(t.Context(), l)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, f := range found {
		ids = append(ids, f.ID)
	}
	return ids
}

// What is too old goes, but for what is kept by its tag or is open.
func TestBeyondAge(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	const day = 24 * time.Hour
	for id, ago := range map[string]time.Duration{"new": day, "older": 20 * day, "oldest": 40 * day, "tagged": 50 * day, "opened": 60 * day} {
		aged(t, s, id, ago, 10, picture("a.png", id))
	}
	if _, err := s.Tag(t.Context(), "tagged", []string{Kept}, nil); err != nil {
		t.Fatal(err)
	}
	hold, err := s.Hold("opened")
	if err != nil {
		t.Fatal(err)
	}
	defer hold.Release()
	if got := beyond(t, s, Limits{Age: 10 * day}); !slices.Equal(got, []string{"older", "oldest"}) {
		t.Errorf("beyond ten days are %v", got)
	}
	if got := beyond(t, s, Limits{Age: 100 * day}); got != nil {
		t.Errorf("beyond a hundred days are %v", got)
	}
	if got := beyond(t, s, Limits{}); got != nil {
		t.Errorf("without limits %v go", got)
	}
}

// When all is too large, that goes which was not used for the longest time; a picture
// that a newer session has, too, counts there.
func TestBeyondSize(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	shared := picture("shared.png", strings.Repeat("p", 1000))
	for i, id := range []string{"d", "c", "b", "a"} { // a was used last
		aged(t, s, id, time.Duration(4-i)*time.Hour, 100, shared)
	}
	for limit, want := range map[int64][]string{
		1099: {"a", "b", "c", "d"}, 1100: {"b", "c", "d"}, 1250: {"c", "d"}, 1400: nil,
	} {
		if got := beyond(t, s, Limits{Size: limit}); !slices.Equal(got, want) {
			t.Errorf("beyond %d bytes are %v, not %v", limit, got, want)
		}
	}
	if _, err := s.Tag(t.Context(), "d", []string{Kept}, nil); err != nil {
		t.Fatal(err)
	}
	if got := beyond(t, s, Limits{Size: 1250}); !slices.Equal(got, []string{"b", "c"}) {
		t.Errorf("with one that stays, %v go", got)
	}
}

// Who opens a conversation, uses or removes it while those beyond the limits are removed
// finds it as it is; the others go.
func TestRetire(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	const day = 24 * time.Hour
	for _, id := range []string{"goes", "opened", "used", "tagged", "removed"} {
		aged(t, s, id, 20*day, 10, picture("a.png", id))
	}
	found, err := s.Beyond(t.Context(), Limits{Age: 10 * day})
	if err != nil || len(found) != 5 {
		t.Fatalf("%v, %v", found, err)
	}
	hold, err := s.Hold("opened")
	if err != nil {
		t.Fatal(err)
	}
	defer hold.Release()
	add(t, s, "used", question(0, "And now?"))
	if _, err := s.Tag(t.Context(), "tagged", []string{Kept}, nil); err != nil {
		t.Fatal(err)
	}
	if err := s.Remove(t.Context(), "removed"); err != nil {
		t.Fatal(err)
	}
	retired, err := s.retire(t.Context(), found)
	if err != nil || len(retired) != 1 || retired[0].ID != "goes" {
		t.Errorf("removed are %v, %v", retired, err)
	}
	left, err := s.List(t.Context())
	if err != nil || len(left) != 3 {
		t.Errorf("there are %v, %v", left, err)
	}
	if locks, _ := filepath.Glob(filepath.Join(s.dir, "open", "*")); len(locks) != 1 {
		t.Errorf("locks are left: %q", locks)
	}
}

// A picture that only an example has counts for the conversation that needs it.
func TestSizeOfNeeded(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	q := question(0, "What?")
	q.Needs = []*Picture{picture("example.png", strings.Repeat("p", 1000))}
	add(t, s, "s", q)
	if got := beyond(t, s, Limits{Size: 1000}); !slices.Equal(got, []string{"s"}) {
		t.Errorf("beyond are %v", got)
	}
}
