package llamacpp

import (
	"fmt"
	"runtime"
)

// LoRA is an adapter of a model: pairs of narrow matrices, the products of which
// are added to the model's own, times Scale.
type LoRA struct {
	ptr   uintptr
	Scale float32 // 0 leaves the model as it is
}

// LoadLoRA reads an adapter from a GGUF file. It lives as long as the model, and
// has to be loaded before contexts are made: they set room aside for it.
func (m *Model) LoadLoRA(path string, scale float32) (LoRA, error) {
	f := &m.lib.llama
	if f.AdapterLoRAInit == 0 || f.SetAdaptersLoRA == 0 && f.SetAdapterLoRA == nil {
		return LoRA{}, fmt.Errorf("%s has no LoRA adapters; a newer runtime has", m.lib.name())
	}
	name := cString(path)
	ptr := f.AdapterLoRAInit.call(m.ptr, addr(name))
	runtime.KeepAlive(name)
	if ptr == 0 {
		return LoRA{}, errLoad
	}
	m.loras = append(m.loras, ptr)
	return LoRA{ptr, scale}, nil
}

// freeLoRAs frees the adapters, which only some builds do with the model.
func (m *Model) freeLoRAs() {
	for _, ptr := range m.loras {
		if free := m.lib.llama.AdapterLoRAFree; free != 0 {
			free.call(ptr)
		}
	}
	m.loras = nil
}

// setLoRAs makes a context compute with adapters. llama.cpp leaves those out
// whose scale is 0.
func (l *Library) setLoRAs(context uintptr, loras []LoRA) error {
	if len(loras) == 0 {
		return nil
	}
	f := &l.llama
	adapters, scales := make([]uintptr, len(loras)), make([]float32, len(loras))
	for i, a := range loras {
		adapters[i], scales[i] = a.ptr, a.Scale
	}
	if f.SetAdaptersLoRA != 0 {
		rc := f.SetAdaptersLoRA.callInt(context, addr(adapters), uintptr(len(adapters)), addr(scales))
		runtime.KeepAlive(adapters)
		runtime.KeepAlive(scales)
		if rc != 0 {
			return fmt.Errorf("llama_set_adapters_lora failed with code %d", rc)
		}
		return nil
	}
	for _, a := range loras {
		if a.Scale == 0 {
			continue
		}
		if rc := f.SetAdapterLoRA(context, a.ptr, a.Scale); rc != 0 {
			return fmt.Errorf("llama_set_adapter_lora failed with code %d", rc)
		}
	}
	return nil
}
