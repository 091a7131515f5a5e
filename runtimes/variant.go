package runtimes

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Backends are the kinds of archives that may be asked for. Each has the CPU's
// code as well.
var Backends = []string{"cpu", "vulkan", "cuda", "metal", "hip"}

// variant is one of the archives that a release has for a platform.
type variant struct {
	backend string
	name    string // in the archive's name; * is a version, of CUDA or ROCm
}

// variantsFor lists what releases may have for a machine. Whether one really
// has it, only its list of files tells. The archive for Macs with Intel
// processors is built without Metal.
func variantsFor(h host) []variant {
	arch, ok := map[string]string{"amd64": "x64", "arm64": "arm64"}[h.goarch]
	if !ok {
		return nil
	}
	switch h.goos {
	case "linux":
		return []variant{
			{"cpu", "ubuntu-" + arch}, {"vulkan", "ubuntu-vulkan-" + arch},
			{"cuda", "ubuntu-cuda-*-" + arch}, {"hip", "ubuntu-rocm-*-" + arch},
		}
	case "windows":
		return []variant{
			{"cpu", "win-cpu-" + arch}, {"vulkan", "win-vulkan-" + arch},
			{"cuda", "win-cuda-*-" + arch}, {"hip", "win-hip-radeon-" + arch},
		}
	case "darwin":
		if arch == "x64" {
			return []variant{{"cpu", "macos-x64"}}
		}
		return []variant{{"metal", "macos-arm64"}, {"cpu", "macos-arm64"}}
	}
	return nil
}

// wanted are the variants that will do, the best first. Those with Vulkan run
// without a GPU as well, but are larger, so where no backend is asked for they
// are taken if a Vulkan loader says that somebody set graphics up.
func wanted(h host, backend string) []variant {
	all := variantsFor(h)
	if backend != "" {
		return slices.DeleteFunc(all, func(v variant) bool { return v.backend != backend })
	}
	vulkan := hasVulkan(h)
	all = slices.DeleteFunc(all, func(v variant) bool {
		return v.backend != "cpu" && (v.backend != "vulkan" || !vulkan)
	})
	slices.Reverse(all)
	return all
}

// fixed reports whether the archive's name is known beforehand.
func (v variant) fixed() bool { return !strings.Contains(v.name, "*") }

// find picks the variant's archive. Of several versions the lowest is taken: it
// runs with the oldest drivers.
func (v variant) find(assets []asset) (found asset, name string, ok bool) {
	pattern := strings.Replace(regexp.QuoteMeta(v.name), `\*`, `([0-9]+(?:\.[0-9]+)*)`, 1)
	archive := regexp.MustCompile(`^llama-[a-z0-9.]+-bin-(` + pattern + `)\.(?:tar\.gz|zip)$`)
	var lowest string
	for _, a := range assets {
		m := archive.FindStringSubmatch(a.Name)
		if m == nil {
			continue
		}
		number := m[len(m)-1]
		if ok && compareNumbers(number, lowest) >= 0 {
			continue
		}
		found, name, lowest, ok = a, m[1], number, true
	}
	return found, name, ok
}

// compareNumbers compares "12.4" and "13.3" part by part.
func compareNumbers(a, b string) int {
	numbers := func(s string) (all []int) {
		for part := range strings.SplitSeq(s, ".") {
			n, _ := strconv.Atoi(part)
			all = append(all, n)
		}
		return all
	}
	return slices.Compare(numbers(a), numbers(b))
}

// offered are the backends that a release has for a machine.
func offered(h host, assets []asset) []string {
	var all []string
	for _, v := range variantsFor(h) {
		if _, _, ok := v.find(assets); ok {
			all = append(all, v.backend)
		}
	}
	return all
}

// noBackend is the error that a release lacks what was asked for.
type noBackend struct {
	tag, backend, platform string
	offered                []string
}

func (n noBackend) Error() string {
	has := "it has none at all"
	if len(n.offered) > 0 {
		has = "it has: " + strings.Join(n.offered, ", ")
	}
	return fmt.Sprintf("llama.cpp's release %s has no archive with %s for %s; %s", n.tag, n.backend, n.platform, has)
}

// hint says what to do without the archive.
func (n noBackend) hint() string {
	own := "build llama.cpp yourself"
	if option := map[string]string{"cuda": "GGML_CUDA", "hip": "GGML_HIP", "vulkan": "GGML_VULKAN", "metal": "GGML_METAL"}[n.backend]; option != "" {
		own += fmt.Sprintf(" (cmake -DBUILD_SHARED_LIBS=ON -D%s=ON)", option)
	}
	return own + " and take it with 'vlmchat runtime use FOLDER', or ask for another --backend"
}
