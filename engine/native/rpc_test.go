//go:build abi && !windows

package native

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/llamacpp"
	"github.com/vlmchat/vlmchat/runtimes"
	"github.com/vlmchat/vlmchat/testdata/rpcserver"
)

// A model spread over real RPC servers, each in a process of its own, with each
// runtime in VLMCHAT_ABI_CACHE that has the RPC backend: 'make test-abi'.

// loadCommand makes the tests' executable do a loadTask.
const loadCommand = "loadtask"

// loadTask is to load a spec and write what llama.cpp says about it, then to
// kill the servers and, without them, to encode a picture.
type loadTask struct {
	Spec    spec
	Servers []int // process numbers
	Picture llamacpp.Bitmap
}

func init() { commands = append(commands, rpcserver.Serve, loadTaskMain) }

func loadTaskMain() {
	if len(os.Args) != 2 || os.Args[1] != loadCommand {
		return
	}
	if err := doLoadTask(os.Stdin); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	os.Exit(0)
}

func doLoadTask(stdin io.Reader) error {
	var task loadTask
	if err := json.NewDecoder(stdin).Decode(&task); err != nil {
		return err
	}
	log := &logRing{all: func(text string) { fmt.Println(text) }}
	r, err := load(task.Spec, log, func(float64) bool { return true }, func(string) {})
	if err != nil {
		return err
	}
	for _, pid := range task.Servers {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			return err
		}
	}
	p, err := r.prompter.build([]wireMessage{{Role: engine.User, Parts: []wirePart{{Picture: task.Picture.ID}}}}, nil,
		map[string]llamacpp.Bitmap{task.Picture.ID: task.Picture})
	if err != nil {
		return err
	}
	embeddings, err := r.encodeNow(context.Background(), p, p.tiles[0])
	fmt.Printf("%d floats encoded\n", len(embeddings))
	return err
}

// rpcRuntimes are the runtimes of the cache that have the RPC backend.
func rpcRuntimes(t *testing.T) []runtimes.Runtime {
	t.Helper()
	cache := os.Getenv("VLMCHAT_ABI_CACHE")
	entries, err := os.ReadDir(cache)
	if err != nil {
		t.Fatalf("VLMCHAT_ABI_CACHE has to name the folder of the runtimes: %v", err)
	}
	var all []runtimes.Runtime
	for _, entry := range entries {
		if entry.Name() == "libc" || strings.HasPrefix(entry.Name(), ".") {
			continue
		}
		r, err := runtimes.Use(filepath.Join(cache, entry.Name()))
		if err == nil && slices.Contains(r.Backends, "rpc") {
			all = append(all, r)
		}
	}
	if len(all) == 0 {
		t.Fatalf("%s has no runtime with the RPC backend", cache)
	}
	return all
}

// usable are those that this vlmchat can use; TestABI holds each to what it should
// be.
func usable(t *testing.T, all []runtimes.Runtime) []runtimes.Runtime {
	t.Helper()
	those := slices.DeleteFunc(slices.Clone(all), func(r runtimes.Runtime) bool {
		_, err := Try(t.Context(), r)
		return err != nil
	})
	if len(those) == 0 {
		t.Fatal("no runtime with the RPC backend can be used")
	}
	return those
}

// forEachRPC runs a test with each of the runtimes.
func forEachRPC(t *testing.T, test func(t *testing.T, o Options)) {
	t.Helper()
	t.Parallel()
	for _, r := range usable(t, rpcRuntimes(t)) {
		t.Run(filepath.Base(r.Dir), func(t *testing.T) {
			t.Parallel()
			o := options(t)
			o.Runtime = r
			test(t, o)
		})
	}
}

// over makes options of a model that is spread over servers.
func over(o Options, servers ...*rpcserver.Server) Options {
	o.RPC = nil
	for _, s := range servers {
		o.RPC = append(o.RPC, s.Endpoint)
	}
	return o
}

