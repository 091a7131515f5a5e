package clip

import (
	"context"
	"slices"
	"testing"

	"github.com/vlmchat/vlmchat/engine/llamacpp"
	"github.com/vlmchat/vlmchat/models/safetensors"
	"github.com/vlmchat/vlmchat/testdata/lavapipe"
)

// TestOffload computes the towers on a software GPU: from a copy of the weights in its
// memory, several pictures at once. Each tower has a process of its own: with Mesa 22.3's
// driver one that goes from one tower to the other and back ends with a damaged heap, which
// the driver finds while it allocates.
func TestOffload(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"vit-l-14-336", "siglip"} {
		for _, tower := range []string{"pictures", "texts"} {
			t.Run(name+" "+tower, func(t *testing.T) {
				if !lavapipe.Alone(t) {
					return
				}
				lib := library(t)
				devices := lib.Devices()
				i := slices.IndexFunc(devices, func(d llamacpp.Device) bool { return d.Backend == "Vulkan" })
				if i < 0 {
					t.Skipf("this runtime has no Vulkan backend: it finds %v", devices)
				}
				r := references(t)[name]
				c := checkpoint(t, r, safetensors.F32)
				m := load(t, lib, c, &devices[i])
				var got [][]float32
				var err error
				want := r.Pictures
				if tower == "pictures" {
					got, err = m.Pictures(context.Background(), r.pictures(name, c.Config))
				} else {
					want = r.Texts
					got, err = m.Texts(context.Background(), r.texts(name, c.Config))
				}
				if err != nil {
					t.Fatal(err)
				}
				worst := apart(t, got, want)
				t.Logf("cosines are 1 up to %.2g", worst)
				if worst > 1e-6 {
					t.Errorf("a vector's cosine with the reference's is 1-%g", worst)
				}
			})
		}
	}
}
