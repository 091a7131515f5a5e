package hub

import (
	"context"
	"errors"
	"io/fs"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/models/hub/hubtest"
)

// gguf is a file that begins as one and is random after that.
func gguf(seed uint64, size int) string {
	data := make([]byte, size)
	var key [32]byte
	key[0] = byte(seed)
	_, _ = rand.NewChaCha8(key).Read(data)
	copy(data, "GGUF")
	return string(data)
}

func startHub(t *testing.T) *hubtest.Server {
	t.Helper()
	s := hubtest.Start()
	t.Cleanup(s.Close)
	return s
}

// testGrain makes several connections of what is small.
var testGrain = grain{block: 512 << 10, share: 64 << 10, note: 64 << 10}

// clientOf is a client with a cache of its own, which asks a hub and waits for nothing.
func clientOf(t *testing.T, s *hubtest.Server) *Client {
	t.Helper()
	at, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	return &Client{
		connections: defaultConnections, cache: cache{filepath.Join(t.TempDir(), "hub")}, backoff: time.Millisecond,
		endpoint: at, http: newHTTPClient(), idle: idleTime, grain: testGrain,
	}
}

func nameOf(t *testing.T, text string) Name {
	t.Helper()
	n, err := ParseName(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// pullAll pulls a model and returns the last event, and what was said.
func pullAll(ctx context.Context, c *Client, n Name) (last engine.PullProgress, said []string, err error) {
	for p, err := range c.Pull(ctx, n) {
		if err != nil {
			return last, said, err
		}
		if len(said) == 0 || said[len(said)-1] != p.Status {
			said = append(said, p.Status)
		}
		last = p
	}
	return last, said, nil
}

// mustPull is pullAll for what has to work.
func mustPull(t *testing.T, c *Client, name string) Cached {
	t.Helper()
	n := nameOf(t, name)
	last, said, err := pullAll(t.Context(), c, n)
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, strings.Join(said, "\n"))
	}
	if last.Done != last.Total || last.Total == 0 || last.Status != "success" {
		t.Errorf("%s ends with %+v", name, last)
	}
	found, err := c.cache.find(n)
	if err != nil {
		t.Fatalf("%s was pulled, and then: %v", name, err)
	}
	return found
}

// same fails unless a file has a content.
func same(t *testing.T, path, want string) {
	t.Helper()
	have, err := os.ReadFile(path)
	if err != nil {
		t.Error(err)
	} else if string(have) != want {
		t.Errorf("%s has another content (%d bytes, %d are right)", path, len(have), len(want))
	}
}

// says fails unless an error is for people, of a kind, and has words in it.
func says(t *testing.T, err error, kind engine.ErrorKind, words ...string) {
	t.Helper()
	var e *engine.Error
	if !errors.As(err, &e) {
		t.Errorf("%v is no error for people", err)
		return
	}
	if e.Kind != kind {
		t.Errorf("%q is of the kind %s, not %s", e.Message, e.Kind, kind)
	}
	for _, word := range words {
		if !strings.Contains(e.Message+"; "+e.Hint, word) {
			t.Errorf("%q does not say %q", e.Message+"; "+e.Hint, word)
		}
	}
}

// layout lists what is in a folder: files with their sizes, links with where they lead.
func layout(t *testing.T, dir string) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		if target, err := os.Readlink(path); err == nil {
			name += " -> " + filepath.ToSlash(target)
		}
		all = append(all, name)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	sort.Strings(all)
	return all
}

// settle waits until a server has noticed that nobody reads its answers any more.
func settle(t *testing.T, s *hubtest.Server) {
	t.Helper()
	for s.Running() > 0 {
		select {
		case <-t.Context().Done():
			t.Fatal("a request has no end")
		case <-time.After(5 * time.Millisecond):
		}
	}
}
