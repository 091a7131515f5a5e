package llamacpp

import "runtime"

// DeviceType says what sort of device computes.
type DeviceType int32

// The device types of ggml_backend_dev_type.
const (
	CPU DeviceType = iota
	GPU
	IntegratedGPU
	Accelerator // works beside the CPU, such as BLAS
)

// Device is something that can compute.
type Device struct {
	Name        string // such as "Vulkan0"
	Description string // what its maker calls it
	Backend     string // that drives it, such as "Vulkan"
	Type        DeviceType
	handle      uintptr
}

// Devices lists what the loaded backends found.
func (l *Library) Devices() []Device {
	var devices []Device
	for i := range l.deviceCount() {
		d := l.ggml.DevGet.call(uintptr(i))
		device := Device{
			Name:        goString(l.base.DevName.call(d)),
			Description: goString(l.base.DevDescription.call(d)),
			Backend:     goString(l.base.RegName.call(l.base.DevBackendReg.call(d))),
			Type:        DeviceType(l.base.DevType.callInt(d)),
			handle:      d,
		}
		// Builds before b6673 knew no integrated GPUs and gave their number to
		// accelerators, which have no memory of their own.
		if device.Type == IntegratedGPU {
			if _, total := l.Memory(device); total == 0 {
				device.Type = Accelerator
			}
		}
		devices = append(devices, device)
	}
	return devices
}

// Memory returns the bytes of a device's memory that are free, and all there
// are; 0 and 0 if the device does not tell. Asking can cost a GPU some memory
// of its own.
func (l *Library) Memory(d Device) (free, total uint64) {
	sizes := make([]uint64, 2)
	l.base.DevMemory.call(d.handle, addr(sizes[:1]), addr(sizes[1:]))
	runtime.KeepAlive(sizes)
	return sizes[0], sizes[1]
}

// CanAllocate reports whether a device has room for buffers of these sizes in
// bytes, all at once. It finds out by allocating them, which is the only way to
// know before a library is asked for what it does not survive to be denied.
func (l *Library) CanAllocate(d Device, sizes ...uint64) bool {
	_, total := l.Memory(d)
	kind := l.base.DevBufferType.call(d.handle)
	largest := uint64(l.base.BuftMaxSize.call(kind))
	var buffers []uintptr
	defer func() {
		for _, b := range buffers {
			l.base.BackendBufFree.call(b)
		}
	}()
	for _, size := range sizes {
		if total > 0 && size > total {
			return false
		}
		for size > 0 {
			piece := min(size, largest)
			b := l.base.BuftAlloc.call(kind, uintptr(piece))
			if b == 0 {
				return false
			}
			buffers = append(buffers, b)
			size -= piece
		}
	}
	return true
}

// SplitMode says how a model is spread over several devices.
type SplitMode int32

// The modes of llama_split_mode.
const (
	SplitNone  SplitMode = iota // one device has it all
	SplitLayer                  // each device has some of the layers
	SplitRow                    // each device has some rows of each layer's weights
)
