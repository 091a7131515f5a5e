package native

import (
	"context"
	"errors"
	"fmt"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/clip"
	"github.com/vlmchat/vlmchat/engine/llamacpp"
)

// placeDual loads an encoder on this machine's first GPU, and on the CPU where there is none
// that has room for it and can compute all of it. It returns the device's name, and in a
// sentence what a person should know of that. Who has asked for just this device gets its
// error.
func placeDual(o Offload, devices []llamacpp.Device, load func(*llamacpp.Device) (*clip.Model, error)) (m *clip.Model, device, note string, err error) {
	const cpu = "CPU"
	at := home(devices)
	if at < 0 {
		if o.Layers != nil && *o.Layers > 0 && o.Devices == nil {
			note = "There is no GPU that this llama.cpp runtime can use: the CPU computes the encoder."
		}
		m, err = load(nil)
		return m, cpu, note, err
	}
	device = devices[at].Name
	m, err = load(&devices[at])
	switch {
	case err == nil || ofNoDevice(err):
		return m, device, "", err
	case o.Devices != nil:
		if e, ok := errors.AsType[*engine.Error](err); ok && e.Hint == "" {
			e.Hint = "--device none computes on the CPU alone"
		}
		return nil, device, "", err
	}
	note = fmt.Sprintf("The CPU computes the encoder, as %s can't: %v.", device, err)
	unsupported, lacks := errors.AsType[*llamacpp.UnsupportedError](err)
	switch {
	case lacks:
		note = fmt.Sprintf("%s lacks an operation (%s): the CPU computes the encoder.", device, unsupported.Operation)
	case errors.Is(err, llamacpp.ErrNoMemory):
		note = fmt.Sprintf("There is no room on %s for the encoder: the CPU computes it.", device)
	}
	m, err = load(nil)
	return m, cpu, note, err
}

// ofNoDevice reports whether an encoder would not load on another device either.
func ofNoDevice(err error) bool {
	return errors.Is(err, llamacpp.ErrCancelled) || errors.Is(err, context.Canceled) ||
		engine.KindOf(err) == engine.ModelInvalid || engine.KindOf(err) == engine.ModelNotFound
}
