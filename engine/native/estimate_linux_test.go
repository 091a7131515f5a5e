package native

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/llamacpp"
	"github.com/vlmchat/vlmchat/testdata/hollow"
	"github.com/vlmchat/vlmchat/testdata/zoo"
)

// weighCommand makes the tests' executable load models and tell what that took: in a
// process of its own, as a process has one llama.cpp and one peak.
const weighCommand = "weigh"

// weighTask says what is loaded, one after the other, and how large a picture the last
// one sees.
type weighTask struct {
	Specs         []spec
	Width, Height int // 0: none
}

// weighed is what it took.
type weighed struct {
	Logs            [][]string // of llama.cpp, of each model
	Peak, Anonymous int64      // of the process, in bytes
}

func init() { commands = append(commands, weighMain) }

func weighMain() {
	if len(os.Args) != 2 || os.Args[1] != weighCommand {
		return
	}
	var task weighTask
	err := json.NewDecoder(os.Stdin).Decode(&task)
	if err == nil {
		err = task.do()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func (task weighTask) do() error {
	var w weighed
	log := &logRing{all: func(text string) {
		if last := len(w.Logs) - 1; last >= 0 {
			w.Logs[last] = append(w.Logs[last], text)
		}
	}}
	lib, err := loadLibrary(task.Specs[0], log)
	if err != nil {
		return err
	}
	for i, s := range task.Specs {
		w.Logs = append(w.Logs, nil)
		cache, _ := llamacpp.CacheTypeNamed(s.KVType)
		l := loader{spec: s, lib: lib, cache: cache, log: log, progress: func(float64) bool { return true }}
		r, failure := l.load()
		if failure != nil {
			return failure
		}
		if i < len(task.Specs)-1 || task.Width == 0 {
			l.close()
			continue
		}
		r.startLoop(s)
		if err := see(r, task.Width, task.Height); err != nil {
			return err
		}
		if w.Peak, w.Anonymous, err = residence(); err != nil {
			return err
		}
		r.close()
	}
	return json.NewEncoder(os.Stdout).Encode(w)
}

// see asks a model about a black picture.
func see(r *runner, width, height int) error {
	const name = "picture"
	req := chatRequest{
		Messages: []wireMessage{{Role: engine.User, Parts: []wirePart{{Picture: name, Width: width, Height: height}, {Text: "What is it?"}}}},
		Sampling: engine.Sampling{MaxTokens: 4},
	}
	j, err := r.chat(context.Background(), req, map[string]llamacpp.Bitmap{name: {ID: name, Width: width, Height: height, RGB: make([]byte, 3*width*height)}})
	if err != nil {
		return err
	}
	for more := true; more; {
		var lines []line
		lines, more = j.events.take(context.Background())
		for _, l := range lines {
			if l.Error != nil {
				return l.Error
			}
		}
	}
	return nil
}

// residence is what this process has in memory: at most so far, and its own.
func residence() (peak, anonymous int64, err error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, 0, err
	}
	for l := range strings.Lines(string(status)) {
		for name, to := range map[string]*int64{"VmHWM:": &peak, "RssAnon:": &anonymous} {
			if text, ok := strings.CutPrefix(l, name); ok {
				if _, err := fmt.Sscan(text, to); err != nil {
					return 0, 0, err
				}
				*to <<= 10
			}
		}
	}
	return peak, anonymous, nil
}

func weigh(t *testing.T, task weighTask) weighed {
	t.Helper()
	input, err := json.Marshal(task)
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	cmd := exec.CommandContext(t.Context(), os.Args[0], weighCommand)
	cmd.Env = quietOpenMP(os.Environ())
	cmd.Stdin, cmd.Stderr = bytes.NewReader(input), &said
	told, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, said.String())
	}
	var w weighed
	if err := json.Unmarshal(told, &w); err != nil {
		t.Fatalf("%v: %s", err, told)
	}
	return w
}

// buffersIn adds up the sizes of buffers in a log of llama.cpp, in bytes: of the lines
// with all of the words.
func buffersIn(log []string, words ...string) (sum float64) {
lines:
	for _, l := range log {
		for _, w := range words {
			if !strings.Contains(l, w) {
				continue lines
			}
		}
		_, text, _ := strings.Cut(l, "size")
		for field := range strings.FieldsSeq(text) {
			if n, err := strconv.ParseFloat(field, 64); err == nil {
				sum += n * (1 << 20)
				break
			}
		}
	}
	return sum
}

// lastIn is the last such size: some projectors are loaded twice, see LoadProjector.
func lastIn(log []string, words string) float64 {
	for _, l := range slices.Backward(log) {
		if strings.Contains(l, words) {
			return buffersIn([]string{l}, words)
		}
	}
	return 0
}

// closeTo fails if an estimate is further from what was found than the part of it that may
// be, and what llama.cpp's rounding does.
func closeTo(t *testing.T, what string, estimated int64, found, part float64) {
	t.Helper()
	if math.Abs(float64(estimated)-found) > part*found+0.03*(1<<20) {
		t.Errorf("%s: %.2f MiB are estimated, and it takes %.2f", what, float64(estimated)/(1<<20), found/(1<<20))
	}
}

