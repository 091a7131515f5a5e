package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/zalando/go-keyring"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
)

// keyringVariable gives the tests' vlmchat a keyring in memory with one entry:
// SERVICE/USER=PASSWORD.
const keyringVariable = "TEST_KEYRING"

// fakeKeyring is the keyring of the tests' vlmchat: without the variable an empty
// one, as no test has any business with the user's own.
func fakeKeyring() {
	keyring.MockInit()
	entry, password, _ := strings.Cut(os.Getenv(keyringVariable), "=")
	if service, name, found := strings.Cut(entry, "/"); found {
		_ = keyring.Set(service, name, password)
	}
}

// vlmchat runs the command as a process of its own with nothing of this process's
// environment but what it needs, so that tests can run side by side.
type vlmchat struct {
	t    *testing.T
	env  []string
	file string // the configuration
}

func newVlmchat(t *testing.T, configuration string, env ...string) *vlmchat {
	t.Helper()
	dir := t.TempDir()
	v := &vlmchat{t: t, file: filepath.Join(dir, "config.toml")}
	if err := os.WriteFile(v.file, []byte(configuration), 0o600); err != nil {
		t.Fatal(err)
	}
	sockets, err := os.MkdirTemp("", "vlm") // a socket's path has to be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(sockets) })
	data, err := config.DataDir()
	if err != nil {
		t.Fatal(err)
	}
	v.env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "USERPROFILE=" + dir, "SYSTEMROOT=" + os.Getenv("SYSTEMROOT"),
		"TMPDIR=" + sockets, "TMP=" + sockets, "TEMP=" + sockets, // where the user's own workers may be
		"VLMCHAT_CONFIG=" + v.file, "VLMCHAT_DATA_DIR=" + data, "VLMCHAT_CACHE_DIR=" + filepath.Join(dir, "cache"),
		"VLMCHAT_RUNTIME=" + os.Getenv("VLMCHAT_RUNTIME"), "XDG_RUNTIME_DIR=" + sockets, "VLMCHAT_RETRIES=0", "OLLAMA_HOST=127.0.0.1:1",
	}, env...)
	return v
}

func (v *vlmchat) run(args ...string) (code int, stdout, stderr string) {
	v.t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.Command("vlmchat", args...)
	cmd.Env, cmd.Stdout, cmd.Stderr = v.env, &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		v.t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

// listener is a server that answers every question and keeps what it was sent.
type listener struct {
	*httptest.Server
	mu   sync.Mutex
	seen []string // requests, as text
}

func newListener(t *testing.T) *listener {
	l := &listener{}
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var b bytes.Buffer
		_ = r.Write(&b)
		l.mu.Lock()
		l.seen = append(l.seen, b.String())
		l.mu.Unlock()
		switch {
		case strings.HasSuffix(r.URL.Path, "/api/show"):
			_, _ = io.WriteString(w, `{"capabilities":["completion"]}`)
			return
		case strings.HasSuffix(r.URL.Path, "/api/chat"):
			_, _ = io.WriteString(w, `{"message":{"role":"assistant","content":"Hello"},"done":true,"done_reason":"stop"}`+"\n")
			return
		case r.Method == http.MethodGet:
			_, _ = io.WriteString(w, `{"data":[{"id":"m"}]}`)
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, `data: {"choices":[{"delta":{"content":"Hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1000,"completion_tokens":10}}`+"\n\ndata: [DONE]\n\n")
	}))
	t.Cleanup(l.Close)
	return l
}

// got tells how many requests there were, and whether all or none had the text.
func (l *listener) got(text string) (requests int, all, none bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	with := 0
	for _, r := range l.seen {
		if strings.Contains(r, text) {
			with++
		}
	}
	return len(l.seen), with == len(l.seen), with == 0
}

