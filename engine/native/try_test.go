package native

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/runtimes"
)

func TestTry(t *testing.T) {
	t.Parallel()
	r := options(t).Runtime
	facts, err := Try(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	if facts.Version == "" && facts.Commit == "" {
		t.Errorf("it tells neither version nor commit: %+v", facts)
	}
	types := map[string]int{}
	for _, d := range facts.Devices {
		if d.Name == "" {
			t.Errorf("a device without a name: %+v", d)
		}
		types[d.Type]++
	}
	if types["cpu"] != 1 || types[""] != 0 {
		t.Errorf("devices %+v", facts.Devices)
	}

	swapped := r
	swapped.MTMD = r.Llama
	_, err = Try(t.Context(), swapped)
	var e *engine.Error
	if !errors.As(err, &e) || e.Kind != engine.RuntimeIncompatible || !strings.Contains(e.Message, "lacks mtmd_") ||
		!strings.Contains(e.Message, "more functions") || len(e.Message) > len(r.Llama)+200 {
		t.Errorf("error %v", err)
	}
	if _, err := Try(t.Context(), runtimes.Runtime{GGMLBase: "/nowhere"}); err == nil {
		t.Error("a runtime that isn't there loads")
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err := Try(stopped, r); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// Libraries may print while they load.
func TestFactsAmongOtherLines(t *testing.T) {
	t.Parallel()
	facts, err := readFacts("ggml: found 1 device\nbusy...\nfacts: {\"commit\":\"abc\"}\n")
	if err != nil || facts.Commit != "abc" {
		t.Errorf("%+v %v", facts, err)
	}
	for _, told := range []string{"", "facts: {\n", "no facts: {}\n"} {
		if facts, err := readFacts(told); err == nil {
			t.Errorf("%q is read as %+v", told, facts)
		}
	}
}
