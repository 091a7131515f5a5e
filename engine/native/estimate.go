package native

import (
	"fmt"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/llamacpp"
	"github.com/vlmchat/vlmchat/models"
)

// Estimate is the memory that a model takes, in bytes, found out from its files
// before anything is loaded. It is about what is used, so that it is no bound: on
// the CPU memory counts when something is written there.
type Estimate struct {
	ContextSize int    `json:"context_size"` // for which this is, in tokens
	Device      string `json:"device"`       // what computes
	Parts       []Part `json:"parts"`
	Host        int64  `json:"host_bytes"`   // of them all, those in the machine's memory
	Devices     int64  `json:"device_bytes"` // those on devices
	// Copied is what a worker shows beside that while there is room: pages of the
	// file whose weights the CPU has in another order, which the system can take back.
	Copied int64 `json:"copied_bytes"`
	Free   int64 `json:"free_bytes"` // of the machine's memory; 0 if it does not tell
	// LargestContext is the largest context for which the memory suffices that is
	// free, in tokens; 0 if there is none, or nobody tells what is free.
	LargestContext int `json:"largest_context"`
}

// Part is one of the things that take memory.
type Part struct {
	Name  string `json:"name"`
	Bytes int64  `json:"bytes"`
	Place string `json:"place"` // HostPlace or DevicePlace
}

// Where the parts of an Estimate are.
const (
	HostPlace   = "host"
	DevicePlace = "device"
)

// Fits reports whether there is room for the model in the machine's memory, as far
// as that is known.
func (e Estimate) Fits() bool { return e.Free == 0 || e.Host <= e.Free }

// What a worker takes without a model, in bytes: itself and the libraries, and for
// each token of the vocabulary and each merge of the tokenizer.
const (
	workerBase = 110e6
	perWord    = 140
)

// The picture for which an estimate is that names none, in pixels.
const (
	usualWidth  = 1024
	usualHeight = 768
)

// EstimateMemory estimates what the options' model takes that sees a picture of so
// many pixels, or a usual one. It needs no library, but those who have asked one
// can name the devices that there are.
func EstimateMemory(o Options, devices []Device, width, height int) (Estimate, error) {
	s := specOf(o)
	cache, known := llamacpp.CacheTypeNamed(s.KVType)
	if !known {
		return Estimate{}, &engine.Error{Kind: engine.BadOption, Message: "there is no KV cache type " + s.KVType}
	}
	n, err := needsOf(s, cache)
	if err != nil {
		return Estimate{}, &engine.Error{Kind: engine.ModelInvalid, Message: "estimating the memory for " + s.Model + ": " + err.Error(), Err: err}
	}
	var all []llamacpp.Device
	rooms := map[string]int64{}
	for _, d := range devices {
		for kind, name := range deviceTypes {
			if name == d.Type {
				all = append(all, llamacpp.Device{Name: d.Name, Description: d.Description, Backend: d.Backend, Type: kind})
			}
		}
		rooms[d.Name] = room(d.Free, d.Total)
	}
	chosen, err := s.Offload.devices(all)
	if err != nil {
		return Estimate{}, err
	}
	sp := spaceOf(s, chosen, readMemory(), func(d llamacpp.Device) int64 { return rooms[d.Name] })
	size := n.wanted(s.ContextSize)
	if size == AutoContext {
		if size = n.contextSize(sp); size == 0 {
			size = min(leastContext, n.largest())
		}
	}
	if width < 1 || height < 1 {
		width, height = usualWidth, usualHeight
	}
	e := n.estimate(size, sp, width, height)
	where := plan{devices: chosen, layers: n.place(size, sp).layers}
	if where = where.normal(); len(where.devices) > 0 && n.place(size, sp).projector {
		where.projector = &where.devices[sp.home]
	}
	e.Device = where.describe(len(n.layers), s.Projector != "")
	return e, nil
}

