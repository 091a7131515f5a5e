package clip

import (
	"context"
	"slices"
	"testing"

	"github.com/vlmchat/vlmchat/engine/llamacpp"
	"github.com/vlmchat/vlmchat/engine/llamacpp/runtimetest"
	"github.com/vlmchat/vlmchat/models/safetensors"
	"github.com/vlmchat/vlmchat/testdata/lavapipe"
)

// TestOffload computes the towers on a software GPU: from a copy of the weights in its
// memory, several pictures at once, and one tower after the other in batches that grow and
// shrink.
func TestOffload(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"vit-l-14-336", "siglip"} {
		t.Run(name, func(t *testing.T) {
			if !lavapipe.Alone(t) {
				return
			}
			lib := runtimetest.Library(t)
			devices := lib.Devices()
			i := slices.IndexFunc(devices, func(d llamacpp.Device) bool { return d.Backend == "Vulkan" })
			if i < 0 {
				t.Skipf("this runtime has no Vulkan backend: it finds %v", devices)
			}
			r := references(t)[name]
			c := checkpoint(t, r, safetensors.F32)
			m := load(t, lib, c, &devices[i])
			pictures, texts := r.pictures(name, c.Config), r.texts(name, c.Config)
			worst := 0.0
			for _, n := range []int{1, len(texts), 2, len(texts)} {
				got, err := m.Texts(context.Background(), texts[:n])
				if err != nil {
					t.Fatal(err)
				}
				worst = max(worst, apart(t, got, r.Texts[:n]))
				n = min(n, len(pictures))
				if got, err = m.Pictures(context.Background(), pictures[:n]); err != nil {
					t.Fatal(err)
				}
				worst = max(worst, apart(t, got, r.Pictures[:n]))
			}
			t.Logf("cosines are 1 up to %.2g", worst)
			if worst > 1e-6 {
				t.Errorf("a vector's cosine with the reference's is 1-%g", worst)
			}
		})
	}
}
