package native

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/vlmchat/vlmchat/diskcache"
	"github.com/vlmchat/vlmchat/engine"
)

// resumable are options with a cache in which two conversations are kept, what
// each is asked next, and the answers to that from a worker without a cache.
func resumable(t *testing.T) (o Options, next [2][]engine.Message, want [2]string) {
	t.Helper()
	o = options(t)
	o.CacheDir, o.CacheBytes = filepath.Join(t.TempDir(), "cache"), 1<<30
	e := open(t, o)
	for i, name := range []string{"scene-01.png", "scene-02.png"} {
		messages := []engine.Message{engine.Ask("Describe this image.", sample(t, name))}
		first := mustAsk(t, e, greedy, messages...)
		next[i] = append(messages, engine.Text(engine.Assistant, first.text), engine.Text(engine.User, "What is the background color?"))
	}
	end(e)
	plain := o
	plain.CacheDir, plain.CacheBytes = "", 0
	alone := open(t, plain)
	for i := range next {
		want[i] = mustAsk(t, alone, greedy, next[i]...).text
	}
	return o, next, want
}

// What is kept of conversations may be another's, or say that there is more or
// less of it than there is: no answer is another one for that.
func TestStatesThatAreNotWhatTheySay(t *testing.T) {
	t.Parallel()
	o, next, want := resumable(t)
	disk, err := diskcache.Open(o.CacheDir, o.CacheBytes)
	if err != nil {
		t.Fatal(err)
	}
	states := func() []diskcache.Entry {
		t.Helper()
		entries, err := disk.List(StateKind)
		if err != nil || len(entries) < 2 {
			t.Fatalf("%d states are kept, %v", len(entries), err)
		}
		return entries
	}
	put := func(key string, note, value []byte) {
		t.Helper()
		if err := disk.Put(StateKind, key, note, func(w io.Writer) error {
			_, err := w.Write(value)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	kept := states()
	var values [][]byte
	for _, e := range kept {
		_, value, err := disk.Get(StateKind, e.Key)
		if err != nil {
			t.Fatal(err)
		}
		values = append(values, value)
	}
	units, state := decodeUnits(values[0])
	others, otherState := decodeUnits(values[1])
	with := func(units []unit, state []byte) []byte { return append(encodeUnits(units), state...) }
	for _, c := range []struct {
		name string
		lay  func()
	}{
		{"with each other's values", func() { put(kept[0].Key, kept[0].Note, values[1]); put(kept[1].Key, kept[1].Note, values[0]) }},
		{"with each other's states", func() {
			put(kept[0].Key, kept[0].Note, with(units, otherState))
			put(kept[1].Key, kept[1].Note, with(others, state))
		}},
		{"of fewer units", func() { put(kept[0].Key, kept[0].Note, with(units[:len(units)/2], state)) }},
		{"of more units", func() {
			more := append(slices.Clone(units), units[1:]...)
			note, _ := readStateNote(kept[0].Note)
			put(kept[0].Key, noteOf(note.model, note.session, more).encode(), with(more, state))
		}},
		{"of other tokens", func() {
			other := slices.Clone(units)
			other[len(other)/2], other[len(other)-1] = tokenUnit(7), tokenUnit(8)
			put(kept[0].Key, kept[0].Note, with(other, state))
		}},
		{"of nothing", func() { put(kept[0].Key, kept[0].Note, nil) }},
		{"under each other's names", func() {
			files, err := filepath.Glob(filepath.Join(o.CacheDir, StateKind+"-*"))
			if err != nil || len(files) < 2 {
				t.Fatalf("%d files, %v", len(files), err)
			}
			for _, move := range [][2]string{{files[0], files[0] + "x"}, {files[1], files[0]}, {files[0] + "x", files[1]}} {
				if err := os.Rename(move[0], move[1]); err != nil {
					t.Fatal(err)
				}
			}
		}},
	} {
		for i, e := range kept {
			put(e.Key, e.Note, values[i])
		}
		c.lay()
		e := open(t, o)
		for i := range next {
			if got := mustAsk(t, e, greedy, next[i]...).text; got != want[i] {
				t.Errorf("of states %s came %q, want %q", c.name, got, want[i])
			}
		}
		end(e)
		if err := disk.Clear(); err != nil {
			t.Fatal(err)
		}
	}
}

// A cache that goes away, or never was one, costs what it saves and no answer.
func TestCacheThatGoesAway(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(dir string) error{
		"removed":       os.RemoveAll,
		"a file":        func(dir string) error { os.RemoveAll(dir); return os.WriteFile(dir, nil, 0o600) },
		"a broken link": func(dir string) error { os.RemoveAll(dir); return os.Symlink("nowhere/at/all", dir) },
		"too small":     nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, next, want := resumable(t)
			if spoil == nil {
				o.CacheBytes = 1000
			}
			e := open(t, o)
			if _, err := e.Info(t.Context()); err != nil {
				t.Fatal(err)
			}
			if spoil != nil {
				if err := spoil(o.CacheDir); err != nil {
					t.Fatal(err)
				}
			}
			for range 2 {
				for i := range next {
					if got := mustAsk(t, e, greedy, next[i]...).text; got != want[i] {
						t.Errorf("the answer is %q, want %q", got, want[i])
					}
				}
				end(e)
				e = open(t, o) // which finds it as it is now
			}
		})
	}
}
