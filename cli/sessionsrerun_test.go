package cli

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/sessions"
)

// reran runs 'sessions rerun' in this process.
func reran(t *testing.T, args ...string) (code int, report rerunReport, text string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = Main(append([]string{"sessions", "rerun"}, append(args, "--json")...), strings.NewReader(""), &out, &errs)
	if err := json.Unmarshal(out.Bytes(), &report); err != nil {
		t.Fatalf("%q: code %d, %v: %s%s", args, code, err, out.String(), errs.String())
	}
	for i := range report.Answers {
		report.Answers[i].asked = report.Answers[i].Model != "" // which JSON has not
		var b bytes.Buffer
		if err := report.Answers[i].print(&b); err != nil {
			t.Fatal(err)
		}
		text += b.String()
	}
	return code, report, text
}

// What of an answer can't be had again is said: where only its beginning is kept, where
// what it came from is not as it was or not known, and from where on it is another one.
func TestRerun(t *testing.T) {
	dir := t.TempDir()
	sockets, err := os.MkdirTemp("", "vlm") // their paths have to be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(sockets) })
	for name, value := range map[string]string{
		"XDG_RUNTIME_DIR": sockets, "VLMCHAT_STATE_DIR": sockets, "VLMCHAT_CONFIG": filepath.Join(dir, "none"),
		"VLMCHAT_SESSIONS_DIR": dir, "VLMCHAT_CACHE_DIR": filepath.Join(dir, "cache"), "VLMCHAT_KEEP_ALIVE": "0",
	} {
		t.Setenv(name, value)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	chat := exec.Command(self, "--plain", "--temperature", "0.7", filepath.Join("..", "testdata", "tinyvlm", "samples", "scene-01.png"))
	chat.Args[0] = "vlmchat" // by this name the tests' executable is vlmchat
	chat.Stdin = strings.NewReader("Describe this image.\n")
	if out, err := chat.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	s, err := sessions.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	c := conversationIn(t, dir)
	whole := c.All[len(c.All)-1]
	words := strings.Fields(whole.Text())
	like := func(change func(*sessions.Message)) {
		t.Helper()
		m := whole
		m.ID, m.Parts = 0, slices.Clone(whole.Parts)
		change(&m)
		if _, err := s.Append(t.Context(), sessions.Session{ID: c.ID}, m); err != nil {
			t.Fatal(err)
		}
	}
	origin := func(m *sessions.Message, change func(map[string]any)) {
		t.Helper()
		o := map[string]any{}
		if err := json.Unmarshal(m.Provenance, &o); err != nil {
			t.Fatal(err)
		}
		change(o)
		m.Provenance, _ = json.Marshal(o)
	}
	like(func(m *sessions.Message) { // 2
		m.State, m.Parts[0].Text = sessions.Stopped, m.Parts[0].Text[:len(m.Parts[0].Text)/2]
	})
	like(func(m *sessions.Message) { // 3
		m.Parts[0].Text = strings.Join(append(slices.Clone(words[:3]), "giraffes", "everywhere."), " ")
		origin(m, func(o map[string]any) {
			o["model"], o["vlmchat"] = strings.Repeat("0", 64), "v0.0.1"
			o["options"] = map[string]string{"kv-type": "q8_0", "continued": "by a second worker"}
		})
	})
	like(func(m *sessions.Message) { m.Provenance = nil }) // 4
	like(func(m *sessions.Message) {                       // 5
		origin(m, func(o map[string]any) { delete(o, "model") })
		m.Model = "another"
	})
	like(func(m *sessions.Message) { // 6
		m.Parts[0].Text = "Half of something else"
		m.State = sessions.Failed
	})

	for number, want := range map[string]struct {
		code    int
		departs int // -1: not
		texts   []string
	}{
		"1": {exitOK, -1, []string{": the same, by tiny-vlm."}},
		"2": {exitOK, -1, []string{": the same, by tiny-vlm.", "The answer was not whole: what was there of it is compared."}},
		"3": {exitFailed, 3, []string{": another one after 3 words.", "giraffes everywhere.", "What is not as it was:", "- model: 000", "- vlmchat: v0.0.1, now " + version(),
			"- continued: by a second worker, now -", "a second one went on"}},
		"4": {exitFailed, -1, []string{", can't be asked for again.", "It is not known how this answer was asked for"}},
		"5": {exitOK, -1, []string{": the same, by tiny-vlm.", "- answered by: another, now tiny-vlm", "It was not known yet what is in the model's file"}},
		"6": {exitFailed, 0, []string{": another one from the first word on."}},
	} {
		code, report, text := reran(t, c.ID+"#"+number)
		if code != want.code {
			t.Errorf("#%s: the code is %d:\n%s", number, code, text)
		}
		a := report.Answers[0]
		if (a.Departs == nil) != (want.departs < 0) || a.Departs != nil && *a.Departs != want.departs {
			t.Errorf("#%s departs at %v:\n%s", number, a.Departs, text)
		}
		for _, part := range want.texts {
			if !strings.Contains(text, part) {
				t.Errorf("#%s: %q is not in\n%s", number, part, text)
			}
		}
	}

	// Nothing of it is kept, and a picture that is lost is told of.
	if again, err := s.Load(t.Context(), c.ID); err != nil || len(again.All) != 7 || again.Leaf == whole.ID {
		t.Errorf("the conversation has %d messages, %v", len(again.All), err)
	}
	if err := os.RemoveAll(filepath.Join(dir, "pictures")); err != nil {
		t.Fatal(err)
	}
	if code, _, text := reran(t, c.ID+"#1"); code == exitOK || !strings.Contains(text, "scene-01.png is lost: the model is told so in its place.") {
		t.Errorf("without its picture the code is %d:\n%s", code, text)
	}
}

// What opens an engine again has no secrets in it, and files by their whole paths.
func TestOpened(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	if err := os.WriteFile("a.gguf", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("OLLAMA_HOST", "me:secret@there:1234")
	for _, c := range []struct{ flags, want map[string]string }{
		{nil, map[string]string{"backend": "native"}},
		{map[string]string{"model": "a.gguf", "lora": `["a.gguf:0.5","gone"]`, "kv-type": "q8_0", "key-env": "X", "temperature": "1"}, map[string]string{
			"backend": "native", "model": filepath.Join(here, "a.gguf"), "lora": config.Join([]string{filepath.Join(here, "a.gguf") + ":0.5", "gone"}), "kv-type": "q8_0",
		}},
		{map[string]string{"model": "ollama:llava"}, map[string]string{"backend": "native", "model": "ollama:llava"}},
		{map[string]string{"backend": "openai", "model": "m", "base-url": "https://u:secret@a/v1?key=secret, b:1", "header": "X: secret", "lora": "a.gguf"}, map[string]string{
			"backend": "openai", "model": "m", "base-url": "https://a/v1,b:1",
		}},
		{map[string]string{"backend": "ollama", "model": "a.gguf"}, map[string]string{"backend": "ollama", "model": "a.gguf", "base-url": "there:1234"}},
	} {
		got := opened(config.LoadWithoutFile(func(name string) (string, bool) { v, ok := c.flags[name]; return v, ok }))
		if !maps.Equal(got, c.want) {
			t.Errorf("%v is opened by\n%v, want\n%v", c.flags, got, c.want)
		}
	}
}

// An engine is opened as it was but for what flags say. A key is for the servers that the
// settings name themselves.
func TestReopened(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "config.toml")
	if err := os.WriteFile(file, []byte("threads = \"3\"\n[profiles.work]\nbackend = \"openai\"\nmodel = \"big\"\nbase_url = \"https://work.example/v1\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("VLMCHAT_CONFIG", file)
	for _, c := range []struct{ flags, kept, want map[string]string }{
		{nil, map[string]string{"backend": "native", "model": "/m.gguf", "ctx": "512"}, map[string]string{"backend": "native", "model": "/m.gguf", "ctx": "512", "threads": "auto", "lora": ""}},
		{map[string]string{"ctx": "99"}, map[string]string{"backend": "native", "threads": "2", "ctx": "512"}, map[string]string{"ctx": "99", "threads": "2"}},
		{map[string]string{"model": "other"}, map[string]string{"backend": "native", "model": "m", "mmproj": "p", "lora": "l"}, map[string]string{"model": "other", "mmproj": "", "lora": ""}},
		{map[string]string{"backend": "ollama"}, map[string]string{"backend": "native", "model": "m"}, map[string]string{"backend": "ollama", "model": ""}},
		{nil, map[string]string{"backend": "openai", "profile": "work", "model": "small", "base-url": "https://work.example/v1"},
			map[string]string{"profile": "work", "model": "small", "base-url": "https://work.example/v1"}},
		{nil, map[string]string{"backend": "openai", "profile": "gone", "model": "small", "base-url": "https://other.example/v1"},
			map[string]string{"profile": "", "backend": "openai", "model": "small", "base-url": "https://other.example/v1"}},
	} {
		a := &app{flags: func(name string) (string, bool) { v, ok := c.flags[name]; return v, ok }}
		b, err := a.reopened(c.kept, "answer 1")
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range c.want {
			if got := b.config.String(name); got != want {
				t.Errorf("%v with the flags %v: %s is %q, want %q", c.kept, c.flags, name, got, want)
			}
		}
	}
	a := &app{flags: func(string) (string, bool) { return "", false }}
	b, err := a.reopened(map[string]string{"backend": "openai", "profile": "work", "base-url": "https://work.example/v1"}, "answer 1")
	if err != nil || b.config[config.BaseURL].Place != config.InProfile {
		t.Errorf("the address is from %v, %v", b.config[config.BaseURL], err)
	}
}

func TestCutNumber(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]struct {
		session string
		number  int
	}{
		"abc": {"abc", 0}, "abc#12": {"abc", 12}, "what is it? #3": {"what is it?", 3}, "#3": {"#3", 0}, "c#": {"c#", 0}, "a#x": {"a#x", 0}, "a#1#2": {"a#1", 2},
	} {
		if session, number := cutNumber(written); session != want.session || number != want.number {
			t.Errorf("%q is %q and %d", written, session, number)
		}
	}
}

// conversationIn is the conversation in a store that was used last.
func conversationIn(t *testing.T, dir string) *sessions.Conversation {
	t.Helper()
	s, err := sessions.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	last, err := s.Last(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.Load(t.Context(), last.ID)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
