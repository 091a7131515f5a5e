package config

import (
	"strings"
	"testing"
)

func TestBytes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"2GB": 2e9, "2 gb": 2e9, "2GiB": 2 << 30, "500MB": 5e8, "1.5MiB": 3 << 19, "64kb": 64e3, "1KiB": 1024,
		"3TB": 3e12, "1tib": 1 << 40, "0": 0, "0GB": 0, " 0.5GB ": 5e8,
	} {
		if got, err := (Config{DiskCache: {Text: text, Origin: "x"}}).Bytes(DiskCache); err != nil || got != want {
			t.Errorf("%q is %d, %v", text, got, err)
		}
	}
	for _, text := range []string{
		"", "2", "GB", "-1GB", "2G", "2 XB", "2GBGB", "B", "NaNGB", "InfGB", "1e300GB", "9223373TB", "two GB", "2GB 3MB", "0x", "-0.1",
	} {
		got, err := Config{DiskCache: {Text: text, Origin: "--disk-cache"}}.Bytes(DiskCache)
		if err == nil || !strings.Contains(err.Error(), "(from --disk-cache) is not a size such as 500MB or 2GB") {
			t.Errorf("%q is %d, %v", text, got, err)
		}
	}
}