// A key is for the server that whoever named it had in mind: A below is the one
// with the key, B another.
func TestKeysKeepToTheirServers(t *testing.T) {
	t.Parallel()
	const key = "1f2e3d-key-of-a"
	const profile = "[profiles.a]\nbackend = 'openai'\nbase_url = 'URL_A'\nkey_env = 'A_KEY'\n"
	const file = "backend = 'openai'\nbase_url = 'URL_A'\nkey_env = 'A_KEY'\n"
	env := func(more ...string) []string { return append([]string{"A_KEY=" + key}, more...) }
	for name, c := range map[string]struct {
		file string
		env  []string
		args string
		toA  bool // the key is sent to A
		toB  bool
	}{
		"a profile's":                           {profile, env(), "--profile a", true, false},
		"a profile's, another by flag":          {profile, env(), "--profile a --base-url URL_B", false, false},
		"a profile's, another by variable":      {profile, env("VLMCHAT_BASE_URL=URL_B"), "--profile a", false, false},
		"a profile's, its own by flag":          {profile, env(), "--profile a --base-url URL_A", true, false},
		"the file's":                            {file, env(), "", true, false},
		"the file's, another by profile":        {file + "[profiles.b]\nbase_url = 'URL_B'\n", env(), "--profile b", false, false},
		"a profile's over the file":             {"backend = 'openai'\nbase_url = 'URL_B'\n" + profile, env(), "--profile a", true, false},
		"a profile's without an address":        {"base_url = 'URL_A'\nbackend = 'openai'\n[profiles.k]\nkey_env = 'A_KEY'\n", env(), "--profile k --base-url URL_B", false, false},
		"a variable's":                          {"", env("VLMCHAT_KEY_ENV=A_KEY", "VLMCHAT_BASE_URL=URL_A"), "-b openai", true, false},
		"a variable's, another by flag":         {"", env("VLMCHAT_KEY_ENV=A_KEY", "VLMCHAT_BASE_URL=URL_A"), "-b openai --base-url URL_B", false, false},
		"a flag's":                              {"", env("VLMCHAT_BASE_URL=URL_B"), "-b openai --key-env A_KEY", false, true},
		"the usual variable":                    {"", []string{"OPENAI_API_KEY=" + key, "OPENAI_BASE_URL=URL_A"}, "-b openai", true, false},
		"the usual variable, another by flag":   {"", []string{"OPENAI_API_KEY=" + key, "OPENAI_BASE_URL=URL_A"}, "-b openai --base-url URL_B", false, false},
		"the usual variable is for OpenAI":      {"", []string{"OPENAI_API_KEY=" + key}, "-b openai --base-url URL_B", false, false},
		"the usual variable, for a profile":     {profile, []string{"OPENAI_API_KEY=" + key, "A_KEY=other"}, "--profile a", false, false},
		"the usual variable, when asked for":    {"", []string{"OPENAI_API_KEY=" + key}, "-b openai --base-url URL_B --key-env OPENAI_API_KEY", false, true},
		"none when none is wanted":              {file + "[profiles.none]\nkey_env = ''\n", env(), "--profile none", false, false},
		"in a variable, the port is another":    {"", []string{"OPENAI_API_KEY=" + key, "OPENAI_BASE_URL=URL_B"}, "-b openai --base-url URL_A", false, false},
		"Ollama's":                              {strings.ReplaceAll(profile, "openai", "ollama"), env(), "--profile a", true, false},
		"Ollama's, another by flag":             {strings.ReplaceAll(profile, "openai", "ollama"), env(), "--profile a --base-url URL_B", false, false},
		"another backend, the same server":      {profile, env(), "--profile a -b ollama", true, false},
		"another backend by its variable":       {"[profiles.a]\nbackend = 'openai'\nkey_env = 'A_KEY'\n", env("OPENAI_BASE_URL=URL_A", "OLLAMA_HOST=URL_B"), "--profile a -b ollama", false, false},
		"a lower place's, for the right server": {file + "[profiles.b]\nbase_url = 'URL_B'\nkey_env = 'B_KEY'\n", env("B_KEY=other"), "--profile b --base-url URL_A", true, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, b := newListener(t), newListener(t)
			fill := strings.NewReplacer("URL_A", a.URL, "URL_B", b.URL).Replace
			env := make([]string, len(c.env))
			for i, v := range c.env {
				env[i] = fill(v)
			}
			v := newVlmchat(t, fill(c.file), env...)
			code, stdout, stderr := v.run(append(strings.Fields(fill(c.args)), "-m", "m", "-p", "hi")...)
			if code != exitOK || stdout != "Hello\n" {
				t.Fatalf("%d %q %q", code, stdout, stderr)
			}
			requests := 0
			for s, want := range map[*listener]bool{a: c.toA, b: c.toB} {
				n, all, none := s.got(key)
				requests += n
				if want && !all || !want && !none {
					t.Errorf("the key should be sent to %s: %v; it was sent %q", s.URL, want, s.seen)
				}
			}
			if requests == 0 {
				t.Error("nobody was asked")
			}
		})
	}
}

