//go:build linux

package cli

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/engine/native"
	"github.com/vlmchat/vlmchat/models"
	"github.com/vlmchat/vlmchat/testdata/llamaserver"
	"github.com/vlmchat/vlmchat/ui/ptytest"
)

// patience is how long the busiest machine may take for anything on the screen.
const patience = time.Minute

// chat is the real program in a terminal, with the demo model.
type chat struct {
	*ptytest.Terminal
	t       *testing.T
	sockets string
}

func startChat(t *testing.T, cols, rows int, args ...string) *chat {
	t.Helper()
	return startChatWith(t, nil, cols, rows, args...)
}

// startChatWith starts it with more in its environment.
func startChatWith(t *testing.T, env []string, cols, rows int, args ...string) *chat {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	sockets, err := os.MkdirTemp("", "vlm")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(sockets) })
	// Whoever talks here has been welcomed before.
	if err := os.WriteFile(filepath.Join(sockets, "welcomed"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, append([]string{"--temperature", "0", "--keep-alive", "0"}, args...)...)
	cmd.Args[0] = "vlmchat" // by this name the tests' executable is vlmchat
	cmd.Env = append(os.Environ(), "XDG_RUNTIME_DIR="+sockets, "VLMCHAT_CONFIG="+filepath.Join(sockets, "none"), "VLMCHAT_STATE_DIR="+sockets,
		"VLMCHAT_SESSIONS_DIR="+filepath.Join(sockets, "sessions"))
	cmd.Env = append(cmd.Env, env...)
	return &chat{ptytest.Start(t, cmd, cols, rows), t, sockets}
}

func (c *chat) ask(question string) { c.Type(question + "\r") }

// worker finds the process that this chat's answers come from.
func (c *chat) worker() int {
	c.t.Helper()
	self, err := os.Executable()
	if err != nil {
		c.t.Fatal(err)
	}
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		c.t.Fatal(err)
	}
	for _, file := range lines {
		line, _ := os.ReadFile(file)
		env, _ := os.ReadFile(filepath.Join(filepath.Dir(file), "environ"))
		if string(line) == self+"\x00"+native.WorkerCommand+"\x00" && bytes.Contains(env, []byte("XDG_RUNTIME_DIR="+c.sockets+"\x00")) {
			pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
			if err != nil {
				c.t.Fatal(err)
			}
			return pid
		}
	}
	c.t.Fatal("the chat has no worker")
	return 0
}

// answered waits for an answer with text in it, and for its end: until then the
// chat takes no question.
func (c *chat) answered(text string) {
	c.t.Helper()
	c.WaitFor(text, patience)
	c.WaitUntil("the end of the answer", patience, func(screen string) bool {
		// Answers above say "tok/s" too.
		return strings.Contains(screen[strings.LastIndex(screen, "\n")+1:], "ctx ")
	})
}

func (c *chat) signalWorker(s syscall.Signal) {
	c.t.Helper()
	pid := c.worker()
	if err := syscall.Kill(pid, s); err != nil {
		c.t.Fatal(err)
	}
	// A signal is sent before it takes effect, and a worker answers fast.
	for deadline := time.Now().Add(patience); s == syscall.SIGSTOP && !stopped(c.t, pid); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			c.t.Fatal("the worker does not stop")
		}
	}
}

// stopped reports whether all threads of a process are (proc(5), stat: the state
// follows the name in brackets).
func stopped(t *testing.T, pid int) bool {
	t.Helper()
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
	if err != nil || len(threads) == 0 {
		t.Fatalf("the threads of process %d: %v", pid, err)
	}
	for _, file := range threads {
		stat, err := os.ReadFile(file)
		if err == nil && !bytes.HasPrefix(stat[bytes.LastIndexByte(stat, ')')+1:], []byte(" T")) {
			return false
		}
	}
	return true
}

func (c *chat) quit() {
	c.t.Helper()
	c.ask("/quit")
	if code := c.Wait(patience); code != exitOK {
		c.t.Errorf("the chat ended with code %d", code)
	}
	if left := c.Leftovers(); len(left) > 0 {
		c.t.Errorf("the terminal is left with %s", strings.Join(left, ", "))
	}
}

func sample(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("../testdata/tinyvlm/samples", name))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// A person opens a picture, asks about it, asks on, attaches another and leaves.
func TestChat(t *testing.T) {
	t.Parallel()
	c := startChat(t, 80, 24, sample(t, "scene-01.png"))
	c.WaitFor("scene-01.png", patience)
	c.WaitFor("Tiny demo model", patience)
	c.ask("Describe this image.")
	c.answered("a large red digit 9")
	c.ask("What color is the digit?")
	c.answered("The digit 9 is red.")

	c.ask("/attach " + sample(t, "scene-02.png"))
	c.WaitFor("scene-02.png", patience)
	c.ask("What is the background color?")
	c.WaitFor("The background is", patience)
	c.quit()
}

