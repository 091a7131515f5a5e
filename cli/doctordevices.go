package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/vlmchat/vlmchat/engine/native"
)

// checkDevices tells what the runtime computes on, and what it leaves idle.
func (d *doctor) checkDevices(context.Context) []check {
	if d.runtime == nil {
		return nil
	}
	c := judgeDevices(d.facts.Devices, d.runtime.Backends, readGraphics())
	for _, v := range native.DeviceVariables() {
		c.Details = append(c.Details, "environment: "+v)
	}
	return []check{c}
}

// judgeDevices compares what a runtime computes on with the GPUs there are.
func judgeDevices(devices []native.Device, backends []string, there []graphics) check {
	var names, details []string
	gpus := 0
	for _, dev := range devices {
		names = append(names, dev.Name)
		if dev.Type == "gpu" || dev.Type == "igpu" {
			gpus++
		}
		details = append(details, describeDevice(dev))
	}
	c := fine("devices", "%s", joined(names))
	if len(devices) == 0 {
		c = warning("devices", "a runtime needs a backend for the CPU at least: vlmchat runtime install --force", "the runtime computes on nothing")
	}
	worthwhile := slices.DeleteFunc(slices.Clone(there), func(g graphics) bool { return g.integrated })
	switch {
	case gpus > 0 || len(there) == 0:
	case len(worthwhile) == 0:
		details = append(details, fmt.Sprintf("not used: %s, which is integrated and seldom faster than the processor", there[0]))
	case onlyCPU(backends):
		c = warning("devices", backendHint(worthwhile[0]),
			"%s is idle: the runtime has no backend but the CPU's", worthwhile[0])
	default:
		c = warning("devices", driverHint(worthwhile[0], backends),
			"%s is idle: the runtime has %s, which finds no device", worthwhile[0], strings.Join(gpuBackends(backends), " and "))
	}
	c.Details = details
	return c
}

func describeDevice(d native.Device) string {
	line := fmt.Sprintf("%s: %s, %s", d.Name, d.Type, d.Description)
	if d.Backend != d.Name {
		line += " through " + d.Backend
	}
	if d.Total > 0 {
		line += fmt.Sprintf(", %s of %s free", size(d.Free), size(d.Total))
	}
	return line
}

// gpuBackends are those of a runtime that drive GPUs.
func gpuBackends(backends []string) []string {
	return slices.DeleteFunc(slices.Clone(backends), func(b string) bool {
		return b == "cpu" || b == "blas" || b == "rpc"
	})
}

func onlyCPU(backends []string) bool { return len(gpuBackends(backends)) == 0 }

// backendHint says what to install where a runtime has no backend for a GPU.
func backendHint(g graphics) string {
	kinds := map[string]string{"NVIDIA": "CUDA or Vulkan", "AMD": "HIP or Vulkan", "Intel": "Vulkan or SYCL", "Apple": "Metal"}
	return fmt.Sprintf("get a llama.cpp with %s, and choose it: vlmchat runtime use FOLDER", kinds[g.vendor])
}

// driverHint says what a backend may lack that finds no device.
func driverHint(g graphics, backends []string) string {
	var hints []string
	if slices.Contains(backends, "vulkan") {
		driver := "your distribution's Vulkan drivers (mesa-vulkan-drivers)"
		if g.vendor == "NVIDIA" {
			driver = "NVIDIA's driver"
		}
		hints = append(hints, "for Vulkan: install its loader (libvulkan1, vulkan-loader) and "+driver)
	}
	if slices.Contains(backends, "cuda") {
		hints = append(hints, "for CUDA: install NVIDIA's driver, new enough for the runtime's CUDA ('nvidia-smi' shows it), and the CUDA libraries of the same version")
	}
	hints = append(hints, "in a container, the GPU has to be passed through; variables such as CUDA_VISIBLE_DEVICES may hide it")
	return strings.Join(hints, "\n")
}
