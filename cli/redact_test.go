package cli

import (
	"strings"
	"testing"
)

// ada is somebody on Unix, whose home is reached by two paths.
var ada = identity{
	environ: []string{
		"OPENAI_API_KEY=3f9c-ada-key", "HF_TOKEN=abc\"def", "DB_PASSWORD=hunter2hunter2", "AWS_ACCESS_KEY_ID=ID0815ID",
		"LOCAL_API_KEY=none", "TOKENIZERS_PARALLELISM=false", "KEYBOARD=de-latin1", "PATH=/usr/bin",
	},
	homes: []string{"/home/ada", "/srv/homes/ada"},
	users: []string{"ada"},
	hosts: []string{"engine.example.org", "engine"},
}

func TestRedactUnix(t *testing.T) {
	t.Parallel()
	check := tableOf(t, newRedactor(ada, false))
	for text, want := range map[string]string{
		"nothing to hide":                         "nothing to hide",
		"/home/ada":                               "~",
		"/home/ada/m.gguf does not exist":         "~/m.gguf does not exist",
		`"/home/ada/a b.gguf"`:                    `"~/a b.gguf"`,
		"see /home/ada.":                          "see ~.",
		"/home/ada:/home/ada/bin:/srv/homes/ada":  "~:~/bin:~",
		"file:///home/ada/x.png":                  "file://~/x.png",
		"/HOME/ADA/x":                             "~/x",
		"/home/adam/m.gguf":                       "/home/[user]/m.gguf",
		"/home/bob/m.gguf and /Users/eve/x":       "/home/[user]/m.gguf and /Users/[user]/x",
		"/home/linuxbrew/.linuxbrew/lib":          "/home/linuxbrew/.linuxbrew/lib",
		"/mnt/home/ada/x":                         "/mnt/home/[user]/x",
		"/run/media/ada/disk, /tmp/vlmchat-ada/s": "/run/media/[user]/disk, /tmp/vlmchat-[user]/s",
		"ada@engine: no":                          "[user]@[host]: no",
		"Ada may not, adapters may":               "[user] may not, adapters may",
		"http://engine:11434":                     "http://[host]:11434",
		"engine.example.org is down":              "[host] is down",
		"engines":                                 "engines",
		"a\x1b]0;title\ab\nc":                     "ab c",
		"/home/\x1b[31mada/x":                     "~/x",
	} {
		check(text, want)
	}
}

func TestRedactSecrets(t *testing.T) {
	t.Parallel()
	for _, full := range []bool{false, true} {
		check := tableOf(t, newRedactor(ada, full))
		for text, want := range map[string]string{
			"the key 3f9c-ada-key is refused":              "the key [secret] is refused",
			`HF_TOKEN is abc"def`:                          "HF_TOKEN is [secret]",
			`it said "abc\"def"`:                           `it said "[secret]"`,
			"hunter2hunter2 ID0815ID":                      "[secret] [secret]",
			"none false de-latin1":                         "none false de-latin1",
			"http://u:p@h:1/v1":                            "http://[secret]@h:1/v1",
			"https://key@h/v1 is down":                     "https://[secret]@h/v1 is down",
			"http://u:p@ss/w@rd@h:1":                       "http://[secret]@h:1",
			"u:p@h:11434":                                  "[secret]@h:11434",
			"OLLAMA_HOST=u:p@[::1]:11434":                  "OLLAMA_HOST=[secret]@[::1]:11434",
			"http://h/v1?api_key=x&y=z: refused":           "http://h/v1?[secret] refused",
			"http://h/v1#x":                                "http://h/v1#[secret]",
			"is it http://h/v1?":                           "is it http://h/v1?",
			"Authorization: Bearer abcdefghij":             "Authorization: [secret] [secret]",
			"x-api-key: abc":                               "x-api-key: [secret]",
			"bearer abcdef123":                             "bearer [secret]",
			"api_key=abc, token=def":                       "api_key=[secret], token=[secret]",
			"sk-proj-0123456789abcdef hf_0123456789abcdef": "[secret] [secret]",
			"max-tokens = 512 (from --max-tokens)":         "max-tokens = 512 (from --max-tokens)",
			"tokenizer.ggml.tokens: a text of 5 bytes":     "tokenizer.ggml.tokens: a text of 5 bytes",
			"mask-0123456789":                              "mask-0123456789",
			"proxy http://u:p@h:1 for http://v:q@i/?x=1 y": "proxy http://[secret]@h:1 for http://[secret]@i/?[secret] y",
		} {
			check(text, want)
		}
	}
}

