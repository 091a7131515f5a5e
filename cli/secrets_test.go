package cli

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine/native"
)

// hush is a key that looks different in every way to write it. core is a part
// that is the same in all of them.
const (
	hush = "hush/4f5a6b7c8d+9e\"0f=="
	core = "4f5a6b7c8d"
)

// leaks tells whether a text holds the key, or enough of it to be one.
func leaks(text string) bool {
	return strings.Contains(text, core) || strings.Contains(text, core[:6]) ||
		strings.Contains(text, base64.StdEncoding.EncodeToString([]byte(hush))) ||
		strings.Contains(text, base64.URLEncoding.EncodeToString([]byte(hush)))
}

// repeating is a server that repeats all that it is sent, wherever a message might
// show it: the first element of the path says where.
func repeating(t *testing.T) *httptest.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent := r.Header.Get("Authorization") + r.Header.Get("X-Auth")
		key := strings.TrimPrefix(sent, "Bearer ")
		echo := fmt.Sprintf("no %s, no %q, no %s, no %s, no %s", sent, key, url.QueryEscape(key), strings.ToLower(url.QueryEscape(key)), base64.StdEncoding.EncodeToString([]byte(key)))
		quoted, _ := json.Marshal(echo)
		plain, _ := json.Marshal(key)
		w.Header().Set("X-Echo", url.QueryEscape(key))
		w.Header().Set("WWW-Authenticate", "Bearer "+url.QueryEscape(key))
		say := func(status int, contentType, body string) {
			w.Header().Set("Content-Type", contentType)
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
		where, _, _ := strings.Cut(r.URL.Path[1:], "/")
		status, isStatus := strconv.Atoi(where)
		switch {
		case isStatus == nil:
			say(status, "application/json", `{"error":{"message":`+string(quoted)+`,"type":`+string(plain)+`,"code":`+string(plain)+`}}`)
		case where == "plain":
			say(500, "text/plain", echo)
		case where == "html":
			say(502, "text/html", "<title>"+html.EscapeString(echo)+"</title>")
		case where == "long":
			// The message is cut where half of the key has been.
			say(500, "text/plain", strings.Repeat("x", 300-len("hush/4f5a6b7"))+key+" and more")
		case where == "redirect":
			http.Redirect(w, r, "/x/"+url.PathEscape(key)+"?key="+url.QueryEscape(key), http.StatusTemporaryRedirect)
		case where == "list" && r.Method == http.MethodGet:
			say(200, "application/json", `{"data":[{"id":`+string(plain)+`},{"id":`+string(quoted)+`}]}`)
		case where == "model" && r.Method == http.MethodGet:
			say(200, "application/json", `{"data":[{"id":`+string(plain)+`}]}`)
		case where == "garbage":
			say(200, "application/json", "["+string(quoted))
		case where == "stream":
			say(200, "text/event-stream", `data: {"choices":[{"delta":{"content":"Well, "}}]}`+"\n\ndata: {\"error\": {\"message\": "+string(quoted)+"}}\n\n")
		case where == "events":
			say(200, "text/event-stream", "data: {"+echo+"\n\n")
		default:
			say(200, "text/event-stream", `data: {"choices":[{"delta":{"content":"{}"},"finish_reason":"stop"}]}`+"\n\ndata: [DONE]\n\n")
		}
	}))
	t.Cleanup(s.Close)
	return s
}

