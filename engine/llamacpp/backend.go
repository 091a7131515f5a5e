package llamacpp

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
)

// Backend computes graphs on one device. It is used by one goroutine at a time.
type Backend struct {
	Device Device

	lib        *Library
	ptr        uintptr
	allocator  uintptr // of what graphs compute in between; its memory is used again by the next one
	cancel     cancelFlag
	setThreads proc // none on devices that don't count in threads
}

// NewBackend prepares a device for computing graphs; nil means the CPU, with that
// many threads.
func (l *Library) NewBackend(device *Device, threads int) (*Backend, error) {
	if err := missingOf(l.graph); err != nil {
		return nil, err
	}
	if device == nil {
		devices := l.Devices()
		i := slices.IndexFunc(devices, func(d Device) bool { return d.Type == CPU })
		if i < 0 {
			return nil, errors.New("this llama.cpp runtime has no backend for the CPU")
		}
		device = &devices[i]
	}
	b := &Backend{Device: *device, lib: l, cancel: newCancelFlag()}
	if b.ptr = l.graph.DevInit.call(device.handle, 0); b.ptr == 0 {
		return nil, fmt.Errorf("the device %s can't be used", device.Name)
	}
	b.allocator = l.graph.GallocrNew.call(l.graph.BackendBufferType.call(b.ptr))
	b.setThreads = b.ofBackend("ggml_backend_set_n_threads")
	b.SetThreads(threads)
	if setAbort := b.ofBackend("ggml_backend_set_abort_callback"); setAbort != 0 {
		setAbort.call(b.ptr, l.strlen, b.cancel.address())
	}
	return b, nil
}

// ofBackend finds a function that some backends have and others don't.
func (b *Backend) ofBackend(name string) proc {
	c := cString(name)
	defer runtime.KeepAlive(c)
	return proc(b.lib.graph.RegGetProcAddress.call(b.lib.base.DevBackendReg.call(b.Device.handle), addr(c)))
}

// SetThreads sets how many threads the next graphs are computed with, on the CPU.
func (b *Backend) SetThreads(n int) {
	if b.setThreads != 0 && n > 0 {
		b.setThreads.call(b.ptr, cInt(n))
	}
}

// Close frees the backend. Its weights and graphs are closed before.
func (b *Backend) Close() {
	b.lib.graph.GallocrFree.call(b.allocator)
	b.lib.graph.BackendFree.call(b.ptr)
}

// newContext makes a ggml context for so many tensors, and a graph if it is to have one.
// It holds what is known of tensors, and none of their numbers.
func (l *Library) newContext(tensors int, graph bool) uintptr {
	size := uintptr(tensors) * l.graph.TensorOverhead.call()
	if graph {
		size += l.graph.GraphOverhead.call(uintptr(tensors), 0)
	}
	return l.graph.Init.callByValue([]uintptr{size, 0, 1}) // no_alloc
}

// newTensor makes a tensor in a context.
func (l *Library) newTensor(context uintptr, t NumberType, shape [4]int) Tensor {
	ne := make([]int64, len(shape))
	for i, side := range shape {
		ne[i] = int64(side)
	}
	ptr := l.graph.NewTensor.call(context, cInt(t), cInt(len(ne)), addr(ne))
	runtime.KeepAlive(ne)
	return Tensor{Type: t, Shape: shape, ptr: ptr, rows: true, dense: true}
}