func TestRedactWindows(t *testing.T) {
	t.Parallel()
	check := tableOf(t, newRedactor(identity{
		homes: []string{`C:\Users\Ada L`, "C:"},
		users: []string{`ENGINE\Ada L`},
	}, false))
	for text, want := range map[string]string{
		`C:\Users\Ada L`:                            `~`,
		`C:\Users\Ada L\models\m.gguf`:              `~\models\m.gguf`,
		`c:\users\ada l\x`:                          `~\x`,
		`C:/Users/Ada L/x`:                          `~/x`,
		`"C:\\Users\\Ada L\\x"`:                     `"~\\x"`,
		`file:///C:/Users/Ada%20L/x`:                `file:///~/x`,
		`C:\Users\ADAL~1\AppData\Local\Temp\x`:      `C:\Users\[user]\AppData\Local\Temp\x`,
		`D:\Users\Bob B\x`:                          `D:\Users\[user]\x`,
		`C:\Users\Bob can't be read: Access denied`: `C:\Users\[user] can't be read: Access denied`,
		`C:\Users\Public\x`:                         `C:\Users\Public\x`,
		`ENGINE\Ada L is refused`:                   `[host]\[user] is refused`,
		`C:\Program Files\x`:                        `C:\Program Files\x`,
	} {
		check(text, want)
	}
}

// Names that many have, or that are words, are hidden in paths alone.
func TestRedactOrdinaryNames(t *testing.T) {
	t.Parallel()
	check := tableOf(t, newRedactor(identity{
		homes: []string{"/", "", "/root", "/data/model"},
		users: []string{"model", "jo"},
		hosts: []string{"ollama", "vm"},
	}, false))
	for text, want := range map[string]string{
		"the model of ollama":   "the model of ollama",
		"/root/x, /x":           "~/x, /x",
		"/media/model/x":        "/media/[user]/x",
		"/media/jo/x":           "/media/[user]/x",
		"/models/model.gguf":    "/models/model.gguf",
		"joy, a jo in vm":       "joy, a jo in vm",
		"/data/model/models/x":  "~/models/x",
		"root may read /x/root": "root may read /x/[user]",
	} {
		check(text, want)
	}
}

func TestRedactFull(t *testing.T) {
	t.Parallel()
	check := tableOf(t, newRedactor(ada, true))
	check("/home/ada/x of ada", "/home/ada/x of ada")
	check("/home/bob/x", "/home/bob/x")
	check("engine", "[host]")
	check("3f9c-ada-key", "[secret]")
}

// tableOf returns a check of what a redactor makes of a text. What is fit to be
// pasted stays as it is when it is redacted again.
func tableOf(t *testing.T, r *redactor) func(text, want string) {
	return func(text, want string) {
		t.Helper()
		got := r.text(text)
		if got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
		if again := r.text(got); again != got {
			t.Errorf("%q becomes %q", got, again)
		}
	}
}

// This process's own surroundings are known.
func TestThisIdentity(t *testing.T) {
	secret := "0123-of-this-test"
	t.Setenv("SOME_API_KEY", secret)
	t.Setenv("HOME", "/home/grace")
	t.Setenv("USERPROFILE", `C:\Users\grace`)
	t.Setenv("USER", "hopper")
	t.Setenv("COMPUTERNAME", "mark-one")
	r := newRedactor(thisIdentity(), false)
	got := r.text(secret + ` /home/grace/x C:\Users\grace\y hopper mark-one`)
	if want := secretMark + ` ~/x ~\y [user] [host]`; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if strings.Contains(got, "grace") {
		t.Error(got)
	}
}

func TestWithoutCredentials(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"":                           "",
		"http://h:1/v1":              "http://h:1/v1",
		"https://key@h/v1?k=v":       "https://[secret]@h/v1",
		"u:p@h:11434":                "[secret]@h:11434",
		"key@h?sig=abc":              "[secret]@h",
		"http://u:p@ss@h/v1?k=v@x#y": "http://[secret]@h/v1",
	} {
		if got := withoutCredentials(address); got != want {
			t.Errorf("%q becomes %q, want %q", address, got, want)
		}
	}
}
