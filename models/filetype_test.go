package models

import (
	"testing"

	"github.com/vlmchat/vlmchat/testdata/tinyvlm"
)

func TestFileType(t *testing.T) {
	t.Parallel()
	demo, err := parse(tinyvlm.Model)
	if err != nil {
		t.Fatal(err)
	}
	if got := demo.FileType(); got != "F16" {
		t.Errorf("the demo's is %q", got)
	}
	const key = "general.file_type"
	for want, values := range map[string]map[string]any{
		"Q4_K_M": {key: uint64(15)},
		"F32":    {key: uint64(0)},
		"":       {},
	} {
		if got := (&GGUF{Values: values}).FileType(); got != want {
			t.Errorf("%v: %q, want %q", values, got, want)
		}
	}
	if got := (&GGUF{Values: map[string]any{key: uint64(1024)}}).FileType(); got != "" {
		t.Errorf("an unknown number is %q", got)
	}
}
