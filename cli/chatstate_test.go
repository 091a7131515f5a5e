//go:build linux

package cli

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
)

// A chat that is gone on with computes its question alone, though its worker has ended.
// What is removed leaves the cache, too, and a private chat never comes there.
func TestStateGoesWithTheSession(t *testing.T) {
	t.Parallel()
	sockets, err := os.MkdirTemp("", "vlm")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(sockets) })
	store, cache := t.TempDir(), t.TempDir()
	env := []string{"XDG_RUNTIME_DIR=" + sockets, "VLMCHAT_SESSIONS_DIR=" + store, "VLMCHAT_CACHE_DIR=" + cache}
	picture, err := images.Load(t.Context(), sample(t, "scene-01.png"), images.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	talk := func(question, answer string, args ...string) {
		t.Helper()
		c := startChatWith(t, env, 80, 24, args...)
		c.WaitFor("for keys", patience)
		c.ask(question)
		c.answered(answer)
		c.quit()
		waitForNone(t, filepath.Join(sockets, "vlmchat", "*.lock")) // the worker has ended
	}

	talk("Describe this image.", "digit 9", "--no-save", sample(t, "scene-01.png"))
	if holdsAny(t, cache, picture.SHA256) {
		t.Error("a private chat has left its picture in the cache")
	}
	talk("Describe this image.", "digit 9", sample(t, "scene-01.png"))
	last := conversationIn(t, store)
	if !holdsAny(t, cache, picture.SHA256) || !holdsAny(t, cache, last.ID) {
		t.Error("nothing is kept of the chat")
	}
	talk("What color is the digit?", "is red", "-c")
	last = conversationIn(t, store)
	var first, second engine.Usage
	for i, u := range []*engine.Usage{&first, &second} {
		if err := json.Unmarshal(last.All[2*i+1].Usage, u); err != nil {
			t.Fatal(err)
		}
	}
	if before := first.PromptTokens + first.GeneratedTokens - 1; second.CachedTokens != before || second.EncodeTime != 0 {
		t.Errorf("gone on with, after %d tokens the usage is %+v", before, second)
	}

	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, "sessions", "rm", "--yes", last.ID)
	cmd.Args[0] = "vlmchat"
	cmd.Env = append(append(os.Environ(), "VLMCHAT_CONFIG="+filepath.Join(sockets, "none")), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if holdsAny(t, cache, picture.SHA256) || holdsAny(t, cache, last.ID) {
		t.Error("what was removed is still in the cache")
	}
}

// waitForNone waits until no file is called as a pattern says.
func waitForNone(t *testing.T, pattern string) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		if found, err := filepath.Glob(pattern); err != nil || len(found) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s is still there", pattern)
		}
	}
}

// holdsAny reports whether a text, or the bytes whose hex it is, are in a folder's files.
func holdsAny(t *testing.T, dir, text string) (found bool) {
	t.Helper()
	raw, _ := hex.DecodeString(text) // none if it is no hex
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		found = found || strings.Contains(d.Name(), text) || bytes.Contains(data, []byte(text)) || len(raw) > 0 && bytes.Contains(data, raw)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
