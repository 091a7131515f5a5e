package clip

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/llamacpp/runtimetest"
	"github.com/vlmchat/vlmchat/models/safetensors"
)

// small is a model that takes no time.
const small = `{"model_type":"clip","projection_dim":8,` +
	`"text_config":{"hidden_size":8,"intermediate_size":16,"num_hidden_layers":1,"num_attention_heads":2,"vocab_size":20,"max_position_embeddings":6,"eos_token_id":18},` +
	`"vision_config":{"hidden_size":8,"intermediate_size":16,"num_hidden_layers":1,"num_attention_heads":2,"image_size":[8,8],"patch_size":4}}`

// folder writes a checkpoint with the tensors that the small model has.
func folder(t *testing.T, config string, change func(map[string][]int), values func(string, []float32)) string {
	t.Helper()
	c, err := parseConfig([]byte(small))
	if err != nil {
		t.Fatal(err)
	}
	tensors := shapes(c)
	if change != nil {
		change(tensors)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "config.json"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	writeWeights(t, dir, tensors, safetensors.F32, values)
	return dir
}

func TestSpace(t *testing.T) {
	t.Parallel()
	c, err := Open(folder(t, small, nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	if s := c.Space(); s.Dimensions != 8 || s.Sigmoid || math.Abs(s.Scale-math.Exp(3)) > 1e-9 {
		t.Errorf("the space is %+v", s)
	}
}

// TestRefused opens checkpoints that can't be used.
func TestRefused(t *testing.T) {
	t.Parallel()
	const layer = "vision_model.encoder.layers.0.self_attn.q_proj.weight"
	with := func(old, new string) string { return strings.Replace(small, old, new, 1) }
	for _, test := range []struct {
		name, config string
		change       func(map[string][]int)
		values       func(string, []float32)
		fails        string
	}{
		{name: "a missing tensor", config: small, change: func(m map[string][]int) { delete(m, layer) }, fails: layer + " is missing"},
		{name: "a wrong shape", config: small, change: func(m map[string][]int) { m[layer] = []int{8, 4} },
			fails: layer + " has the shape [8 4], and by config.json it should have [8 8]"},
		{name: "no scale", config: small, change: func(m map[string][]int) { delete(m, "logit_scale") }, fails: "logit_scale is missing"},
		{name: "several scales", config: small, change: func(m map[string][]int) { m["logit_scale"] = []int{2} }, fails: "not one number"},
		{name: "a scale that is no number", config: small, fails: "logit_scale",
			values: func(name string, v []float32) {
				if name == "logit_scale" {
					v[0] = float32(math.NaN())
				}
			}},
		{name: "no configuration", config: "[]", fails: "not a configuration"},
		{name: "no type", config: "{}", fails: "no model_type; clip, siglip are supported"},
		{name: "another type", config: `{"model_type":"llava"}`, fails: "its model_type is llava; clip, siglip are supported"},
		{name: "one tower", config: `{"model_type":"clip_vision_model"}`, fails: "one tower of two"},
		{name: "pictures of any shape", config: `{"model_type":"siglip2"}`, fails: "NaFlex"},
		{name: "an absurd width", config: with(`"hidden_size":8`, `"hidden_size":1000000000`), fails: "text_config.hidden_size is 1000000000"},
		{name: "no heads", config: with(`"num_attention_heads":2`, `"num_attention_heads":0`), fails: "num_attention_heads is 0"},
		{name: "heads that don't fit", config: with(`"num_attention_heads":2`, `"num_attention_heads":3`), fails: "no multiple of its 3 heads"},
		{name: "no patches", config: with(`"patch_size":4`, `"patch_size":0`), fails: "patch_size is 0"},
		{name: "patches larger than pictures", config: with(`"patch_size":4`, `"patch_size":9`), fails: "patch_size is 9"},
		{name: "too many patches", config: with(`"image_size":[8,8],"patch_size":4`, `"image_size":4096,"patch_size":1`), fails: "patches"},
		{name: "oblong pictures", config: with(`[8,8]`, `[8,9]`), fails: "not the size of a square"},
		{name: "layers without end", config: with(`"num_hidden_layers":1`, `"num_hidden_layers":100000`), fails: "num_hidden_layers is 100000"},
		{name: "a strange activation", config: with(`"vocab_size":20`, `"vocab_size":20,"hidden_act":"mish"`), fails: `hidden_act is "mish"`},
		{name: "a word for a number", config: with(`"vocab_size":20`, `"vocab_size":"many"`), fails: "text_config can't be understood"},
	} {
		_, err := Open(folder(t, test.config, test.change, test.values))
		var e *engine.Error
		if !errors.As(err, &e) || e.Kind != engine.ModelInvalid || !strings.Contains(e.Message, test.fails) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	if _, err := Open(t.TempDir()); engine.KindOf(err) != engine.ModelNotFound {
		t.Errorf("an empty folder: %v", err)
	}
	dir := folder(t, small, nil, nil)
	if err := os.Rename(filepath.Join(dir, "model.safetensors"), filepath.Join(dir, "other")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "pytorch_model.bin"), []byte("PK\x03\x04"), 0o600); err != nil {
		t.Fatal(err)
	}
	var e *engine.Error
	if _, err := Open(dir); !errors.As(err, &e) || !strings.Contains(e.Message, "runs whatever code") || !strings.Contains(e.Hint, "save_pretrained") {
		t.Errorf("a pickled checkpoint: %v", err)
	}
}

// TestOldConfig reads a configuration as files from 2022 have it.
func TestOldConfig(t *testing.T) {
	t.Parallel()
	var file map[string]json.RawMessage
	if err := json.Unmarshal([]byte(small), &file); err != nil {
		t.Fatal(err)
	}
	file["text_config_dict"], file["text_config"] = file["text_config"], json.RawMessage(`{"hidden_size":12}`)
	file["vision_config_dict"] = json.RawMessage("null")
	old, err := json.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	c, err := parseConfig(old)
	if err != nil || c.Text.Width != 8 || c.Vision.Width != 8 {
		t.Errorf("%+v: %v", c, err)
	}
}

// FuzzConfig looks whether a configuration that is accepted has towers of a size that can
// be dealt with.
func FuzzConfig(f *testing.F) {
	f.Add([]byte(small))
	f.Add([]byte(`{"model_type":"siglip","vision_config":{"image_size":[224,224],"vision_use_head":true}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := parseConfig(data)
		if err != nil {
			return
		}
		if p := c.Vision.Patches(); p < 1 || p > 1<<12 || c.Text.Width%c.Text.Heads != 0 || c.Dimensions < 1 {
			t.Errorf("%+v", c)
		}
	})
}

// TestDamage computes with weights that are no numbers.
func TestDamage(t *testing.T) {
	t.Parallel()
	lib := runtimetest.Library(t)
	c, err := Open(folder(t, small, nil, func(name string, v []float32) {
		if strings.Contains(name, "layers.0.mlp.fc1.weight") {
			v[3] = float32(math.NaN())
		}
	}))
	if err != nil {
		t.Fatal(err)
	}
	m := load(t, lib, c, nil)
	_, err = m.Pictures(context.Background(), [][]byte{make([]byte, 3*8*8)})
	var e *engine.Error
	if !errors.As(err, &e) || e.Kind != engine.ModelInvalid || !strings.Contains(e.Message, c.Space().Model) {
		t.Errorf("a picture: %v", err)
	}
	if _, err = m.Texts(context.Background(), [][]int32{{17, 1, 18}}); engine.KindOf(err) != engine.ModelInvalid {
		t.Errorf("a text: %v", err)
	}
}

// TestWrongInput gives a model what the client should not have sent, and then what it
// should.
func TestWrongInput(t *testing.T) {
	t.Parallel()
	c, err := Open(folder(t, small, nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	m := load(t, runtimetest.Library(t), c, nil)
	ctx := context.Background()
	if _, err := m.Pictures(ctx, [][]byte{make([]byte, 3)}); err == nil {
		t.Error("a picture of one pixel was encoded")
	}
	for _, tokens := range [][]int32{{}, {1, 2, 3, 4, 5, 6, 7}, {-1}, {20}} {
		if _, err := m.Texts(ctx, [][]int32{tokens}); err == nil {
			t.Errorf("the tokens %v were encoded", tokens)
		}
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := m.Pictures(ended, [][]byte{make([]byte, 3*8*8)}); !errors.Is(err, context.Canceled) {
		t.Errorf("encoding after the end: %v", err)
	}
	m.SetThreads(2)
	if _, err := m.Texts(ctx, [][]int32{{17, 1, 18}, {17, 18}}); err != nil {
		t.Error(err)
	}
}
