package native

import (
	"fmt"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/llamacpp"
	"github.com/vlmchat/vlmchat/memory"
)

// AutoContext as a context size leaves it to the memory that there is.
const AutoContext = -1

// The sizes among which it is chosen, in tokens.
const (
	largestContext = 32768 // is seldom filled, and takes its memory from the start
	usualContext   = 8192  // holds some pictures and a long conversation
	leastContext   = 2048  // holds a picture and some questions
)

// autoContext chooses a context size for the spec's model: as large as the model
// was trained for and the memory allows, within what is sensible.
func autoContext(lib *llamacpp.Library, s spec, n needs) (int, error) {
	devices, err := s.Offload.devices(lib.Devices())
	if err != nil {
		return 0, err
	}
	sp := spaceFor(lib, s, devices)
	size := n.contextSize(sp)
	if size == 0 {
		least := min(leastContext, n.largest())
		return 0, &engine.Error{
			Kind: engine.OutOfMemory,
			Message: fmt.Sprintf("there is too little memory for %s: a context of %d tokens takes %.1f GB beside the weights, and %.1f GB are free",
				s.Model, least, gigabytes(n.onCPU(least, n.place(least, sp), sp).work), gigabytes(sp.host)),
			Hint: "close what else needs memory, or take a smaller model or KV cache (--kv-type q8_0); --ctx N tries with N tokens nevertheless",
		}
	}
	return size, nil
}

func gigabytes(bytes int64) float64 { return float64(bytes) / 1e9 }

// space is the memory that there is for a model, in bytes.
type space struct {
	host    int64     // free for the CPU's part, unknownSpace if nobody tells
	machine int64     // the same without a margin; 0 if nobody tells
	rooms   []int64   // of the devices that take layers
	shares  []float32 // see fit
	home    int       // see demand; below 0 the projector stays on the CPU
	layers  int       // that go to devices at most
	shared  bool      // the devices have no memory but the CPU's
}

const unknownSpace = -1

// readMemory finds out what memory this machine has; tests have another one.
var readMemory = memory.Read

// spaceFor finds out what there is for the spec's model on devices and this machine.
func spaceFor(lib *llamacpp.Library, s spec, devices []llamacpp.Device) space {
	return spaceOf(s, devices, readMemory(), func(d llamacpp.Device) int64 { return room(lib.Memory(d)) })
}

// spaceOf is what there is for the spec's model on a machine, and on devices with so
// much room each.
func spaceOf(s spec, devices []llamacpp.Device, machine memory.Facts, room func(llamacpp.Device) int64) space {
	sp := space{host: unknownSpace, shares: s.Offload.TensorSplit, home: home(devices), layers: AllLayers}
	if machine.Total > 0 {
		sp.machine = int64(machine.Free())
		sp.host = sp.machine - sp.machine/8 // the rest is for what an estimate can't know
	}
	if s.Offload.Layers != nil {
		sp.layers = *s.Offload.Layers
	}
	if s.Offload.ProjectorOnCPU {
		sp.home = -1
	}
	for _, d := range devices {
		sp.rooms = append(sp.rooms, room(d))
		// Apple's processors have one memory, and Metal calls them a GPU.
		sp.shared = sp.shared || d.Type == llamacpp.IntegratedGPU || d.Backend == "Metal" || d.Backend == "MTL"
	}
	if sp.shared && machine.Available == 0 && machine.Limit == 0 {
		sp.host, sp.machine = unknownSpace, 0 // but for what the device tells
	}
	return sp
}

// contextSize is the context size for a space, 0 if not even the least fits.
//
// The usual size may take all the memory there is. A larger one may cost no layer
// and no projector its place on a device, and its KV cache at most a quarter of the
// memory that the weights leave. A smaller one is for want of memory on the CPU's
// side: on the devices' there is room with fewer layers.
func (n needs) contextSize(sp space) int {
	usual, least := min(usualContext, n.largest()), min(leastContext, n.largest())
	place := n.place(usual, sp)
	for _, size := range contextSizes(least, n.largest()) {
		if n.onCPU(size, place, sp).fits() && (size <= usual || n.worthIt(size, place, sp)) {
			return size
		}
	}
	// Weights are mapped from files. What there is no memory for is read again
	// and again, which is slow, but works.
	if part := n.onCPU(least, place, sp); part.work <= part.free {
		return least
	}
	return 0
}

