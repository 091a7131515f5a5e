package native

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/diskcache"
	"github.com/vlmchat/vlmchat/engine"
)

// askFor answers a request.
func askFor(t *testing.T, e *Engine, req engine.Request) answer {
	t.Helper()
	var a answer
	for ev, err := range e.Chat(t.Context(), req) {
		if err != nil {
			t.Fatal(err)
		}
		switch ev.Kind {
		case engine.Delta:
			a.text += ev.Text
		case engine.Done:
			a.finish, a.usage = ev.Finish, *ev.Usage
		}
	}
	return a
}

// inSession is a greedy request in a session.
func inSession(session string, messages ...engine.Message) engine.Request {
	return engine.Request{Messages: messages, Sampling: greedy, Session: session}
}

// withCache gives options a cache of their own.
func withCache(t *testing.T, o Options) Options {
	t.Helper()
	o.CacheDir, o.CacheBytes = filepath.Join(t.TempDir(), "cache"), 1<<30
	return o
}

// notesIn are the notes of the states in a cache.
func notesIn(t *testing.T, dir string) (notes []stateNote) {
	t.Helper()
	disk, err := diskcache.Open(dir, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := disk.List(StateKind)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		note, ok := readStateNote(e.Note)
		if !ok {
			t.Fatalf("the note %q can't be read", e.Note)
		}
		notes = append(notes, note)
	}
	return notes
}