// Several servers of one place share its key; one that comes from elsewhere gets
// none. The first fails, so that all are asked.
func TestKeyOfSeveralServers(t *testing.T) {
	t.Parallel()
	const key = "1f2e3d-key-of-both"
	for name, own := range map[string]bool{"both by the profile": true, "the second by flag": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newListener(t)
			var sent atomic.Int32
			a := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Authorization") == "Bearer "+key {
					sent.Add(1)
				}
				w.WriteHeader(http.StatusServiceUnavailable)
			}))
			t.Cleanup(a.Close)
			both := a.URL + "," + b.URL
			base, args := a.URL, []string{"--base-url", both}
			if own {
				base, args = both, nil
			}
			v := newVlmchat(t, "[profiles.p]\nbackend = 'openai'\nkey_env = 'THE_KEY'\nbase_url = '"+base+"'\n", "THE_KEY="+key)
			code, stdout, stderr := v.run(append(args, "--profile", "p", "-m", "m", "-p", "hi")...)
			if code != exitOK || stdout != "Hello\n" {
				t.Errorf("%d %q %q", code, stdout, stderr)
			}
			if sent.Load() == 0 {
				t.Error("the first server was sent no key")
			}
			if n, all, none := b.got(key); n == 0 || own && !all || !own && !none {
				t.Errorf("the second server was sent %q", b.seen)
			}
		})
	}
}

// A password in an address goes with the address, and a redirect is not followed.
func TestCredentialsAndRedirects(t *testing.T) {
	t.Parallel()
	b := newListener(t)
	v := newVlmchat(t, fmt.Sprintf("[profiles.a]\nbackend = 'openai'\nbase_url = 'http://ali:baba@%s'\n", "127.0.0.1:1"))
	if code, _, stderr := v.run("--profile", "a", "--base-url", b.URL, "-m", "m", "-p", "hi"); code != exitOK {
		t.Errorf("%d %q", code, stderr)
	}
	if n, _, none := b.got("Authorization"); n == 0 || !none {
		t.Errorf("it was sent %q", b.seen)
	}
	moved := httptest.NewServer(http.RedirectHandler(b.URL, http.StatusTemporaryRedirect))
	defer moved.Close()
	before := len(b.seen)
	v = newVlmchat(t, "", "OPENAI_API_KEY=1f2e3d-key", "OPENAI_BASE_URL="+moved.URL)
	if code, _, stderr := v.run("-b", "openai", "-m", "m", "-p", "hi"); code != exitEngine || strings.Contains(stderr, "1f2e3d") {
		t.Errorf("%d %q", code, stderr)
	}
	if n, _, _ := b.got(""); n != before {
		t.Errorf("the redirect was followed: %q", b.seen[before:])
	}
}

