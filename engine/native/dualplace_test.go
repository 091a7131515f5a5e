package native

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/clip"
	"github.com/vlmchat/vlmchat/engine/llamacpp"
)

// The CPU takes over from a GPU that can't have an encoder, and says why; not where that
// would change nothing, or where somebody has named the GPU.
func TestPlaceDual(t *testing.T) {
	t.Parallel()
	gpu := llamacpp.Device{Name: "Metal0", Backend: "Metal", Type: llamacpp.GPU}
	far := llamacpp.Device{Name: "RPC0", Backend: remote, Type: llamacpp.GPU}
	told := func(kind engine.ErrorKind, cause error) error {
		return &engine.Error{Kind: kind, Message: fmt.Sprintf("loading the-encoder: %v", cause), Err: cause}
	}
	noRoom := told(engine.OutOfMemory, fmt.Errorf("%w: the device Metal0 has no room", llamacpp.ErrNoMemory))
	lacking := told(engine.NoDevice, &llamacpp.UnsupportedError{Device: gpu, Operation: "NORM"})
	damaged := told(engine.ModelInvalid, errors.New("damaged"))
	for name, c := range map[string]struct {
		offload Offload
		devices []llamacpp.Device
		fails   error // on the GPU
		tried   []string
		note    string // a part of it; "" is none
		hint    string // of the error that comes back; "-" is one without, "" no error
	}{
		"on the GPU":         {devices: []llamacpp.Device{gpu}, tried: []string{"Metal0"}},
		"no GPU":             {tried: []string{"CPU"}},
		"all layers, no GPU": {offload: Offload{Layers: number(AllLayers)}, tried: []string{"CPU"}, note: "There is no GPU"},
		"no layers, no GPU":  {offload: Offload{Layers: number(0)}, tried: []string{"CPU"}},
		"another machine's":  {devices: []llamacpp.Device{far}, tried: []string{"CPU"}},
		"behind another's":   {devices: []llamacpp.Device{far, gpu}, tried: []string{"Metal0"}},
		"no room":            {devices: []llamacpp.Device{gpu}, fails: noRoom, tried: []string{"Metal0", "CPU"}, note: "no room on Metal0"},
		"lacking":            {devices: []llamacpp.Device{gpu}, fails: lacking, tried: []string{"Metal0", "CPU"}, note: "Metal0 lacks an operation (NORM)"},
		"refusing": {
			devices: []llamacpp.Device{gpu}, fails: told(engine.RuntimeIncompatible, errors.New("it sleeps")),
			tried: []string{"Metal0", "CPU"}, note: "as Metal0 can't: loading the-encoder: it sleeps.",
		},
		"named, no room": {offload: Offload{Devices: []string{"Metal0"}}, devices: []llamacpp.Device{gpu}, fails: noRoom, tried: []string{"Metal0"}, hint: "--device none"},
		"named, lacking": {offload: Offload{Devices: []string{"Metal0"}}, devices: []llamacpp.Device{gpu}, fails: lacking, tried: []string{"Metal0"}, hint: "--device none"},
		"damaged":        {devices: []llamacpp.Device{gpu}, fails: damaged, tried: []string{"Metal0"}, hint: "-"},
		"given up":       {devices: []llamacpp.Device{gpu}, fails: llamacpp.ErrCancelled, tried: []string{"Metal0"}, hint: "-"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var tried []string
			want := &clip.Model{}
			got, device, note, err := placeDual(c.offload, c.devices, func(d *llamacpp.Device) (*clip.Model, error) {
				if d == nil {
					tried = append(tried, "CPU")
					return want, nil
				}
				tried = append(tried, d.Name)
				if c.fails != nil {
					return nil, c.fails
				}
				return want, nil
			})
			if !slices.Equal(tried, c.tried) || device != tried[len(tried)-1] {
				t.Errorf("it tried %v and was on %s, want %v", tried, device, c.tried)
			}
			if !strings.Contains(note, c.note) || (note == "") != (c.note == "") {
				t.Errorf("the note is %q, want %q", note, c.note)
			}
			switch {
			case c.hint == "":
				if err != nil || got != want {
					t.Errorf("it ended with %v", err)
				}
			case !errors.Is(err, c.fails):
				t.Errorf("the error is %v, want %v", err, c.fails)
			case c.hint != "-":
				if e, ok := errors.AsType[*engine.Error](err); !ok || !strings.Contains(e.Hint, c.hint) {
					t.Errorf("the error is %+v", e)
				}
			}
		})
	}
}
