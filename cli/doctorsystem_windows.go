package cli

import (
	"fmt"
	"strings"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

func systemName() string {
	v := windows.RtlGetVersion()
	return fmt.Sprintf("Windows %d.%d.%d", v.MajorVersion, v.MinorVersion, v.BuildNumber)
}

func kernelName() string { return "" }

// displayClass is the registry's key of display adapters.
const displayClass = `SYSTEM\CurrentControlSet\Control\Class\{4d36e968-e325-11ce-bfc1-08002be10318}`

// readGraphics reads the display adapters that have a driver.
func readGraphics() []graphics {
	class, err := registry.OpenKey(registry.LOCAL_MACHINE, displayClass, registry.ENUMERATE_SUB_KEYS)
	if err != nil {
		return nil
	}
	defer class.Close()
	names, _ := class.ReadSubKeyNames(-1)
	var found []graphics
	for _, name := range names {
		adapter, err := registry.OpenKey(class, name, registry.QUERY_VALUE)
		if err != nil {
			continue // some are the system's own
		}
		text, _, _ := adapter.GetStringValue("DriverDesc")
		adapter.Close()
		for _, vendor := range []string{"NVIDIA", "AMD", "Radeon", "Intel"} {
			if !strings.Contains(text, vendor) {
				continue
			}
			g := graphics{vendor: vendor, name: text, integrated: vendor == "Intel" && !strings.Contains(text, "Arc")}
			if vendor == "Radeon" {
				g.vendor = "AMD"
			}
			found = append(found, g)
			break
		}
	}
	return found
}