// Each part of every family's estimate is what llama.cpp says it is: with and without
// flash attention, and with a quantised cache.
func TestEstimatedParts(t *testing.T) {
	t.Parallel()
	o := options(t)
	some := []string{"llava", "gemma3", "lfm2", "qwen2vl", "phi4"}
	for _, c := range []struct {
		flash, kv string
		size      int
		of        []string
	}{{"", "", 4096, zoo.Families}, {"off", "", 1024, some}, {"on", "q8_0", 2000, some}} {
		var task weighTask
		var families []string
		for _, family := range c.of {
			s := specOf(o)
			s.Model, s.Projector = zoo.Model(t, family)
			s.ContextSize, s.FlashAttn, s.KVType = c.size, c.flash, c.kv
			cache, _ := llamacpp.CacheTypeNamed(c.kv)
			if checkCache(s, cache) != nil {
				continue // its heads are too small for blocks
			}
			task.Specs, families = append(task.Specs, s), append(families, family)
		}
		if len(families) == 0 {
			continue
		}
		w := weigh(t, task)
		for i, s := range task.Specs {
			what := fmt.Sprintf("%s with %d tokens, flash attention %q and a cache %q: ", families[i], c.size, c.flash, c.kv)
			cache, _ := llamacpp.CacheTypeNamed(c.kv)
			n, err := needsOf(s, cache)
			if err != nil {
				t.Fatal(err)
			}
			e := n.estimate(s.ContextSize, space{host: unknownSpace, home: -1}, 640, 480)
			parts := map[string]int64{}
			for _, p := range e.Parts {
				parts[p.Name] += p.Bytes
			}
			log := w.Logs[i]
			closeTo(t, what+"weights", parts["weights"], buffersIn(log, "model buffer size"), 0.01)
			closeTo(t, what+"KV cache", parts["KV cache"], buffersIn(log, "KV buffer size")+buffersIn(log, "RS buffer size"), 0.01)
			closeTo(t, what+"projector", parts["projector"], lastIn(log, "load_hparams: model size"), 0.01)
			closeTo(t, what+"buffers", n.buffers(s.ContextSize), buffersIn(log, "sched_reserve", "compute buffer size"), 0.15)
		}
	}
}

// What a process has at its peak, after a picture and an answer, is what was estimated,
// within 15 %: of models that are large enough for it to matter.
func TestEstimatedTotals(t *testing.T) {
	t.Parallel()
	eye := hollow.Eye{Kind: "mlp", Side: 224, Patch: 14, Layers: 6, Width: 768, Inner: 3072, Heads: 12, Type: hollow.F16}
	sized := hollow.Eye{Kind: "qwen2.5vl_merger", Side: 560, Patch: 14, Layers: 2, Width: 1280, Inner: 3456, Heads: 16, Merged: 2, Type: hollow.F16}
	for name, c := range map[string]struct {
		text hollow.Text
		eye  hollow.Eye
		size int
	}{
		"plain": {hollow.Text{
			Architecture: "llama", Layers: 10, Width: 960, Inner: 2560, Heads: 15, KeyHeads: 5, Head: 64,
			Vocabulary: 49280, Trained: 8192, Type: hollow.Q8_0, Embeddings: hollow.Q8_0, Tied: true,
		}, eye, 8192},
		"repacked": {hollow.Text{
			Architecture: "llama", Layers: 8, Width: 2048, Inner: 5504, Heads: 16, KeyHeads: 16, Head: 128,
			Vocabulary: 32064, Trained: 4096, Type: hollow.Q4_0, Embeddings: hollow.Q6_K,
		}, eye, 2048},
		"any size": {hollow.Text{
			Architecture: "qwen2vl", Layers: 4, Width: 1536, Inner: 8960, Heads: 12, KeyHeads: 2, Head: 128,
			Vocabulary: 151936, Trained: 32768, Type: hollow.Q4_K, Embeddings: hollow.Q6_K, Tied: true, Biased: true,
			Sections: []int32{16, 24, 24, 0},
		}, sized, 4096},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			o := options(t)
			o.Model.Path, o.Model.Projector = filepath.Join(dir, "model.gguf"), filepath.Join(dir, "mmproj.gguf")
			c.eye.Output = c.text.Width
			if err := c.text.Write(o.Model.Path); err != nil {
				t.Fatal(err)
			}
			if err := c.eye.Write(o.Model.Projector); err != nil {
				t.Fatal(err)
			}
			o.ContextSize = c.size
			const width, height = 448, 336
			e, err := EstimateMemory(o, nil, width, height)
			if err != nil {
				t.Fatal(err)
			}
			w := weigh(t, weighTask{Specs: []spec{specOf(o)}, Width: width, Height: height})
			closeTo(t, fmt.Sprintf("at its peak, of %+v", e.Parts), e.Host+e.Copied, float64(w.Peak), 0.15)
			t.Logf("%.0f MB are estimated, %.0f of them copied, and it has %.0f MB at its peak, %.0f of them its own",
				float64(e.Host+e.Copied)/1e6, float64(e.Copied)/1e6, float64(w.Peak)/1e6, float64(w.Anonymous)/1e6)
		})
	}
}