// The weights lie on both servers, and the projector on neither: it encodes a
// picture when they are gone.
func TestABIRPCPlaces(t *testing.T) {
	forEachRPC(t, func(t *testing.T, o Options) {
		one, two := rpcserver.Run(t, o.Runtime), rpcserver.Run(t, o.Runtime)
		picture := sample(t, "scene-01.png")
		text, err := json.Marshal(loadTask{
			Spec: New(over(o, one, two)).spec, Servers: []int{one.PID(), two.PID()},
			Picture: llamacpp.Bitmap{ID: "picture", Width: picture.Width, Height: picture.Height, RGB: picture.RGB()},
		})
		if err != nil {
			t.Fatal(err)
		}
		self, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), self, loadCommand)
		cmd.Stdin = bytes.NewReader(text)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("loading, and encoding a picture: %v\n%s", err, out)
		}
		for _, s := range []*rpcserver.Server{one, two} {
			if !holdsWeights(string(out), s.Endpoint) {
				t.Errorf("no weights lie at %s:\n%s", s.Endpoint, out)
			}
		}
	})
}

// A model on two servers answers what it answers on this machine.
func TestABIRPCAnswers(t *testing.T) {
	forEachRPC(t, func(t *testing.T, o Options) {
		one, two := rpcserver.Run(t, o.Runtime), rpcserver.Run(t, o.Runtime)
		remote, local := open(t, over(o, one, two)), open(t, o)
		for _, name := range []string{"scene-01.png", "scene-02.png", "scene-03.png"} {
			messages := []engine.Message{engine.Ask("Describe this image.", sample(t, name))}
			for _, next := range []string{"What is the background color?", ""} {
				want, got := mustAsk(t, local, greedy, messages...), mustAsk(t, remote, greedy, messages...)
				if got.text != want.text || got.usage.CachedTokens != want.usage.CachedTokens {
					t.Errorf("of %s the servers say %q (%d tokens cached), this machine %q (%d)",
						name, got.text, got.usage.CachedTokens, want.text, want.usage.CachedTokens)
				}
				messages = append(messages, engine.Text(engine.Assistant, want.text), engine.Text(engine.User, next))
			}
		}
		info, err := remote.Info(t.Context())
		if err != nil || !strings.Contains(info.Device, one.Endpoint) || !strings.Contains(info.Device, two.Endpoint) ||
			!strings.HasSuffix(info.Device, "projector on CPU") || info.Note != "" {
			t.Errorf("the device is %q, the note %q, %v", info.Device, info.Note, err)
		}
	})
}

// holdsWeights reports whether llama.cpp's log tells of a buffer for weights at
// endpoint: "RPC0[127.0.0.1:50052] model buffer size = 1.20 MiB".
func holdsWeights(report, endpoint string) bool {
	for l := range strings.Lines(report) {
		name, size, ok := strings.Cut(l, "model buffer size")
		if ok && strings.Contains(name, "RPC") && strings.Contains(name, "["+endpoint+"]") && !strings.Contains(size, " 0.00 MiB") {
			return true
		}
	}
	return false
}

// A server that is killed costs one answer, with an error that names it; while it
// is away the error says so, and when it is back the answer is the same.
func TestABIRPCServerKilledInTheMiddleOfAnAnswer(t *testing.T) {
	forEachRPC(t, func(t *testing.T, o Options) {
		one, two := rpcserver.Run(t, o.Runtime), rpcserver.Run(t, o.Runtime)
		e := open(t, over(o, one, two))
		messages := []engine.Message{engine.Ask("Describe this image.", sample(t, "scene-01.png"))}
		whole := mustAsk(t, e, greedy, messages...)
		for range 20 {
			said, killed := "", false
			var failure error
			for ev, err := range e.Chat(t.Context(), engine.Request{Messages: messages, Sampling: greedy}) {
				failure = err
				if ev.Kind == engine.Delta {
					said += ev.Text
					if !killed {
						killed = true
						two.Kill()
					}
				}
			}
			if failure == nil && said == whole.text { // the answer was faster than the signal
				two.Restart(t)
				mustFail(t, e, messages, engine.WorkerDied, two.Endpoint)
				continue
			}
			isLost(t, failure, two.Endpoint)
			mustFail(t, e, messages, engine.Unreachable, two.Endpoint)
			two.Restart(t)
			if again := mustAsk(t, e, greedy, messages...); again.text != whole.text {
				t.Errorf("when the server is back the answer is %q, before it was %q", again.text, whole.text)
			}
			return
		}
		t.Fatal("no kill came in time")
	})
}

