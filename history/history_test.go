package history

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// child, in the environment, makes the test binary a process that adds messages to the
// history of this path for ever, and says so.
const child = "VLMCHAT_HISTORY_TEST_CHILD"

func TestMain(m *testing.M) {
	path := os.Getenv(child)
	if path == "" {
		os.Exit(m.Run())
	}
	f := Open(path)
	for i := 0; ; i++ {
		if err := f.Append(fmt.Sprintf("message %d of %d\nand its second line", i, os.Getpid())); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(i)
	}
}

func TestAppendAndLoad(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state", "vlmchat", "history")
	f := Open(path)
	if all, err := f.Load(); err != nil || all != nil {
		t.Fatalf("%q, %v", all, err)
	}
	want := []string{"one", "two\nlines", `"quoted"`, "猫 👋", "/attach a.png", "tab\tand \x1b"}
	for _, message := range want {
		if err := f.Append(message); err != nil {
			t.Fatal(err)
		}
	}
	for _, message := range []string{"", strings.Repeat("x", longest+1), "/set api-key abcdef123"} {
		if err := f.Append(message); err != nil {
			t.Fatal(err)
		}
	}
	if all, err := Open(path).Load(); err != nil || !slices.Equal(all, want) {
		t.Errorf("%q, %v", all, err)
	}
	if runtime.GOOS == "windows" {
		return // there, the folder of the user is private to them
	}
	for path, mode := range map[string]os.FileMode{path: 0o600, filepath.Dir(path): 0o700 | os.ModeDir} {
		if info, err := os.Stat(path); err != nil || info.Mode() != mode {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
}

// A file that others could read is closed to them.
func TestOthersAreKeptOut(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("modes of files don't say there who may read them")
	}
	path := filepath.Join(t.TempDir(), "history")
	if err := os.WriteFile(path, []byte("\"one\"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Open(path).Append("two"); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

// What a crash has cut costs one message, and the next one has a line of its own.
func TestDamage(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "history")
	damaged := "\"one\"\n\n{\"no\": \"text\"}\n\x00\x00\n\"" + strings.Repeat("long", 6*longest) + "\"\n\"two\"\n\"cut in the mid"
	if err := os.WriteFile(path, []byte(damaged), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Open(path).Append("three"); err != nil {
		t.Fatal(err)
	}
	if all, err := Open(path).Load(); err != nil || !slices.Equal(all, []string{"one", "two", "three"}) {
		t.Errorf("%q, %v", all, err)
	}
}

func TestBounded(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "history")
	var b strings.Builder
	for i := range most + slack - 1 {
		fmt.Fprintf(&b, "\"message %d\"\n", i)
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	f := Open(path)
	if all, err := f.Load(); err != nil || len(all) != most {
		t.Fatalf("%d messages, %v", len(all), err)
	}
	if err := f.Append("the last"); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(content)), "\n")
	if len(lines) != most || lines[0] != fmt.Sprintf(`"message %d"`, slack) || lines[most-1] != `"the last"` {
		t.Errorf("%d lines from %s to %s", len(lines), lines[0], lines[len(lines)-1])
	}
	if left, err := filepath.Glob(path + ".*"); err != nil || !slices.Equal(left, []string{path + ".lock"}) {
		t.Errorf("beside it: %q, %v", left, err)
	}
}

func TestUnwritable(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file", "history")
	if err := os.WriteFile(filepath.Dir(path), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Open(path).Append("one"); err == nil || !strings.HasPrefix(err.Error(), "keeping what was sent: ") {
		t.Errorf("%v", err)
	}
}

func TestSecrets(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]bool{
		"/set api-key 12345678":                        true,
		"/backend openai --api-key=abcdefgh":           true,
		"/set header Authorization: Bearer abcdefgh":   true,
		"/set header \"X-Api-Key: abcdefgh\"":          true,
		"my key is sk-proj-abcdefghijklmnopqrstuv":     true,
		"hf_abcdefghijklmnopqrstuvwxyz":                true,
		"/set max-tokens 1000000":                      false,
		"/find the key":                                false,
		"What is the password on this sticky note?":    false,
		"a risk-averse-investor-in-a-long-skirt":       false,
		"whose is skateboarding-in-rome.jpg?":          false,
		"/attach ~/Pictures/secret-garden.png":         false,
		"is sk-8 or r8 a road? sk-eleton, sk-yscraper": false,
	} {
		if got := hasSecret(message); got != want {
			t.Errorf("%q: %v", message, got)
		}
	}
}

// Several processes add at once and are killed in the middle of it: each message that
// was kept is there, and nothing that is none.
func TestProcesses(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "history")
	var processes []*exec.Cmd
	var outputs []*bufio.Scanner
	for range 3 {
		cmd := exec.Command(self)
		cmd.Env = append(os.Environ(), child+"="+path)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = cmd.Process.Kill() })
		processes, outputs = append(processes, cmd), append(outputs, bufio.NewScanner(out))
	}
	want := map[string]bool{}
	for i, out := range outputs {
		for out.Scan() {
			want[fmt.Sprintf("message %s of %d\nand its second line", out.Text(), processes[i].Process.Pid)] = true
			if out.Text() == "20" {
				_ = processes[i].Process.Kill()
			}
		}
		_ = processes[i].Wait() // it was killed
	}
	all, err := Open(path).Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, message := range all {
		if !strings.HasPrefix(message, "message ") || !strings.HasSuffix(message, "and its second line") {
			t.Errorf("%q", message)
		}
		delete(want, message)
	}
	if len(want) > 0 {
		t.Errorf("lost: %v", want)
	}
	if err := Open(path).Append("one more"); err != nil {
		t.Errorf("after it: %v", err)
	}
}

// Whatever is in the file, reading it ends well, and what is added to it is read.
func FuzzParse(f *testing.F) {
	for _, content := range []string{"", "\"one\"\n\"two\"\n", "\"cut", "\n\n", "\"a\\u001b\"\n", "null\n[]\n"} {
		f.Add(content)
	}
	f.Fuzz(func(t *testing.T, content string) {
		all, err := parse(strings.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		more, err := parse(strings.NewReader(content + "\n\"the last\"\n"))
		if err != nil || len(more) != len(all)+1 || more[len(all)] != "the last" {
			t.Errorf("%q became %q", all, more)
		}
	})
}
