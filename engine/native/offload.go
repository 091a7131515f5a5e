package native

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/llamacpp"
)

// Offload says what of a model goes to GPUs. Its zero value leaves that to what
// there is and what fits.
type Offload struct {
	Layers         *int      `json:"layers,omitempty"`       // how many at most; nil: as many as fit
	Devices        []string  `json:"devices,omitempty"`      // by name; nil: the runtime's GPUs
	SplitMode      string    `json:"split_mode,omitempty"`   // one of SplitModes, "" is "layer"
	MainGPU        int       `json:"main_gpu,omitempty"`     // index among the devices, see SplitModes
	TensorSplit    []float32 `json:"tensor_split,omitempty"` // a share for each device; nil: by free memory
	ProjectorOnCPU bool      `json:"projector_on_cpu,omitempty"`
}

// AllLayers is more than any model has.
const AllLayers = math.MaxInt32

// NoDevice in place of a device's name leaves all to the CPU.
const NoDevice = "none"

// SplitModes are the ways to spread a model over several devices: all of it on
// the main GPU, some layers on each, or some rows of every layer's weights.
var SplitModes = []string{"none", "layer", "row"}

// KVTypes names the types that a KV cache can have, the first being the default.
func KVTypes() []string {
	var names []string
	for _, t := range llamacpp.CacheTypes {
		names = append(names, t.Name)
	}
	return names
}

// NeedsFlashAttention reports whether a KV cache of the type named can't do
// without it.
func NeedsFlashAttention(kvType string) bool {
	t, known := llamacpp.CacheTypeNamed(kvType)
	return known && t.Quantised()
}

// split is the binding's value of the mode.
func (o Offload) split() llamacpp.SplitMode {
	switch o.SplitMode {
	case "none":
		return llamacpp.SplitNone
	case "row":
		return llamacpp.SplitRow
	}
	return llamacpp.SplitLayer
}

// devices chooses those that take layers: the ones named or else those of other
// machines and the first backend's GPUs, and integrated ones only where there
// are no others. Several backends can drive the same card, so a second one's are
// taken only by name.
func (o Offload) devices(all []llamacpp.Device) ([]llamacpp.Device, error) {
	if o.Layers != nil && *o.Layers == 0 || slices.Equal(o.Devices, []string{NoDevice}) {
		return nil, nil
	}
	var chosen []llamacpp.Device
	if o.Devices != nil {
		for _, name := range o.Devices {
			i := slices.IndexFunc(all, func(d llamacpp.Device) bool { return strings.EqualFold(d.Name, name) })
			if i < 0 {
				return nil, o.unavailable(fmt.Sprintf("there is no device %q", name), all)
			}
			if isGPU(all[i]) { // the others compute without being asked to
				chosen = append(chosen, all[i])
			}
		}
	} else {
		chosen = preferred(all)
	}
	if len(chosen) == 0 {
		return nil, nil
	}
	if len(o.TensorSplit) > 0 && len(o.TensorSplit) != len(chosen) {
		return nil, o.unavailable(fmt.Sprintf("--tensor-split has %d shares for %d devices", len(o.TensorSplit), len(chosen)), chosen)
	}
	if o.MainGPU >= len(chosen) {
		return nil, o.unavailable(fmt.Sprintf("--main-gpu %d is no index of the %d devices, which count from 0", o.MainGPU, len(chosen)), chosen)
	}
	if o.split() == llamacpp.SplitNone {
		chosen = chosen[o.MainGPU : o.MainGPU+1]
	}
	return chosen, nil
}

func (o Offload) unavailable(what string, there []llamacpp.Device) error {
	return &engine.Error{
		Kind:    engine.NoDevice,
		Message: what + ": there are " + deviceNames(there),
		Hint:    "'vlmchat devices' shows them; --device none computes on the CPU alone",
	}
}

// remote is the backend whose devices are other machines'.
const remote = "RPC"

func preferred(all []llamacpp.Device) []llamacpp.Device {
	var others []llamacpp.Device
	local := map[llamacpp.DeviceType][]llamacpp.Device{}
	for _, d := range all {
		same := local[d.Type]
		switch {
		case !isGPU(d):
		case d.Backend == remote:
			others = append(others, d)
		case len(same) == 0 || same[0].Backend == d.Backend:
			local[d.Type] = append(same, d)
		}
	}
	if gpus := local[llamacpp.GPU]; len(gpus) > 0 {
		return append(others, gpus...)
	}
	return append(others, local[llamacpp.IntegratedGPU]...)
}

func isGPU(d llamacpp.Device) bool {
	return d.Type == llamacpp.GPU || d.Type == llamacpp.IntegratedGPU
}

// deviceNames lists devices in a sentence.
func deviceNames(devices []llamacpp.Device) string {
	var names []string
	for _, d := range devices {
		names = append(names, d.Name)
	}
	return strings.Join(names, ", ")
}