// Each way to a key leads to the same key.
func TestKeySources(t *testing.T) {
	t.Parallel()
	const key = "5a6b7c-the-key"
	printed := "printf '" + key + "\\nignored\\n'; echo asking >&2"
	if runtime.GOOS == "windows" {
		printed = "echo " + key + "&echo ignored&echo asking>&2"
	}
	for name, c := range map[string]struct {
		args []string
		note string // on standard error
	}{
		"variable": {[]string{"--key-env", "AT_WORK"}, ""},
		"command":  {[]string{"--key-command", printed}, "asking"},
		"keyring":  {[]string{"--key-keyring", "work/ada"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newListener(t)
			v := newVlmchat(t, "", "AT_WORK="+key, keyringVariable+"=work/ada="+key)
			code, stdout, stderr := v.run(append(c.args, "-b", "openai", "--base-url", s.URL, "-m", "m", "-p", "hi")...)
			if code != exitOK || stdout != "Hello\n" || strings.TrimSpace(stderr) != c.note {
				t.Errorf("%d %q %q", code, stdout, stderr)
			}
			if n, all, _ := s.got("Authorization: Bearer " + key + "\r\n"); n == 0 || !all {
				t.Errorf("it was sent %q", s.seen)
			}
		})
	}
}

// A key that can't be had is an error that says from where, and nothing is sent.
func TestKeysThatAreNotThere(t *testing.T) {
	t.Parallel()
	s := newListener(t)
	v := newVlmchat(t, "[profiles.two]\nkey_env = 'AT_WORK'\nkey_command = 'x'\n", "AT_WORK=x", "BROKEN=a\nb", "EMPTY= ")
	for _, c := range []struct {
		code int
		args string
		want string
	}{
		{exitEngine, "--key-env NOT_THERE", "no key from NOT_THERE (key-env, from --key-env): the variable is not set"},
		{exitEngine, "--key-env EMPTY", "it is empty"},
		{exitEngine, "--key-env BROKEN", "it contains characters that no key has"},
		{exitUsage, "--key-env sk-12345-not-a-name", "key-env (from --key-env) is not the name of an environment variable"},
		{exitEngine, "--key-env abcdef12345", "no key from key-env (from --key-env)"},
		{exitEngine, "--key-command exit(3)", "no key from key-command (from --key-command): the command failed"},
		{exitEngine, "--key-keyring nobody", `the keyring has no entry of the service "nobody"`},
		{exitUsage, "--profile two", "both name the key"},
		{exitUsage, "--profile three", "it has two"},
		{exitUsage, "--header X", "header (from --header) is not a header"},
		{exitUsage, "--header X:$NOT_THERE", "the header X (from --header): the variable NOT_THERE is not set"},
		{exitUsage, "--connect-timeout 0", "connect-timeout"},
		{exitUsage, "--detail most", "detail"},
		{exitUsage, "--price-input much", "price-input"},
	} {
		args := append(strings.Fields(c.args), "-b", "openai", "--base-url", s.URL, "-m", "m", "-p", "hi")
		code, stdout, stderr := v.run(args...)
		if code != c.code || stdout != "" || !strings.Contains(stderr, c.want) {
			t.Errorf("%s: %d %q %q", c.args, code, stdout, stderr)
		}
		if strings.Contains(stderr, "12345") {
			t.Errorf("what may be a key is repeated: %q", stderr)
		}
	}
	if len(s.seen) != 0 {
		t.Errorf("it was sent %q", s.seen)
	}
}

// A command that is waited for ends with the question.
func TestKeyCommandStops(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	a := &app{stderr: io.Discard}
	_, err := a.obtain(ctx, keySource{setting: config.KeyCommand, value: config.Value{Text: "sleep 1000"}})
	if engine.KindOf(err) != engine.Cancelled {
		t.Errorf("the error is %v", err)
	}
}

// of makes settings of flags.
func of(flags map[string]string) *app {
	return &app{config: config.LoadWithoutFile(func(name string) (string, bool) {
		text, given := flags[name]
		return text, given
	}), secrets: &secrets{}}
}