// A server that repeats the key shows it nowhere but in an answer, whatever is
// asked for and wherever the key comes from.
func TestKeysAreNotRepeated(t *testing.T) {
	t.Parallel()
	s := repeating(t)
	from := map[string][]string{
		"variable": {"--key-env", "AT_WORK"},
		"command":  {"--key-command", "printenv AT_WORK"},
		"keyring":  {"--key-keyring", "work/ada"},
		"header":   {"--header", "X-Auth: $AT_WORK"},
	}
	if runtime.GOOS == "windows" {
		from["command"] = []string{"--key-command", "echo %AT_WORK%"}
	}
	v := newVlmchat(t, "", "AT_WORK="+hush, keyringVariable+"=work/ada="+hush)
	usual := newVlmchat(t, "", "OPENAI_API_KEY="+hush)
	anything := filepath.Join(t.TempDir(), "schema.json")
	if err := os.WriteFile(anything, []byte(`{"type":"object"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	ask := []string{"-p", "hi"}
	shown := 0
	try := func(v *vlmchat, where string, args ...string) {
		_, stdout, stderr := v.run(append(args, "-b", "openai", "--base-url", s.URL+"/"+where+"/v1")...)
		if leaks(stdout) || leaks(stderr) {
			t.Errorf("%s %q: %s%s", where, args, stdout, stderr)
		}
		shown += strings.Count(stdout+stderr, secretMark) + strings.Count(stdout+stderr, "[key]")
	}
	for _, where := range []string{"401", "403", "404", "429", "500", "plain", "html", "long", "redirect", "list", "model", "garbage", "stream", "events", "answer"} {
		for _, key := range from {
			try(v, where, append(key, ask...)...)
		}
		usual.env = append(usual.env, "OPENAI_BASE_URL="+s.URL+"/"+where+"/v1")
		if _, stdout, stderr := usual.run("-b", "openai", "-p", "hi"); leaks(stdout + stderr) {
			t.Errorf("%s with the usual variable: %s%s", where, stdout, stderr)
		}
		for _, output := range [][]string{{"--json", "-p", "hi"}, {"--schema", anything, "-p", "hi"}, {"-m", "m", "-p", "hi"}, {"doctor"}, {"doctor", "--json"}, {"models", "list"}, {"models", "list", "--json"}, {"models", "show", "m"}, {"models", "pull", "m"}} {
			try(v, where, append(output, from["keyring"]...)...)
		}
	}
	for _, where := range []string{"401", "403", "404", "500", "plain", "html", "long", "redirect", "garbage", "answer"} {
		for _, output := range [][]string{{"-m", "m", "-p", "hi"}, {"--json", "-p", "hi"}, {"doctor"}, {"models", "list"}, {"models", "pull", "m"}} {
			args := append(output, "-b", "ollama", "--base-url", s.URL+"/"+where, "--key-env", "AT_WORK")
			if _, stdout, stderr := v.run(args...); leaks(stdout + stderr) {
				t.Errorf("%s %q: %s%s", where, args, stdout, stderr)
			}
		}
	}
	if shown == 0 {
		t.Error("the server's words were shown nowhere: this tests nothing")
	}
	v.searchFiles()
	usual.searchFiles()
}

// searchFiles looks for the key in what was left behind.
func (v *vlmchat) searchFiles() {
	v.t.Helper()
	for _, setting := range v.env {
		name, dir, _ := strings.Cut(setting, "=")
		if name != "HOME" && name != "XDG_RUNTIME_DIR" {
			continue
		}
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			content, err := os.ReadFile(path)
			if leaks(string(content)) || leaks(path) {
				v.t.Errorf("the key is in %s", path)
			}
			return err
		})
		if err != nil {
			v.t.Error(err)
		}
	}
}

// A worker knows nothing of keys: not by its environment, its arguments and its
// files, and neither does what is told of it.
func TestWorkersHaveNoKeys(t *testing.T) {
	t.Parallel()
	v := newVlmchat(t, "key_env = 'AT_WORK'\nheader = 'X-Auth: $AT_THE_GATE'\n[profiles.other]\nkey_env = 'ELSEWHERE'\n",
		"OPENAI_API_KEY="+hush, "HF_TOKEN="+hush, "AT_WORK="+hush, "AT_THE_GATE="+hush, "ELSEWHERE="+hush, "OLLAMA_API_KEY="+hush,
		"VLMCHAT_HEADER=X-Auth: "+hush, "VLMCHAT_BASE_URL=http://ada:"+core+"@127.0.0.1:1", "KEPT=for-drivers")
	code, stdout, stderr := v.run("-p", "Who are you?", "--keep-alive", "1m", "--ctx", "512", "--temperature", "0")
	if code != exitOK || stdout == "" || leaks(stdout+stderr) {
		t.Fatalf("%d %q %q", code, stdout, stderr)
	}
	t.Cleanup(func() { v.run("stop", "--all") })
	_, stdout, stderr = v.run("ps", "--json")
	var workers []native.Worker
	if err := json.Unmarshal([]byte(stdout), &workers); err != nil || len(workers) != 1 || leaks(stdout+stderr) {
		t.Fatalf("%q %q %v", stdout, stderr, err)
	}
	v.searchFiles()
	if runtime.GOOS != "linux" {
		return // others don't show a process's environment
	}
	for _, what := range []string{"environ", "cmdline"} {
		content, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", workers[0].PID, what))
		if err != nil {
			t.Fatal(err)
		}
		if leaks(string(content)) {
			t.Errorf("the worker's %s has the key: %q", what, content)
		}
		if what == "environ" && !strings.Contains(string(content), "KEPT=for-drivers") {
			t.Errorf("this is not the worker's environment: %q", content)
		}
	}
}
