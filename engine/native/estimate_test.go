package native

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
)

// Who waits for a load that there is too little memory for is told before, and nobody
// else is.
func TestWarnedBeforeLoading(t *testing.T) {
	t.Setenv(freeVariable, "50000000") // less than a worker has without a model
	o := options(t)
	warnings := func() (all []string) {
		for ev, err := range open(t, o).Load(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if ev.Kind == engine.Load && ev.Text != "" {
				all = append(all, ev.Text)
			}
		}
		return all
	}
	if got := warnings(); len(got) != 1 || !strings.Contains(got[0], "tiny-vlm takes about 0.1 GB") || !strings.Contains(got[0], "0.1 GB are free") {
		t.Errorf("who loads the model is told %q", got)
	}
	if got := warnings(); len(got) != 0 {
		t.Errorf("who finds it loaded is told %q", got)
	}
}

func TestShortage(t *testing.T) {
	t.Parallel()
	n := qwen7B.needs()
	free := func(bytes int64) space {
		sp := on(bytes)
		sp.machine = bytes
		return sp
	}
	for _, c := range []struct {
		name  string
		size  int
		space space
		want  []string // nil: there is room
	}{
		{"nobody tells", 32768, on(unknownSpace), nil},
		{"plenty", 32768, free(64 * gb), nil},
		{"just enough", 8192, free(7 * gb), nil},
		{"too long a context", 131072, free(10 * gb), []string{"takes about 12.5 GB", "7.3 GB of them for 128000 tokens", "10.0 GB are free", "room for --ctx 65536", "--kv-type q8_0"}},
		{"a model that is too large", 8192, free(4 * gb), []string{"4.0 GB are free", "smaller model or quantisation", "--ctx 2048 takes 0.4 GB less"}},
		{"with the least context", 2048, free(4 * gb), []string{"smaller model or quantisation."}},
		{"it goes to a device", 8192, space{host: gb, machine: gb, rooms: []int64{23 * gb}, layers: AllLayers}, nil},
	} {
		got := shortage(spec{ModelName: "qwen", ContextSize: c.size}, n, c.space)
		if (got == "") != (c.want == nil) {
			t.Errorf("%s: %q is told", c.name, got)
		}
		for _, words := range c.want {
			if !strings.Contains(got, words) {
				t.Errorf("%s: %q lacks %q", c.name, got, words)
			}
		}
	}
}

// Nothing is loaded for an estimate, and what can't be read is an error.
func TestEstimateMemory(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.ContextSize = AutoContext
	e, err := EstimateMemory(o, nil, 0, 0)
	if err != nil || e.ContextSize != 2048 || e.Device != "CPU" || e.Devices != 0 || e.LargestContext != 2048 || !e.Fits() {
		t.Errorf("the demo model's is %+v, %v", e, err)
	}
	sum := int64(0)
	for _, p := range e.Parts {
		sum += p.Bytes
	}
	if sum != e.Host {
		t.Errorf("the parts have %d, and all of them %d", sum, e.Host)
	}
	gpu := []Device{{Name: "GPU0", Description: "a card", Type: "gpu", Backend: "CUDA", Free: 8 * gb, Total: 8 * gb}}
	there, err := EstimateMemory(o, gpu, 0, 0)
	if err != nil || there.Devices == 0 || there.Host >= e.Host || !strings.Contains(there.Device, "GPU0 (a card), 6/6 layers, projector on GPU") {
		t.Errorf("with a GPU the demo model's is %+v, %v", there, err)
	}
	o.Model.Path = filepath.Join(t.TempDir(), "none.gguf")
	if _, err := EstimateMemory(o, nil, 0, 0); engine.KindOf(err) != engine.ModelInvalid {
		t.Errorf("of a file that is not there the estimate is an error %v", err)
	}
}
