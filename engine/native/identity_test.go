package native

import (
	"testing"

	"github.com/vlmchat/vlmchat/testdata/hostile"
)

// What changes the numbers in a saved state changes its identity, and where the
// file lies doesn't.
func TestIdentities(t *testing.T) {
	t.Parallel()
	o := options(t)
	s := spec{Paths: pathsOf(o.Runtime), Model: o.Model.Path, Projector: o.Model.Projector, ContextSize: 2048}
	state, projector := identities(s)
	if state == "" || projector == "" || state == projector {
		t.Fatalf("the identities are %q and %q", state, projector)
	}
	for what, change := range map[string]struct {
		spec             func(*spec)
		state, projector bool // change
	}{
		"a copy of the model":     {func(s *spec) { s.Model = variant(t, "copy.gguf") }, false, false},
		"another model":           {func(s *spec) { s.Model = variant(t, "other.gguf", hostile.Number("llama.context_length", 4096)) }, true, true},
		"no projector":            {func(s *spec) { s.Projector = "" }, true, true},
		"another context size":    {func(s *spec) { s.ContextSize = 4096 }, true, false},
		"another KV cache":        {func(s *spec) { s.KVType = "q8_0" }, true, false},
		"another attention":       {func(s *spec) { s.FlashAttn = "off" }, true, true},
		"another library":         {func(s *spec) { s.Paths.GGMLBase = s.Model }, true, true},
		"other requests at once":  {func(s *spec) { s.Parallel = 3 }, false, false},
		"another place for files": {func(s *spec) { s.CacheDir, s.CacheBytes = "x", 9 }, false, false},
	} {
		c := s
		change.spec(&c)
		st, pr := identities(c)
		if (st != state) != change.state || (pr != projector) != change.projector {
			t.Errorf("%s: the state's identity changes: %v, the projector's: %v", what, st != state, pr != projector)
		}
	}
	s.Model = "missing"
	if state, projector := identities(s); state != "" || projector != "" {
		t.Error("a model that isn't there has an identity")
	}
}