// One conversation about one picture, held with the native engine, a server and
// the native engine again.
func TestChatSwitch(t *testing.T) {
	t.Parallel()
	model, err := models.Find("", "")
	if err != nil {
		t.Fatal(err)
	}
	server := llamaserver.Start(t, model.Path, model.Projector)
	c := startChatWith(t, []string{"OPENAI_BASE_URL=" + server, "VLMCHAT_BASE_URL=", "OLLAMA_HOST=127.0.0.1:1"}, 100, 30, sample(t, "scene-01.png"))
	c.WaitFor("scene-01.png", patience)
	c.ask("Describe this image.")
	c.answered("a large red digit 9")
	c.ask("/backend openai")
	c.WaitFor("(openai, 127.0.0.1", patience)
	c.ask("What color is the digit?")
	c.answered("The digit 9 is red.")
	c.ask("/backend nat")
	c.WaitFor("(native) answers.", patience)
	c.ask("What is the background color?")
	c.answered("The background is")
	c.ask("/backend ollama no-such-model")
	c.WaitFor("tiny-vlm goes on.", patience)
	c.quit()
}

// A command that gets a key draws nothing over the chat, and is heard if it fails.
func TestChatSwitchWithoutKey(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "config.toml")
	profile := `[profiles.work]
backend = "openai"
model = "m"
base_url = "http://127.0.0.1:1/v1"
key_command = "echo drawn over it >&2; (echo drawn over it >/dev/tty) 2>/dev/null; echo no pinentry >&2; exit 2"
`
	if err := os.WriteFile(file, []byte(profile), 0o600); err != nil {
		t.Fatal(err)
	}
	c := startChatWith(t, []string{"VLMCHAT_CONFIG=" + file}, 100, 30, sample(t, "scene-01.png"))
	c.WaitFor("scene-01.png", patience)
	c.ask("/profile work")
	c.WaitFor("no pinentry", patience)
	c.WaitFor("goes on.", patience)
	c.ask("Describe this image.")
	c.answered("a large red digit 9")
	c.quit()
	if bytes.Contains(c.Raw(), []byte("drawn over")) {
		t.Error("the command wrote on the terminal")
	}
}

// A terminal that can't move its cursor is spoken to line by line, without sequences.
func TestChatDumbTerminal(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "--temperature", "0", "--keep-alive", "0", sample(t, "scene-12.png"))
	cmd.Args[0] = "vlmchat"
	cmd.Env = append(os.Environ(), "TERM=dumb", "VLMCHAT_BACKEND=native", "VLMCHAT_CONFIG="+filepath.Join(t.TempDir(), "none"), "VLMCHAT_SESSIONS_DIR="+t.TempDir())
	p := ptytest.Start(t, cmd, 80, 24)
	p.WaitFor("Picture: scene-12.png", patience)
	p.WaitFor("\n>", patience)
	p.Type("Describe this image.\n")
	p.WaitFor("pink background", patience)
	p.WaitFor("\n\n>", patience)
	p.Type("\x04")
	if code := p.Wait(patience); code != exitOK {
		t.Errorf("the chat ended with code %d", code)
	}
	if raw := p.Raw(); bytes.ContainsRune(raw, 0x1b) {
		t.Errorf("wrote %q", raw)
	}
}

// Esc stops an answer that hangs, and the conversation goes on.
func TestChatStop(t *testing.T) {
	t.Parallel()
	c := startChat(t, 80, 24, sample(t, "scene-01.png"))
	c.WaitFor("scene-01.png", patience)
	c.ask("Who are you?")
	c.answered("")
	c.signalWorker(syscall.SIGSTOP)
	c.ask("Describe this image.")
	c.WaitFor("Describe this image.", patience)
	c.Type(ptytest.Escape)
	c.WaitFor("stopped", patience)
	c.signalWorker(syscall.SIGCONT)
	c.ask("What color is the digit?")
	c.WaitFor("is red.", patience)
	c.quit()
}

// A worker that is killed in the middle of an answer is replaced by one that goes
// on with it; it is said, and the next question works.
func TestChatWorkerKilled(t *testing.T) {
	t.Parallel()
	c := startChat(t, 80, 24, sample(t, "scene-01.png"))
	c.WaitFor("scene-01.png", patience)
	c.ask("Who are you?")
	c.answered("")
	c.signalWorker(syscall.SIGSTOP)
	c.ask("Describe this image.")
	c.WaitFor("asking ·", patience) // for two seconds: the worker has the question
	c.signalWorker(syscall.SIGKILL)
	c.WaitFor("signal 9", patience)
	c.answered("digit 9")
	c.ask("What color is the digit?")
	c.WaitFor("is red.", patience)
	c.quit()
}

// The smallest terminal that is promised.
func TestChatSmall(t *testing.T) {
	t.Parallel()
	c := startChat(t, 40, 12, sample(t, "scene-01.png"))
	c.WaitFor("scene-01.png", patience)
	c.ask("Describe this image.")
	c.WaitFor("digit 9", patience)
	c.quit()
}

// A picture that can't be used is told on the terminal as it was, before any
// chat is opened.
func TestChatWithoutItsPicture(t *testing.T) {
	t.Parallel()
	c := startChat(t, 80, 24, "missing.png")
	if code := c.Wait(patience); code != exitPicture {
		t.Errorf("the exit code is %d", code)
	}
	if screen := c.Screen(); !strings.Contains(screen, "missing.png: no such file") {
		t.Errorf("the screen shows %q", screen)
	}
}
