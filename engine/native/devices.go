package native

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/llamacpp"
	"github.com/vlmchat/vlmchat/runtimes"
)

// Device is something that a runtime can compute on.
type Device struct {
	Name        string `json:"name"` // as --device takes it
	Description string `json:"description"`
	Type        string `json:"type"` // cpu, gpu, integrated gpu or accelerator
	Backend     string `json:"backend"`
	Free        uint64 `json:"free_bytes"` // of its memory; 0 with Total 0: it does not tell
	Total       uint64 `json:"total_bytes"`
}

// Devices lists what a runtime can compute on. Its libraries are loaded in a
// process of their own.
func Devices(ctx context.Context, r runtimes.Runtime) ([]Device, error) {
	out, err := listDevices(ctx, spec{Paths: pathsOf(r), ListDevices: true})
	if err == nil {
		return out, nil
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return nil, &engine.Error{
		Kind:    engine.RuntimeIncompatible,
		Message: fmt.Sprintf("the devices of the llama.cpp runtime %s can't be listed: %v", r.Dir, err),
		Hint:    "'vlmchat runtime list' shows which runtimes can be used",
	}
}

func listDevices(ctx context.Context, s spec) ([]Device, error) {
	limited, cancel := context.WithTimeout(ctx, tryTimeout)
	defer cancel()
	cmd, err := s.command(limited)
	if err != nil {
		return nil, err
	}
	var said strings.Builder
	cmd.Stderr = &said
	cmd.WaitDelay = time.Second
	out, err := cmd.Output()
	switch {
	case err == nil:
		var devices []Device
		return devices, json.Unmarshal(out, &devices)
	case limited.Err() != nil:
		return nil, errors.New("loading its libraries does not come to an end")
	case cmd.ProcessState == nil:
		return nil, err // it did not start
	}
	for l := range strings.Lines(said.String()) {
		if reason, ok := strings.CutPrefix(l, fatalMark); ok {
			return nil, errors.New(strings.TrimSpace(reason))
		}
	}
	return nil, errors.New("loading its libraries ends the process: " + exitReason(cmd.ProcessState))
}

// devicesMain is the worker's side.
func devicesMain(s spec) int {
	lib, err := llamacpp.Load(s.Paths, func(llamacpp.Level, string) {})
	if err != nil {
		writeFatal(err.Error())
		return exitFailed
	}
	devices := []Device{}
	for _, d := range lib.Devices() {
		free, total := lib.Memory(d)
		devices = append(devices, Device{d.Name, d.Description, typeName(d.Type), d.Backend, free, total})
	}
	if err := json.NewEncoder(os.Stdout).Encode(devices); err != nil {
		writeFatal(err.Error())
		return exitFailed
	}
	return exitOK
}

func typeName(t llamacpp.DeviceType) string {
	switch t {
	case llamacpp.CPU:
		return "cpu"
	case llamacpp.GPU:
		return "gpu"
	case llamacpp.IntegratedGPU:
		return "integrated gpu"
	}
	return "accelerator"
}

// deviceVariables are those of the environment by which drivers and llama.cpp's
// backends choose devices.
func deviceVariables(env []string) []string {
	var chosen []string
	for _, v := range env {
		name, _, _ := strings.Cut(v, "=")
		if strings.HasSuffix(name, "_VISIBLE_DEVICES") || strings.HasPrefix(name, "GGML_") || strings.HasPrefix(name, "VK_") ||
			name == "ONEAPI_DEVICE_SELECTOR" || name == "ZE_AFFINITY_MASK" {
			chosen = append(chosen, v)
		}
	}
	slices.Sort(chosen)
	return chosen
}