// One key is for all servers that its place names, by their ports.
func TestBinding(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		base, address string
		want          bool
	}{
		{"https://a.example/v1", "https://a.example/v1", true},
		{"https://a.example/v1", "https://A.example:443/other", true},
		{"https://a.example/v1", "http://a.example/v1", false},
		{"https://a.example/v1", "https://a.example:8443/v1", false},
		{"https://a.example/v1", "https://a.example.org/v1", false},
		{"a.example", "http://a.example:80", true},
		{"http://a:1, http://b:2/v1", "http://a:1", true},
		{"http://a:1, http://b:2/v1", "http://b:2", true},
		{"http://a:1, http://b:2/v1", "http://b:1", false},
		{"http://u:p@a:1/v1", "http://a:1", true},
	} {
		s, err := newServer("openai", c.address)
		if err != nil {
			t.Fatal(err)
		}
		if means(of(map[string]string{config.BaseURL: c.base}).config, s) != c.want {
			t.Errorf("a key for %s is for %s: not %v", c.base, c.address, c.want)
		}
	}
}

// The variables of profiles that are not in use are known, too.
func TestVariablesOfProfiles(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.toml")
	const text = "[profiles.a]\nkey_env = 'A_PASS'\n[profiles.b]\nheader = ['X-Title: mine', 'X-Auth: $B_AUTH']\n[profiles.c]\nheader = 'X-Auth: ${C_AUTH}'"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("VLMCHAT_CONFIG", file)
	names := of(nil).keyVariables()
	for _, want := range []string{"A_PASS", "B_AUTH", "C_AUTH"} {
		if !slices.Contains(names, want) {
			t.Errorf("%s is not among the variables of secrets, %q", want, names)
		}
	}
}

func TestHeaders(t *testing.T) {
	t.Setenv("HEADER_SECRET", "8d9e0f-secret")
	s, err := newServer("openai", "http://a:1")
	if err != nil {
		t.Fatal(err)
	}
	a := of(map[string]string{config.Header: config.Join([]string{"X-Title: my $$ pictures", "x-auth: Token ${HEADER_SECRET}", "X-Auth:$HEADER_SECRET"}), config.BaseURL: "a:1"})
	got, err := a.headers(s)
	want := http.Header{"X-Title": {"my $ pictures"}, "X-Auth": {"Token 8d9e0f-secret", "8d9e0f-secret"}}
	if err != nil || len(got) != 2 || !slices.Equal(got["X-Title"], want["X-Title"]) || !slices.Equal(got["X-Auth"], want["X-Auth"]) {
		t.Errorf("%q, %v", got, err)
	}
	if got, want := a.secrets.hide("8d9e0f-secret of my $ pictures"), secretMark+" of my $ pictures"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if names := a.keyVariables(); !slices.Contains(names, "HEADER_SECRET") {
		t.Errorf("the variables of secrets are %q", names)
	}
	// Those of a lower place are not for another server.
	t.Setenv("VLMCHAT_HEADER", "X-Auth: lower")
	t.Setenv("VLMCHAT_BASE_URL", "b:1")
	if got, err := of(map[string]string{config.BaseURL: "a:1"}).headers(s); err != nil || len(got) != 0 {
		t.Errorf("%q, %v", got, err)
	}
}

func TestCost(t *testing.T) {
	t.Parallel()
	s := newListener(t)
	v := newVlmchat(t, "")
	ask := func(more ...string) string {
		_, stdout, stderr := v.run(append(more, "-b", "openai", "--base-url", s.URL, "-m", "m", "--json", "-p", "hi")...)
		return stdout + stderr
	}
	if out := ask("--price-input", "2.5", "--price-output", "10"); !strings.Contains(out, `"cost": 0.0026`) {
		t.Error(out)
	}
	// In binary it is a little more.
	if out := ask("--price-input", "0.07", "--price-output", "3.06"); !strings.Contains(out, `"cost": 0.0001006,`) {
		t.Error(out)
	}
	if out := ask(); strings.Contains(out, "cost") {
		t.Error(out)
	}
}
