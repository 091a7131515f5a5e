package models

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/testdata/tinyvlm"
)

func TestTensors(t *testing.T) {
	t.Parallel()
	for name, b := range map[string][]byte{"model": tinyvlm.Model, "projector": tinyvlm.Projector} {
		g, err := parse(b)
		if err != nil {
			t.Fatal(err)
		}
		// The tensors follow each other, padded, and fill the file.
		var end uint64
		for _, tensor := range g.Tensors {
			if tensor.Offset != end || tensor.Bytes == 0 {
				t.Errorf("%s: %s lies at %d with %d bytes, the one before ends at %d", name, tensor.Name, tensor.Offset, tensor.Bytes, end)
			}
			end = (tensor.Offset + tensor.Bytes + g.Alignment - 1) / g.Alignment * g.Alignment
		}
		if g.Data+end != uint64(len(b)) || g.Size != uint64(len(b)) {
			t.Errorf("%s: the tensors end at %d of %d bytes", name, g.Data+end, len(b))
		}
	}
	g, err := parse(tinyvlm.Model)
	if err != nil {
		t.Fatal(err)
	}
	layers, rest := g.LayerBytes()
	if len(layers) != g.Int("llama.block_count") || slices.Contains(layers, 0) || rest == 0 {
		t.Errorf("the layers have %v bytes, the rest %d", layers, rest)
	}
	sum := rest
	for _, n := range layers {
		sum += n
	}
	if all := g.TensorBytes(); all != sum || all > g.Size-g.Data || all < g.Size-g.Data-uint64(len(g.Tensors))*g.Alignment {
		t.Errorf("all tensors have %d bytes, of %d", all, g.Size-g.Data)
	}
}

// A type that is not known takes what lies before the next tensor.
func TestTensorOfUnknownType(t *testing.T) {
	t.Parallel()
	b := slices.Clone(tinyvlm.Model)
	g, err := parse(b)
	if err != nil {
		t.Fatal(err)
	}
	first := g.Tensors[0]
	at := strings.Index(string(b), first.Name) + len(first.Name) + 4 + 8*len(first.Dims)
	binary.LittleEndian.PutUint32(b[at:], 999)
	if g, err = parse(b); err != nil {
		t.Fatal(err)
	}
	if got := g.Tensors[0]; got.Type != 999 || got.Bytes < first.Bytes || got.Bytes != g.Tensors[1].Offset {
		t.Errorf("the tensor is %+v, it was %+v", got, first)
	}
}
