package catalogue

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestTable(t *testing.T) {
	t.Parallel()
	if _, err := time.Parse(time.DateOnly, LookedUp); err != nil {
		t.Error(err)
	}
	hub := regexp.MustCompile(`^hf:[A-Za-z0-9_-]+/[A-Za-z0-9._-]+:Q[48]_(0|K_M)$`)
	name := regexp.MustCompile(`^[a-z0-9][a-z0-9.-]+$`)
	all := All()
	if len(all) != 10 {
		t.Errorf("%d models", len(all))
	}
	for _, m := range all {
		switch {
		case !name.MatchString(m.Name), !hub.MatchString(m.Hub), m.Licence == "":
			t.Errorf("%s: %q, %q", m.Name, m.Hub, m.Licence)
		case len(m.GoodAt) > 56:
			t.Errorf("%s: %q is too long for a table", m.Name, m.GoodAt)
		case !strings.HasPrefix(m.Projector, "mmproj"):
			t.Errorf("%s: the projector %s", m.Name, m.Projector)
		}
		// Q4_K_M has about 4.9 bits for each weight, Q8_0 8.5; a part of the parameters are the
		// projector's, which has more.
		if bits := float64(8*m.Size()) / float64(m.Parameters); bits < 4.4 || bits > 9.5 {
			t.Errorf("%s: %.1f bits for each of its weights", m.Name, bits)
		}
		if found, ok := Find(strings.ToUpper(m.Name)); !ok || found.Hub != m.Hub {
			t.Errorf("%s is found as %q", m.Name, found.Name)
		}
	}
	if !slices.IsSortedFunc(all, func(a, b Model) int { return int(a.Size()/1e6 - b.Size()/1e6) }) {
		t.Error("the models are not in the order of their sizes")
	}
	if _, ok := Find("llava"); ok {
		t.Error("a model is found that is not in the list")
	}
}

// The arithmetic of the memory, by hand.
func TestMemory(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name            string
		cache, computed int64
	}{
		// A key and a value of F16 for each head, layer and token.
		{"smolvlm-500m", 8192 * 32 * 5 * 64 * 4, 512 * 49280 * 4},
		{"qwen3-vl-8b", 8192 * 147456, 512 * 151936 * 4}, // 144 KiB for each token
		// Five of six layers keep no more than a window and a batch.
		{"gemma-3-4b", 8192*5*4096 + 1536*29*4096, 512 * 262208 * 4},
	} {
		m, _ := Find(c.name)
		if got, want := m.Memory(), m.Size()+c.cache+c.computed+400e6; got != want {
			t.Errorf("%s: %d bytes, want %d", c.name, got, want)
		}
	}
}

func TestFit(t *testing.T) {
	t.Parallel()
	m, _ := Find("qwen3-vl-4b")
	need := uint64(m.Memory())
	for _, c := range []struct {
		free, most uint64
		want       Fit
	}{{0, 0, Unknown}, {need, 2 * need, Fits}, {need - 1, need, Tight}, {1, need - 1, TooLarge}} {
		if got := m.Fit(c.free, c.most); got != c.want {
			t.Errorf("%d of %d: %s", c.free, c.most, got)
		}
	}
}