// largest is the largest context size that is thought of.
func (n needs) largest() int {
	if n.trained <= 0 {
		return usualContext
	}
	return min(n.trained, largestContext)
}

// contextSizes lists sizes from most to least: both, and round ones between them.
func contextSizes(least, most int) []int {
	sizes := []int{most}
	for size := 1 << 20; size > least; size /= 2 { // which nobody has the memory for
		for _, s := range []int{size, size / 4 * 3} {
			if least < s && s < most {
				sizes = append(sizes, s)
			}
		}
	}
	if least < most {
		sizes = append(sizes, least)
	}
	return sizes
}

// offloaded is what goes to devices.
type offloaded struct {
	layers    int
	projector bool
}

// place is what goes to devices with a context size.
func (n needs) place(size int, sp space) offloaded {
	d := n.at(size)
	if d.home = sp.home; sp.home < 0 {
		d.projector = 0
	}
	layers, projector := fit(d, sp.rooms, sp.shares)
	return offloaded{min(layers, sp.layers), projector}
}

// worthIt reports whether a size above the usual one, with which the place
// was made, takes nothing away for what may never be used.
func (n needs) worthIt(size int, place offloaded, sp space) bool {
	all := min(sp.layers, len(n.layers))
	if len(sp.rooms) > 0 && (place.layers < all || n.place(size, sp) != place) {
		return false
	}
	first := len(n.layers) - place.layers // that is on a device
	left := 0.0                           // on devices
	for _, room := range sp.rooms {
		left += float64(room)
	}
	for _, bytes := range n.layers[first:] {
		left -= float64(bytes)
	}
	if place.projector {
		left -= float64(n.projector)
	}
	part := n.onCPU(size, place, sp)
	return n.cache(first, len(n.layers), size) <= left/4 &&
		n.cache(0, first, size) <= float64(max(0, part.free-part.weights))/4
}

// cache is the size of the KV cache of the layers from first to before end, in
// bytes.
func (n needs) cache(first, end, size int) float64 {
	bytes := int64(0)
	for _, layer := range n.cached[first:end] {
		bytes += layer.bytes(size)
	}
	return float64(bytes)
}

// cpuPart is what a model takes of the CPU's memory, in bytes.
type cpuPart struct {
	weights int64 // mapped from files, for the most part
	work    int64 // the KV cache and the buffers
	free    int64
}

func (p cpuPart) fits() bool { return p.free == unknownSpace || p.weights+p.work <= p.free }

// onCPU is the CPU's part with a context size: the layers that go to no device,
// which are the first ones, or all where devices share its memory.
func (n needs) onCPU(size int, place offloaded, sp space) cpuPart {
	p := cpuPart{free: sp.host, weights: n.base()}
	first := len(n.layers) - place.layers
	if sp.shared {
		first = len(n.layers)
	}
	for _, bytes := range n.layers[:first] {
		p.weights += bytes
	}
	if !n.tied || first < len(n.layers) {
		p.weights += n.embeddings
	}
	if !place.projector || sp.shared {
		p.weights += n.projector
	}
	if first > 0 {
		p.work = int64(n.cache(0, first, size)) + n.touched(size)
	}
	return p
}

// lessContext is the context size to try next when there was no memory for one
// that was left to us; 0 if there is none. It stops at the usual size if that
// still can be had by putting less on devices.
func lessContext(size int, fewerLayers bool) int {
	least := leastContext
	if fewerLayers {
		least = usualContext
	}
	if size <= least {
		return 0
	}
	return max(least, size/2)
}
