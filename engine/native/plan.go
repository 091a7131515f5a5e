package native

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/llamacpp"
)

// plan is where the parts of a model go.
type plan struct {
	devices   []llamacpp.Device // that take layers; none: all is the CPU's
	layers    int               // on devices, the output layer among them
	projector *llamacpp.Device  // nil: the CPU
	fixed     bool              // the number of layers is a person's choice
}

// newPlan makes the plan that the spec asks for.
func newPlan(lib *llamacpp.Library, s spec, cache llamacpp.CacheType) (plan, error) {
	devices, err := s.Offload.devices(lib.Devices())
	if err != nil || len(devices) == 0 {
		return plan{}, err
	}
	p := plan{devices: devices, fixed: s.Offload.Layers != nil}
	projector := true
	if p.fixed {
		p.layers = *s.Offload.Layers
	} else if p.layers, _, projector, err = fitting(lib, s, cache, devices); err != nil {
		return plan{}, &engine.Error{Kind: engine.ModelInvalid, Message: "finding out what fits a GPU: " + err.Error()}
	}
	if at := home(devices); at >= 0 && s.Projector != "" && projector && !s.Offload.ProjectorOnCPU {
		p.projector = &p.devices[at]
	}
	return p.normal(), nil
}

// home is the index of the device that the projector may go to: the first of
// this machine's, so that no pixel leaves it. It is -1 if there is none.
func home(devices []llamacpp.Device) int {
	return slices.IndexFunc(devices, func(d llamacpp.Device) bool { return d.Backend != remote })
}

// fitting is how many layers, of how many, fit the devices' free memory, and
// whether the projector does.
func fitting(lib *llamacpp.Library, s spec, cache llamacpp.CacheType, devices []llamacpp.Device) (layers, of int, projector bool, err error) {
	d, err := demandOf(s, cache)
	if err != nil {
		return 0, 0, false, err
	}
	if d.home = home(devices); d.home < 0 {
		d.projector = 0
	}
	var rooms []int64
	for _, device := range devices {
		rooms = append(rooms, room(lib.Memory(device)))
	}
	layers, projector = fit(d, rooms, s.Offload.TensorSplit)
	return layers, len(d.layers), projector, nil
}

// margin is left free on each device: for what an estimate can't know, and for
// the screen.
const margin = 512 << 20

// room is what can be used of a device's memory; of one that does not tell, as
// much as anybody wants: it fails if that is too much.
func room(free, total uint64) int64 {
	if total == 0 {
		return math.MaxInt64 / 2
	}
	return int64(free) - max(margin, int64(total/20))
}

// normal makes a plan without layers a plan without devices: a projector alone
// on a GPU was not asked for.
func (p plan) normal() plan {
	if p.layers == 0 {
		return plan{fixed: p.fixed}
	}
	return p
}

// smaller is the next plan to try when this one's memory could not be
// allocated: the projector goes to the CPU, and if it was the layers for which
// there was no room, half of them. It reports false when there is nothing to
// give up.
func (p plan) smaller(failed part) (plan, bool) {
	switch {
	case failed == projectorPart && p.projector != nil:
		p.projector = nil
		return p, true
	case failed == projectorPart || p.fixed || p.layers == 0:
		return p, false
	}
	p.projector = nil
	p.layers /= 2
	return p.normal(), true
}

// part is what is loaded of a model, one after the other.
type part int

const (
	modelPart part = iota
	contextPart
	projectorPart
)

// outOfMemory recognises in llama.cpp's words that an allocation failed: the C
// API tells no reasons.
func outOfMemory(reason string) bool {
	reason = strings.ToLower(reason)
	for _, words := range []string{"allocat", "out of memory", "outofdevicememory", "outofhostmemory"} {
		if strings.Contains(reason, words) {
			return true
		}
	}
	return false
}

// describe says where a model of so many layers computes.
func (p plan) describe(layers int, projector bool) string {
	if len(p.devices) == 0 {
		return "CPU"
	}
	var names []string
	for _, d := range p.devices {
		names = append(names, fmt.Sprintf("%s (%s)", d.Name, d.Description))
	}
	text := fmt.Sprintf("%s, %d/%d layers", strings.Join(names, " + "), min(p.layers, layers), layers)
	switch {
	case p.projector != nil:
		text += ", projector on GPU"
	case projector:
		text += ", projector on CPU"
	}
	return text
}

// note says what did not get its place on a device for want of memory, "" if
// everything that was to go there did. wanted are the devices that were chosen.
func (p plan) note(s spec, wanted []llamacpp.Device, layers int) string {
	nowhere := "There is no room on " + deviceNames(wanted) + " for "
	switch {
	case len(wanted) == 0 && s.Offload.Layers != nil && *s.Offload.Layers > 0 && s.Offload.Devices == nil:
		return "There is no GPU that this llama.cpp runtime can use: the CPU computes all layers."
	case len(wanted) == 0:
		return ""
	case p.layers == 0:
		return nowhere + "any of the model's layers: the CPU computes them all."
	case p.layers < layers && !p.fixed:
		return nowhere + fmt.Sprintf("the whole model: %d of %d layers are there, the rest is on the CPU.", p.layers, layers)
	case p.projector == nil && home(wanted) >= 0 && s.Projector != "" && !s.Offload.ProjectorOnCPU:
		return nowhere + "the projector beside the model: the CPU encodes pictures."
	}
	return ""
}

// offloadMark begins the line in a worker's log that says what is on devices,
// for those who have to explain its end.
const offloadMark = "offload: "

// announce leaves the plan in the worker's log if a device's memory is at stake.
func (p plan) announce() {
	if len(p.devices) > 0 {
		layers := "all layers"
		if p.layers < AllLayers {
			layers = fmt.Sprintf("%d layers", p.layers)
		}
		fmt.Fprintf(journal, "%s%s on %s\n", offloadMark, layers, deviceNames(p.devices))
	}
}
