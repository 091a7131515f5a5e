package clip

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/vlmchat/vlmchat/engine/llamacpp/runtimetest"
	"github.com/vlmchat/vlmchat/models/safetensors"
)

// BenchmarkPicture encodes pictures with towers of the shapes that are published, by one
// thread.
func BenchmarkPicture(b *testing.B) {
	lib := runtimetest.Library(b)
	for _, shape := range []struct {
		name, config string
		kinds        []safetensors.Type
	}{
		{"ViT-B-32", `{"model_type":"clip","text_config":{"num_hidden_layers":1,"vocab_size":100}}`,
			[]safetensors.Type{safetensors.F32, safetensors.F16, safetensors.BF16}},
		{"SigLIP-B-16", `{"model_type":"siglip","text_config":{"num_hidden_layers":1,"vocab_size":100}}`,
			[]safetensors.Type{safetensors.F16}},
	} {
		for _, kind := range shape.kinds {
			b.Run(shape.name+"/"+string(kind), func(b *testing.B) {
				config, err := parseConfig([]byte(shape.config))
				if err != nil {
					b.Fatal(err)
				}
				m := load(b, lib, checkpoint(b, reference{Config: json.RawMessage(shape.config), Tensors: shapes(config)}, kind), nil)
				picture := [][]byte{randomPicture("bench", 0, int(config.Vision.Size))}
				for b.Loop() {
					if _, err := m.Pictures(context.Background(), picture); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// shapes are the tensors of a checkpoint.
func shapes(c Config) map[string][]int {
	v, w, d := c.Vision, c.Text, c.Dimensions
	patch := int(v.Patch)
	tensors := map[string][]int{
		"logit_scale": {},
		"text_model.embeddings.token_embedding.weight":      {w.Vocabulary, w.Width},
		"text_model.embeddings.position_embedding.weight":   {w.Length, w.Width},
		"text_model.final_layer_norm.weight":                {w.Width},
		"text_model.final_layer_norm.bias":                  {w.Width},
		"vision_model.embeddings.patch_embedding.weight":    {v.Width, 3, patch, patch},
		"vision_model.embeddings.position_embedding.weight": {v.Patches(), v.Width},
		"vision_model.post_layernorm.weight":                {v.Width},
		"vision_model.post_layernorm.bias":                  {v.Width},
	}
	add := func(name string, out, in int) {
		tensors[name+".weight"], tensors[name+".bias"] = []int{out, in}, []int{out}
	}
	norm := func(name string, n int) { tensors[name+".weight"], tensors[name+".bias"] = []int{n}, []int{n} }
	if c.Type == "clip" {
		tensors["vision_model.embeddings.position_embedding.weight"][0]++
		tensors["vision_model.embeddings.class_embedding"] = []int{v.Width}
		norm("vision_model.pre_layrnorm", v.Width)
		tensors["visual_projection.weight"], tensors["text_projection.weight"] = []int{d, v.Width}, []int{d, w.Width}
	} else {
		tensors["vision_model.embeddings.patch_embedding.bias"] = []int{v.Width}
		tensors["logit_scale"], tensors["logit_bias"] = []int{1}, []int{1}
		add("text_model.head", d, w.Width)
		tensors["vision_model.head.probe"] = []int{1, 1, v.Width}
		tensors["vision_model.head.attention.in_proj_weight"] = []int{3 * v.Width, v.Width}
		tensors["vision_model.head.attention.in_proj_bias"] = []int{3 * v.Width}
		add("vision_model.head.attention.out_proj", v.Width, v.Width)
		norm("vision_model.head.layernorm", v.Width)
		add("vision_model.head.mlp.fc1", v.Intermediate, v.Width)
		add("vision_model.head.mlp.fc2", v.Width, v.Intermediate)
	}
	for tower, t := range map[string]TowerConfig{"text_model": w.TowerConfig, "vision_model": v.TowerConfig} {
		for i := range t.Layers {
			name := fmt.Sprintf("%s.encoder.layers.%d.", tower, i)
			for _, part := range []string{"q_proj", "k_proj", "v_proj", "out_proj"} {
				add(name+"self_attn."+part, t.Width, t.Width)
			}
			norm(name+"layer_norm1", t.Width)
			norm(name+"layer_norm2", t.Width)
			add(name+"mlp.fc1", t.Intermediate, t.Width)
			add(name+"mlp.fc2", t.Width, t.Intermediate)
		}
	}
	return tensors
}
