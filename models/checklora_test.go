package models

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/testdata/hostile"
	"github.com/vlmchat/vlmchat/testdata/tinyvlm"
)

func TestCheckLoRA(t *testing.T) {
	t.Parallel()
	model := write(t, "model.gguf", tinyvlm.Model)
	if err := CheckLoRA(write(t, "good.gguf", hostile.LoRA(1).Bytes()), model); err != nil {
		t.Fatal(err)
	}
	normed := hostile.LoRA(1)
	normed.Tensors = append(normed.Tensors, hostile.Tensor{Name: "blk.0.attn_norm.weight", Dims: []uint64{128}, Data: make([]byte, 512)})
	if err := CheckLoRA(write(t, "normed.gguf", normed.Bytes()), model); err != nil {
		t.Error(err)
	}
	for _, c := range hostile.LoRAs {
		err := CheckLoRA(write(t, "bad.gguf", c.Make()), model)
		if engine.KindOf(err) != engine.ModelInvalid || !strings.Contains(err.Error(), c.Want) || !strings.Contains(err.Error(), "bad.gguf") {
			t.Errorf("%s: the error is %v; want %q", c.Name, err, c.Want)
		}
	}
	if err := CheckLoRA(filepath.Join(t.TempDir(), "none.gguf"), model); engine.KindOf(err) != engine.ModelNotFound {
		t.Errorf("the error is %v", err)
	}
}

// Adapters of mixtures of experts are stacks of matrices, one for each.
func TestLoRAOfExperts(t *testing.T) {
	t.Parallel()
	w := Tensor{Name: "blk.0.ffn_up_exps.weight", Dims: []uint64{64, 32, 8}}
	for _, c := range []struct {
		a, b []uint64
		fits bool
	}{
		{[]uint64{64, 4, 8}, []uint64{4, 32, 8}, true},
		{[]uint64{64, 4}, []uint64{4, 32}, false},
		{[]uint64{64, 4, 4}, []uint64{4, 32, 8}, false},
	} {
		if got := multiply(Tensor{Dims: c.a}, Tensor{Dims: c.b}, w); got != c.fits {
			t.Errorf("%v and %v: %v", c.a, c.b, got)
		}
	}
}
