package native

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
)

// clientCommand makes the tests' executable a vlmchat that does what it is told
// on standard input.
const clientCommand = "client"

func init() { commands = append(commands, clientMain) }

// told is what a client answers to a command.
type told struct {
	Text, Note string
	Worker     int // its process
	Error      string
	Kind       engine.ErrorKind
}

func clientMain() {
	if len(os.Args) != 2 || os.Args[1] != clientCommand {
		return
	}
	// What a test sets in the environment reaches workers by way of their client.
	var o Options
	in, out := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	if err := in.Decode(&o); err != nil {
		panic(err)
	}
	e := New(o)
	for {
		var question string
		if err := in.Decode(&question); err != nil {
			break
		}
		var t told
		for ev, err := range e.Chat(context.Background(), engine.Request{Messages: []engine.Message{engine.Text(engine.User, question)}, Sampling: greedy}) {
			switch ev.Kind {
			case engine.Delta:
				t.Text += ev.Text
			case engine.Note:
				t.Note = ev.Text
			}
			if err != nil {
				t.Error, t.Kind = err.Error(), engine.KindOf(err)
			}
		}
		if c := e.current(); c != nil {
			t.Worker = c.peer.pid()
		}
		_ = out.Encode(t)
	}
	e.Close()
	os.Exit(0)
}

// client is another vlmchat.
type client struct {
	t   *testing.T
	cmd *exec.Cmd
	in  *json.Encoder
	end io.Closer
	out *json.Decoder
}

// startClient starts one from an executable, with variables of its own.
func startClient(t *testing.T, o Options, cmd *exec.Cmd, variables ...string) *client {
	t.Helper()
	cmd.Env = append(os.Environ(), variables...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c := &client{t: t, cmd: cmd, in: json.NewEncoder(in), end: in, out: json.NewDecoder(bufio.NewReader(out))}
	t.Cleanup(c.close)
	if err := c.in.Encode(o); err != nil {
		t.Fatal(err)
	}
	return c
}

// begin asks a question, whose answer hear returns.
func (c *client) begin(question string) {
	c.t.Helper()
	if err := c.in.Encode(question); err != nil {
		c.t.Error(err)
	}
}

func (c *client) hear() told {
	c.t.Helper()
	var a told
	if err := c.out.Decode(&a); err != nil {
		c.t.Errorf("the client told nothing: %v", err)
	}
	return a
}

func (c *client) ask(question string) told {
	c.t.Helper()
	c.begin(question)
	return c.hear()
}

// mustAsk asks a question that has to be answered, and returns the worker.
func (c *client) mustAsk() int {
	c.t.Helper()
	a := c.ask("Who are you?")
	if a.Text == "" || a.Error != "" || a.Worker == 0 {
		c.t.Fatalf("the client was told %+v", a)
	}
	return a.Worker
}

// close ends the client as a command ends.
func (c *client) close() {
	c.end.Close()
	_ = c.cmd.Wait()
}

// self is the command that starts a client from an executable, "" for this one.
func self(t *testing.T, executable string) *exec.Cmd {
	t.Helper()
	if executable == "" {
		var err error
		if executable, err = os.Executable(); err != nil {
			t.Fatal(err)
		}
	}
	return exec.Command(executable, clientCommand)
}

// runtimeDir makes a directory for sockets that a test has for itself.
func runtimeDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "vlm") // t.TempDir's path is too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// Commands at once on a cold model load it once.
func TestClientsAtOnce(t *testing.T) {
	t.Parallel()
	o, dir := options(t), "XDG_RUNTIME_DIR="+runtimeDir(t)
	var clients []*client
	for range 4 {
		clients = append(clients, startClient(t, o, self(t, ""), dir))
	}
	for _, c := range clients {
		c.begin("Who are you?")
	}
	workers := map[int]bool{}
	for _, c := range clients {
		a := c.hear()
		if a.Text == "" || a.Worker == 0 {
			t.Errorf("a client was told %+v", a)
		}
		workers[a.Worker] = true
	}
	if len(workers) != 1 {
		t.Errorf("there are %d workers", len(workers))
	}
}

// A vlmchat that was replaced while it runs does not talk to workers of its
// successor, and neither do they to it.
func TestWorkerOfAnotherVersion(t *testing.T) {
	t.Parallel()
	e := open(t, options(t))
	e.spec.Version++
	_, err := e.Info(t.Context())
	if engine.KindOf(err) != engine.Unreachable || !strings.Contains(err.Error(), "was upgraded") {
		t.Errorf("the error is %v", err)
	}
}
