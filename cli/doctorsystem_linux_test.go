package cli

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// machineOf writes the kernel's files of another machine, and returns their root.
func machineOf(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestGraphics(t *testing.T) {
	t.Parallel()
	const pci = "sys/bus/pci/devices/"
	root := machineOf(t, map[string]string{
		pci + "0000:00:02.0/class": "0x030000\n", pci + "0000:00:02.0/vendor": "0x8086\n",
		pci + "0000:00:03.0/class": "0x020000\n", pci + "0000:00:03.0/vendor": "0x8086\n", // a network card
		pci + "0000:01:00.0/class": "0x030200\n", pci + "0000:01:00.0/vendor": "0x10de\n",
		"proc/driver/nvidia/gpus/0000:01:00.0/information": "Model: \t\t NVIDIA L4\nIRQ:   \t\t 16\n",
		pci + "0000:02:00.0/class":                         "0x038000\n", pci + "0000:02:00.0/vendor": "0x1002\n",
		pci + "0000:03:00.0/class": "0x030000\n", pci + "0000:03:00.0/vendor": "0x1af4\n", // a virtual display
		pci + "0000:04:00.0/class": "0x030000\n", pci + "0000:04:00.0/vendor": "0x8086\n",
	})
	want := []graphics{
		{"Intel", "", true}, {"NVIDIA", "NVIDIA L4", false}, {"AMD", "", false}, {"Intel", "", false},
	}
	if got := graphicsBelow(root); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
}
