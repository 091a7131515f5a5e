package native

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/llamacpp"
	"github.com/vlmchat/vlmchat/runtimes"
)

// Device is something that a runtime can compute on.
type Device struct {
	Name        string `json:"name"` // as --device takes it
	Description string `json:"description"`
	Type        string `json:"type"` // "cpu", "gpu", "igpu" (integrated) or "accel", which works beside the CPU
	Backend     string `json:"backend"`
	Free        uint64 `json:"free_bytes"` // of its memory; 0 with Total 0: it does not tell
	Total       uint64 `json:"total_bytes"`
}

// deviceTypes names the types of devices.
var deviceTypes = map[llamacpp.DeviceType]string{
	llamacpp.CPU: "cpu", llamacpp.GPU: "gpu", llamacpp.IntegratedGPU: "igpu", llamacpp.Accelerator: "accel",
}

// Devices lists what a runtime can compute on. Its libraries are loaded in a
// process of their own.
func Devices(ctx context.Context, r runtimes.Runtime) ([]Device, error) {
	facts, err := Try(ctx, r)
	if err == nil || ctx.Err() != nil {
		return facts.Devices, err
	}
	return nil, &engine.Error{
		Kind:    engine.RuntimeIncompatible,
		Message: fmt.Sprintf("the devices of the llama.cpp runtime %s can't be listed: %v", r.Dir, err),
		Hint:    "'vlmchat runtime list' shows which runtimes can be used",
	}
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
