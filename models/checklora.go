package models

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/vlmchat/vlmchat/engine"
)

// CheckLoRA makes sure, from their headers, that llama.cpp can be given a LoRA
// adapter for a model: that it is one, that it belongs to this model, and that
// its matrices have the shapes that they are multiplied in. It is called by the
// process that is about to load them.
func CheckLoRA(path, model string) error {
	const what = "the LoRA adapter"
	parts, err := ReadParts(model)
	if err != nil {
		return unfit(model, "the model", err)
	}
	g, err := read(path, what)
	if err != nil {
		return err
	}
	c := newChecker(g)
	c.adapter()
	if c.err != nil {
		return unfit(path, what, c.err)
	}
	if err := belongs(g, parts); err != nil {
		return &engine.Error{
			Kind: engine.ModelInvalid, Message: fmt.Sprintf("%s %s does not belong to the model %s: %v", what, path, filepath.Base(model), err),
			Hint: "name an adapter that was made for this model, or the model that it was made for with --model",
		}
	}
	return nil
}

// The keys of an adapter, as convert_lora_to_gguf.py writes them.
const (
	adapterTypeKey  = "adapter.type"
	adapterAlphaKey = "adapter.lora.alpha"
	invocationKey   = "adapter.alora.invocation_tokens"
)

const maxAlpha = 1 << 20

// adapter checks an adapter by itself.
func (c *checker) adapter() {
	for _, want := range []struct{ key, value string }{{"general.type", "adapter"}, {adapterTypeKey, "lora"}} {
		if c.g.String(want.key) != want.value {
			c.fail(want.key, "%s", want.value)
		}
	}
	if kind, ok := c.g.kinds["general.architecture"]; !ok || kind != ggufString {
		c.fail("general.architecture", "a text")
	}
	if kind, ok := c.g.kinds[adapterAlphaKey]; ok && kind != ggufFloat32 {
		c.fail(adapterAlphaKey, "a 32-bit float")
	}
	c.between(adapterAlphaKey, -maxAlpha, maxAlpha)
	if _, ok := c.g.Values[invocationKey]; ok && c.err == nil {
		c.err = fmt.Errorf("it is an activated LoRA (aLoRA), which is meant to begin to work within a conversation; vlmchat can't do that")
	}
	for _, t := range c.g.Tensors {
		if t.Type >= typeI8 && t.Type <= typeF64 && c.err == nil {
			c.err = fmt.Errorf("the tensor %s has the type %d, and one of 32 bits or fewer for floats is expected", shown(t.Name), t.Type)
		}
	}
}

// The ends of the names of an adapter's two matrices.
const (
	loraA = ".lora_a"
	loraB = ".lora_b"
)

// belongs compares an adapter with the files of a model. Each pair of matrices
// is multiplied, and the product added to a matrix of the model; of token
// embeddings, which are looked up instead, the rows of A are.
func belongs(g *GGUF, parts []*GGUF) error {
	if got, want := g.String("general.architecture"), parts[0].String("general.architecture"); got != want {
		return fmt.Errorf("its architecture is %s, that of the model %s", shown(got), shown(want))
	}
	base := map[string]Tensor{}
	for _, p := range parts {
		for _, t := range p.Tensors {
			base[t.Name] = t
		}
	}
	own := newChecker(g).tensors
	for _, t := range g.Tensors {
		name, isA := strings.CutSuffix(t.Name, loraA)
		if !isA {
			var isB bool
			if name, isB = strings.CutSuffix(t.Name, loraB); !isB {
				if strings.HasSuffix(name, "_norm.weight") {
					continue // which llama.cpp does not use
				}
				return fmt.Errorf("the tensor %s is no part of a LoRA", shown(t.Name))
			}
		}
		a, hasA := own[name+loraA]
		b, hasB := own[name+loraB]
		w, hasW := base[name]
		switch {
		case !hasA || !hasB:
			return fmt.Errorf("of %s it has one matrix of two", shown(name))
		case !hasW:
			return fmt.Errorf("it is about %s, which the model does not have", shown(name))
		case !multiply(a, b, w):
			return fmt.Errorf("for %s, of shape %v, it has the shapes %v and %v", shown(name), w.Dims, a.Dims, b.Dims)
		}
	}
	return nil
}

// multiply reports whether B·A has the shape of W, expert by expert where it is
// a stack of them.
func multiply(a, b, w Tensor) bool {
	ad, bd, wd := four(a), four(b), four(w)
	if !slices.Equal(ad[2:], wd[2:]) || !slices.Equal(bd[2:], wd[2:]) {
		return false
	}
	if strings.HasSuffix(w.Name, "token_embd.weight") {
		return ad[0] == bd[0] && bd[1] == wd[0] && ad[1] == wd[1]
	}
	return ad[1] == bd[0] && ad[0] == wd[0] && bd[1] == wd[1]
}

// four are a tensor's dimensions, as many as C sees.
func four(t Tensor) []uint64 {
	dims := slices.Clone(t.Dims)
	for len(dims) < maxDims {
		dims = append(dims, 1)
	}
	return dims
}