// A server that was away between two questions has forgotten the model.
func TestABIRPCServerRestartedBetweenQuestions(t *testing.T) {
	forEachRPC(t, func(t *testing.T, o Options) {
		s := rpcserver.Run(t, o.Runtime)
		e := open(t, over(o, s))
		question := []engine.Message{engine.Text(engine.User, "Who are you?")}
		first := mustAsk(t, e, greedy, question...)
		s.Kill()
		s.Restart(t)
		again := mustAsk(t, e, greedy, question...) // by a fresh worker, as it says
		if again.text != first.text {
			t.Errorf("before the restart the answer is %q, after it %q", first.text, again.text)
		}
		if !slices.ContainsFunc(again.events, func(ev engine.Event) bool {
			return ev.Kind == engine.Note && strings.Contains(ev.Text, s.Endpoint)
		}) {
			t.Errorf("nobody is told that the server was started anew: %+v", again.events)
		}
	})
}

func isLost(t *testing.T, err error, endpoint string) {
	t.Helper()
	var lost *engine.Error
	if !errors.As(err, &lost) || lost.Kind != engine.Unreachable || !strings.Contains(lost.Message, endpoint) || !strings.Contains(lost.Hint, "rpc-server") {
		t.Errorf("the error is %v (%s); it should name %s", err, engine.KindOf(err), endpoint)
	}
}

// mustFail asks and expects an error of a kind that has a text in it.
func mustFail(t *testing.T, e *Engine, messages []engine.Message, kind engine.ErrorKind, text string) {
	t.Helper()
	_, err := ask(t.Context(), e, greedy, messages...)
	if engine.KindOf(err) != kind || !strings.Contains(err.Error(), text) {
		t.Errorf("the error is %v (%s), and should be one of the kind %s with %q", err, engine.KindOf(err), kind, text)
	}
}

// What isn't there, or is something else, is told before llama.cpp meets it.
func TestABIRPCServerThatIsNone(t *testing.T) {
	forEachRPC(t, func(t *testing.T, o Options) {
		one, gone := rpcserver.Run(t, o.Runtime), rpcserver.Run(t, o.Runtime)
		gone.Kill()
		web := httptest.NewServer(http.NotFoundHandler())
		defer web.Close()
		question := []engine.Message{engine.Text(engine.User, "Who are you?")}
		mustFail(t, open(t, over(o, one, gone)), question, engine.Unreachable, gone.Endpoint+" can't be reached: ")
		o.RPC = []string{one.Endpoint, web.Listener.Addr().String()}
		mustFail(t, open(t, o), question, engine.Unreachable, o.RPC[1]+" is no RPC server")
		mustAsk(t, open(t, over(o, one)), greedy, question...) // not in use by those that failed
	})
}

// A server of another version of the protocol is refused with both builds named.
func TestABIRPCServerOfAnotherVersion(t *testing.T) {
	t.Parallel()
	all := rpcRuntimes(t)
	versions := map[string]string{}
	for _, r := range all {
		s := rpcserver.Run(t, r)
		g, err := greet(t.Context(), s.Endpoint, rpcPatience)
		if err != nil {
			t.Fatal(err)
		}
		s.Kill()
		major, _, _ := strings.Cut(g.version, ".")
		versions[r.Dir] = major
	}
	pairs := 0
	for _, client := range usable(t, all) {
		for _, server := range all {
			if versions[client.Dir] == versions[server.Dir] {
				continue
			}
			pairs++
			t.Run(filepath.Base(client.Dir)+" asks "+filepath.Base(server.Dir), func(t *testing.T) {
				t.Parallel()
				s := rpcserver.Run(t, server)
				o := options(t)
				o.Runtime = client
				e := open(t, over(o, s))
				_, err := e.Info(t.Context())
				if engine.KindOf(err) != engine.RuntimeIncompatible {
					t.Fatalf("the error is %v (%s)", err, engine.KindOf(err))
				}
				for _, want := range []string{s.Endpoint, client.Name, "version " + versions[server.Dir] + "."} {
					if !strings.Contains(err.Error(), want) {
						t.Errorf("%q is not in the message: %v", want, err)
					}
				}
			})
		}
	}
	if pairs == 0 {
		t.Fatal("all runtimes in VLMCHAT_ABI_CACHE speak the same version")
	}
}
