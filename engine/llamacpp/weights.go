package llamacpp

import (
	"errors"
	"fmt"
	"runtime"
	"unsafe"
)

// Weights are the tensors of a model, where a backend can compute with them.
type Weights struct {
	b       *Backend
	context uintptr
	buffers []uintptr
	mapped  []mapping
	copied  []upload
	room    int
}

// mapping is a mapped file that a buffer was made of.
type mapping struct {
	data   []byte
	buffer uintptr
}

// upload is what is to be copied to a tensor.
type upload struct {
	tensor Tensor
	data   []byte
}

// NewWeights prepares for so many tensors. What lies in the mapped files is used where
// it lies if the backend computes on the CPU; each begins at a page, and stays as long as
// the weights do. Everything else is copied.
func (b *Backend) NewWeights(tensors int, mapped [][]byte) *Weights {
	w := &Weights{b: b, context: b.lib.newContext(tensors, false), room: tensors}
	if b.Device.Type != CPU {
		return w
	}
	for _, data := range mapped {
		if len(data) == 0 {
			continue
		}
		size := uintptr(len(data))
		buffer := b.lib.graph.DevFromHost.call(b.Device.handle, addr(data), size, size)
		if buffer == 0 {
			continue
		}
		b.lib.graph.BufferSetUsage.call(buffer, usageOfWeights)
		w.buffers = append(w.buffers, buffer)
		w.mapped = append(w.mapped, mapping{data, buffer})
	}
	return w
}

// Add adds a tensor. Its shape is as in the file, the last dimension contiguous, with at
// most four dimensions. The data are kept until Load.
func (w *Weights) Add(t NumberType, shape []int, data []byte) (Tensor, error) {
	ne := [4]int{1, 1, 1, 1}
	if len(shape) > len(ne) {
		return Tensor{}, fmt.Errorf("%d dimensions are more than %d", len(shape), len(ne))
	}
	n := t.Size()
	for i, side := range shape {
		if side < 1 || side > len(data) {
			return Tensor{}, fmt.Errorf("a shape of %v does not make %d bytes", shape, len(data))
		}
		ne[len(shape)-1-i] = side
		n *= side
	}
	if n != len(data) {
		return Tensor{}, fmt.Errorf("a shape of %v does not make %d bytes", shape, len(data))
	}
	if w.room--; w.room < 0 {
		return Tensor{}, errors.New("there are more tensors than were announced")
	}
	tensor := w.b.lib.newTensor(w.context, t, ne)
	if buffer := w.bufferOf(data, t); buffer == 0 {
		w.copied = append(w.copied, upload{tensor, data})
	} else if status := w.b.lib.graph.TensorAlloc.callInt(buffer, tensor.ptr, addr(data)); status != 0 {
		return Tensor{}, fmt.Errorf("the tensor can't be used where it lies (status %d)", status)
	}
	return tensor, nil
}

// bufferOf finds the buffer of the mapped file that data lie in, 0 if they have to be
// copied: numbers at odd addresses are not for every processor.
func (w *Weights) bufferOf(data []byte, t NumberType) uintptr {
	start := uintptr(unsafe.Pointer(unsafe.SliceData(data)))
	if start%uintptr(t.Size()) != 0 {
		return 0
	}
	for _, m := range w.mapped {
		base := uintptr(unsafe.Pointer(unsafe.SliceData(m.data)))
		if start >= base && start+uintptr(len(data)) <= base+uintptr(len(m.data)) {
			return m.buffer
		}
	}
	return 0
}

// Load copies what is not used where it lies. progress gets the part that is done, and
// returns whether to go on.
func (w *Weights) Load(progress func(float64) bool) error {
	if len(w.copied) == 0 {
		return nil
	}
	buffer := w.b.lib.graph.AllocCtxTensors.call(w.context, w.b.ptr)
	total := 0
	for _, c := range w.copied {
		total += len(c.data)
	}
	if buffer == 0 {
		return fmt.Errorf("%w: the device %s has no room for %d MB of weights", ErrNoMemory, w.b.Device.Name, total>>20)
	}
	w.b.lib.graph.BufferSetUsage.call(buffer, usageOfWeights)
	w.buffers = append(w.buffers, buffer)
	done := 0
	for _, c := range w.copied {
		if !progress(float64(done) / float64(total)) {
			return ErrCancelled
		}
		w.b.lib.graph.TensorSet.call(c.tensor.ptr, addr(c.data), 0, uintptr(len(c.data)))
		runtime.KeepAlive(c.data)
		done += len(c.data)
	}
	w.copied = nil
	return nil
}

// Close frees the weights. No graph that has them may be computed any more.
func (w *Weights) Close() {
	for _, buffer := range w.buffers {
		w.b.lib.base.BackendBufFree.call(buffer)
	}
	w.b.lib.graph.Free.call(w.context)
}