// waitForState waits until a session has a state of so many units at least.
func waitForState(t *testing.T, dir, session string, units int) {
	t.Helper()
	for {
		for _, n := range notesIn(t, dir) {
			if n.session == session && n.count >= units {
				return
			}
		}
		select {
		case <-t.Context().Done():
			t.Fatal("the state was not kept in time")
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// leaveBehind lets go of an engine's worker, which stays for its keep-alive, and returns
// what ends it as the system would.
func leaveBehind(t *testing.T, e *Engine) (kill func()) {
	t.Helper()
	c := e.current()
	e.Close()
	return func() {
		process, err := os.FindProcess(c.child.pid)
		if err != nil {
			t.Fatal(err)
		}
		_ = process.Kill()
		<-c.child.exited
	}
}

// A conversation that was left goes on in another worker without anything of it being
// computed again, whatever the model's memory is like: the first worker was killed, so
// it is kept when it is left and not only when the worker ends.
func TestSessionGoesOn(t *testing.T) {
	t.Parallel()
	picture := drawing(t, 320, 240)
	for _, family := range []string{"llava", "qwen2vl", "smolvlm", "llama4", "gemma3", "gemma4", "lfm2"} {
		t.Run(family, func(t *testing.T) {
			t.Parallel()
			o := withCache(t, zooOptions(t, family))
			o.KeepAlive = time.Hour
			// An answer of a token: what random weights say need not have the same tokens
			// when it is read.
			once := engine.Sampling{MaxTokens: 1}
			req := engine.Request{Messages: []engine.Message{engine.Ask("describe the picture", picture)}, Sampling: once, Session: "one"}
			e := open(t, o)
			first := askFor(t, e, req)
			req.Messages = append(req.Messages, engine.Text(engine.Assistant, first.text), engine.Text(engine.User, "and what is near it"))
			second := askFor(t, e, req)
			kill := leaveBehind(t, e)
			waitForState(t, o.CacheDir, "one", 1)
			kill()

			req.Messages = append(req.Messages, engine.Text(engine.Assistant, second.text), engine.Text(engine.User, "is it light or dark"))
			req.Sampling = engine.Sampling{MaxTokens: 8}
			e = open(t, o)
			got := askFor(t, e, req)
			if u := got.usage; u.CachedTokens != second.usage.PromptTokens || u.EncodeTime != 0 {
				t.Errorf("of a conversation of %d tokens the usage is %+v", second.usage.PromptTokens, u)
			}
			leaveBehind(t, e)()
			o.CacheDir, o.KeepAlive = "", 0
			if want := askFor(t, open(t, o), req); got.text != want.text {
				t.Errorf("gone on, the answer is %q, computed afresh %q", got.text, want.text)
			}
		})
	}
}

// A chat that goes over to another conversation has the first one kept, though its
// client stays; and of one that goes on there is one state, the last.
func TestSessionIsKeptOnceItIsLeft(t *testing.T) {
	t.Parallel()
	o := withCache(t, options(t))
	e := open(t, o)
	picture := sample(t, "scene-01.png")
	one := []engine.Message{engine.Ask("Describe this image.", picture)}
	first := askFor(t, e, inSession("one", one...))
	other := inSession("two", engine.Ask("What is the background color?", sample(t, "scene-02.png")))
	askFor(t, e, other)
	waitForState(t, o.CacheDir, "one", 1)
	for _, n := range notesIn(t, o.CacheDir) {
		if n.session != "one" {
			t.Errorf("the conversation that is not left is kept, too: %+v", n)
		}
	}
	one = append(one, engine.Text(engine.Assistant, first.text), engine.Text(engine.User, "What color is the digit?"))
	second := askFor(t, e, inSession("one", one...))
	end(e)
	counts := map[string]int{}
	for _, n := range notesIn(t, o.CacheDir) {
		counts[n.session]++
	}
	if len(counts) != 2 || counts["one"] != 1 || counts["two"] != 1 {
		t.Errorf("states are kept of %v", counts)
	}

	one = append(one, engine.Text(engine.Assistant, second.text), engine.Text(engine.User, "And the background?"))
	e = open(t, o)
	// All but the end of the last answer, which was said and not read.
	want := second.usage.PromptTokens + second.usage.GeneratedTokens - 1
	if a := askFor(t, e, inSession("one", one...)); a.usage.CachedTokens != want || a.usage.EncodeTime != 0 {
		t.Errorf("of %d tokens the usage is %+v", want, a.usage)
	}
	end(e)
}

// Branches of a conversation have a state each, up to a bound.
func TestBranchesAreKept(t *testing.T) {
	t.Parallel()
	o := withCache(t, options(t))
	picture := sample(t, "scene-01.png")
	for i := range mostOfSession + 2 {
		e := open(t, o)
		askFor(t, e, inSession("one", engine.Ask(fmt.Sprintf("Describe this image, number %d.", i), picture)))
		end(e)
		if n := len(notesIn(t, o.CacheDir)); n != min(i+1, mostOfSession) {
			t.Errorf("after %d branches %d states are kept", i+1, n)
		}
	}
}

// Without states a worker neither keeps nor reads any; pictures it does.
func TestNoState(t *testing.T) {
	t.Parallel()
	o := withCache(t, options(t))
	without := o
	without.NoState = true
	req := inSession("one", engine.Ask("Describe this image.", sample(t, "scene-01.png")))
	e := open(t, without)
	askFor(t, e, req)
	end(e)
	if notes := notesIn(t, o.CacheDir); len(notes) != 0 {
		t.Errorf("states are kept: %+v", notes)
	}
	e = open(t, o)
	askFor(t, e, req)
	end(e)
	if notes := notesIn(t, o.CacheDir); len(notes) != 1 {
		t.Errorf("with states these are kept: %+v", notes)
	}
	e = open(t, without)
	if a := askFor(t, e, req); a.usage.CachedTokens != 0 || a.usage.EncodeTime != 0 {
		t.Errorf("without states the usage is %+v", a.usage)
	}
	end(e)
}

// traces are the files of a folder in whose names or bytes there is one of some texts.
func traces(t *testing.T, dir string, of ...string) (found []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		for _, text := range of {
			if strings.Contains(d.Name(), text) || bytes.Contains(b, []byte(text)) {
				found = append(found, fmt.Sprintf("%s (%q)", d.Name(), text))
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// signs are what a picture leaves where it is kept.
func signs(t *testing.T, sha string) []string {
	t.Helper()
	b, err := hex.DecodeString(sha)
	if err != nil {
		t.Fatal(err)
	}
	little := append([]byte(nil), b[:8]...)
	for i, j := 0, len(little)-1; i < j; i, j = i+1, j-1 {
		little[i], little[j] = little[j], little[i]
	}
	return []string{sha, string(b[:8]), string(little)}
}

// Nothing of private talk is written: not when it loses its place, not when it is
// scored, and not when the worker ends. What others ask about the same picture is kept
// as ever.
func TestPrivateTalkLeavesNothing(t *testing.T) {
	t.Parallel()
	o := withCache(t, options(t))
	hidden, shown := sample(t, "scene-01.png"), sample(t, "scene-02.png")
	e := open(t, o)
	private := func(messages ...engine.Message) answer {
		req := inSession("secret", messages...)
		req.Private = true
		return askFor(t, e, req)
	}
	first := private(engine.Ask("Describe this image.", hidden))
	private(engine.Ask("Describe this image.", hidden), engine.Text(engine.Assistant, first.text), engine.Text(engine.User, "What color is the digit?"))
	if _, err := e.Score(t.Context(), engine.ScoreRequest{
		Messages: []engine.Message{engine.Ask("Is it red?", hidden)}, Candidates: []string{"yes", "no"}, Private: true,
	}); err != nil {
		t.Fatal(err)
	}
	for i := range 12 { // until it has lost its place
		askFor(t, e, inSession(fmt.Sprint("open", i), engine.Ask(fmt.Sprintf("Describe this image, number %d.", i), shown)))
	}
	private(engine.Ask("And what is this?", hidden))
	end(e)
	if found := traces(t, o.CacheDir, append(signs(t, hidden.SHA256), "secret")...); len(found) > 0 {
		t.Errorf("private talk has left traces in %q", found)
	}
	if found := traces(t, o.CacheDir, signs(t, shown.SHA256)...); len(found) == 0 {
		t.Error("nothing is kept of what was not private")
	}

	e = open(t, o)
	private(engine.Ask("Describe this image.", hidden))
	askFor(t, e, inSession("open", engine.Ask("What is the background color?", hidden)))
	end(e)
	if found := traces(t, o.CacheDir, encodingKind); len(found) == 0 {
		t.Error("no picture is kept")
	}
	e = open(t, o)
	if a := private(engine.Ask("What is this?", hidden)); a.usage.EncodeTime != 0 {
		t.Error("a picture that was not private alone is encoded again")
	}
	end(e)
}

// The files that a worker leaves beside its socket while it lives have no word of what
// is said.
func TestWorkersLogHasNoTexts(t *testing.T) {
	t.Parallel()
	e := open(t, options(t))
	a := mustAsk(t, e, greedy, engine.Ask("Describe this quixotic image.", sample(t, "scene-01.png")))
	if found := traces(t, filepath.Dir(e.current().logFile), "quixotic", a.text); len(found) > 0 {
		t.Errorf("there are words of the conversation in %q", found)
	}
}

// A worker that is killed while it keeps a conversation leaves a whole state or none.
func TestKilledWhileItKeeps(t *testing.T) {
	t.Parallel()
	o := withCache(t, options(t))
	o.KeepAlive = time.Hour
	picture := sample(t, "scene-01.png")
	without := o
	without.CacheDir, without.KeepAlive = "", 0
	alone, kept := open(t, without), 0
	for round := range 12 {
		e := open(t, o)
		messages := []engine.Message{engine.Ask(fmt.Sprintf("Describe this image, number %d.", round), picture)}
		first := askFor(t, e, inSession("one", messages...))
		messages = append(messages, engine.Text(engine.Assistant, first.text), engine.Text(engine.User, "What color is the digit?"))
		kill := leaveBehind(t, e)
		time.Sleep(time.Duration(rand.Int64N(int64(8 * time.Millisecond))))
		kill()
		want := mustAsk(t, alone, greedy, messages...).text
		e = open(t, o)
		a := askFor(t, e, inSession("one", messages...))
		if a.text != want {
			t.Errorf("in round %d the answer is %q, want %q", round, a.text, want)
		}
		if a.usage.CachedTokens >= first.usage.PromptTokens { // others begin as this one does
			kept++
		}
		leaveBehind(t, e)()
	}
	t.Logf("of 12 conversations %d were kept", kept)
}