// estimate is the estimate with a context size and the memory that there is.
func (n needs) estimate(size int, sp space, width, height int) Estimate {
	e := Estimate{ContextSize: size}
	place := n.place(size, sp)
	first := len(n.layers) - place.layers // that is on a device
	add := func(name string, bytes int64, where string) {
		if bytes <= 0 {
			return
		}
		e.Parts = append(e.Parts, Part{name, bytes, where})
		if where == DevicePlace && !sp.shared {
			e.Devices += bytes
		} else {
			e.Host += bytes
		}
	}
	sum := func(from, to int) (weights, copied int64) {
		for i := from; i < to; i++ {
			weights += n.layers[i]
			copied += n.repacked[i]
		}
		return weights, copied
	}
	weights, copied := sum(0, first)
	if !n.tied || first < len(n.layers) {
		weights += n.embeddings
	}
	away, _ := sum(first, len(n.layers))
	e.Copied = copied
	add("weights", weights, HostPlace)
	add("weights", away, DevicePlace)
	add("KV cache", int64(n.cache(0, first, size)), HostPlace)
	add("KV cache", int64(n.cache(first, len(n.layers), size)), DevicePlace)
	if first > 0 {
		add("computing", n.touched(size), HostPlace)
	}
	if place.layers > 0 {
		add("computing", n.buffers(size)*int64(max(1, len(sp.rooms))), DevicePlace)
	}
	if n.projector > 0 {
		where, work := HostPlace, n.eye.touched(n.eye.patches(width, height))
		if place.projector {
			where, work = DevicePlace, n.eye.work(n.eye.largest())
		}
		add("projector", n.eye.weights, where)
		add("encoding a picture", work, where)
		add("pictures", 3*int64(width)*int64(height), HostPlace)
	}
	add("program and vocabulary", n.base(), HostPlace)
	if sp.machine > 0 {
		e.Free = sp.machine
		for _, size := range contextSizes(min(leastContext, n.largest()), max(n.trained, n.largest())) {
			if n.hostBytes(size, sp, width, height) <= e.Free {
				e.LargestContext = size
				break
			}
		}
	}
	return e
}

// hostBytes is what an estimate has in the machine's memory.
func (n needs) hostBytes(size int, sp space, width, height int) int64 {
	sp.machine = 0 // for no search of its own
	return n.estimate(size, sp, width, height).Host
}

// base is what a worker takes beside the model's weights.
func (n needs) base() int64 { return workerBase + perWord*int64(n.vocabulary+n.merges) }

// wanted is the context size that comes of an option.
func (n needs) wanted(size int) int {
	if size == 0 || n.trained > 0 && size > n.trained {
		return n.trained
	}
	return size
}

// shortage says that what is about to be loaded takes more memory than there is free,
// and what can be done about it; "" if there is room.
func shortage(s spec, n needs, sp space) string {
	size, least := n.wanted(s.ContextSize), min(leastContext, n.largest())
	e := n.estimate(size, sp, usualWidth, usualHeight)
	if e.Fits() {
		return ""
	}
	text := fmt.Sprintf("%s takes about %.1f GB of memory, %.1f GB of them for %d tokens of context, and %.1f GB are free: this machine may become slow.",
		s.ModelName, gigabytes(e.Host), n.cache(0, len(n.layers)-n.place(size, sp).layers, size)/1e9, size, gigabytes(e.Free))
	advice := "Close what else needs memory, or take a smaller model or quantisation"
	switch {
	case e.LargestContext > 0 && e.LargestContext < size:
		return text + fmt.Sprintf(" There is room for --ctx %d; --kv-type q8_0 halves what the context takes.", e.LargestContext)
	case size > least:
		return text + fmt.Sprintf(" %s; --ctx %d takes %.1f GB less.", advice, least, gigabytes(e.Host-n.hostBytes(least, sp, usualWidth, usualHeight)))
	}
	return text + " " + advice + "."
}

// layerBytes are the weights of all parts of a model, those that it never loads
// left out.
func layerBytes(g *models.GGUF) ([]uint64, uint64) {
	layers, rest := g.LayerBytes()
	arch := g.String("general.architecture")
	for i := max(0, len(layers)-g.Int(arch+".nextn_predict_layers")); i < len(layers); i++ {
		layers[i] = 0 // for guesses further ahead, which nobody makes
	}
	return layers, rest
}
