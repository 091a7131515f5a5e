package clip

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vlmchat/vlmchat/engine/transformer"
)

// Config is what a checkpoint's config.json says, as far as it decides what is computed.
// What a file leaves out has the value that transformers gives it.
type Config struct {
	Type       string // "clip" or "siglip"
	Dimensions int    // of the vectors
	Text       TextConfig
	Vision     VisionConfig
}

// TowerConfig is what both towers have.
type TowerConfig struct {
	Width        int     `json:"hidden_size"`
	Intermediate int     `json:"intermediate_size"`
	Layers       int     `json:"num_hidden_layers"`
	Heads        int     `json:"num_attention_heads"`
	Activation   string  `json:"hidden_act"`
	Epsilon      float64 `json:"layer_norm_eps"`
}

// TextConfig describes the tower for texts.
type TextConfig struct {
	TowerConfig
	Vocabulary int  `json:"vocab_size"`
	Length     int  `json:"max_position_embeddings"` // in tokens, at most
	Padding    *int `json:"pad_token_id"`
	End        *int `json:"eos_token_id"`
	Projection int  `json:"projection_size"` // SigLIP's; 0 for the width
}

// VisionConfig describes the tower for pictures.
type VisionConfig struct {
	TowerConfig
	Size     side  `json:"image_size"` // of a picture, in pixels
	Patch    side  `json:"patch_size"`
	Channels int   `json:"num_channels"`
	Head     *bool `json:"vision_use_head"` // SigLIP's attention that pools
}

// side is the side of a square, which a file may write as a pair.
type side int

// UnmarshalJSON reads a number, or two that are the same.
func (s *side) UnmarshalJSON(data []byte) error {
	if !bytes.HasPrefix(data, []byte("[")) {
		return json.Unmarshal(data, (*int)(s))
	}
	var both []int
	if err := json.Unmarshal(data, &both); err != nil {
		return err
	}
	if len(both) != 2 || both[0] != both[1] {
		return fmt.Errorf("%v is not the size of a square, and others are not supported", both)
	}
	*s = side(both[0])
	return nil
}

// Patches is how many patches a picture has.
func (v VisionConfig) Patches() int { return int(v.Size/v.Patch) * int(v.Size/v.Patch) }

// ends of texts that configurations have when they say nothing.
const (
	usualPadding = 1
	usualEnd     = 49407
)

// families are the model types that are known, each with what its files may leave out.
var families = map[string]Config{
	"clip": {
		Dimensions: 512,
		Text: TextConfig{
			TowerConfig: TowerConfig{Width: 512, Intermediate: 2048, Layers: 12, Heads: 8, Activation: "quick_gelu", Epsilon: 1e-5},
			Vocabulary:  49408, Length: 77,
		},
		Vision: VisionConfig{
			TowerConfig: TowerConfig{Width: 768, Intermediate: 3072, Layers: 12, Heads: 12, Activation: "quick_gelu", Epsilon: 1e-5},
			Size:        224, Patch: 32, Channels: 3,
		},
	},
	"siglip": {
		Text: TextConfig{
			TowerConfig: TowerConfig{Width: 768, Intermediate: 3072, Layers: 12, Heads: 12, Activation: "gelu_pytorch_tanh", Epsilon: 1e-6},
			Vocabulary:  32000, Length: 64,
		},
		Vision: VisionConfig{
			TowerConfig: TowerConfig{Width: 768, Intermediate: 3072, Layers: 12, Heads: 12, Activation: "gelu_pytorch_tanh", Epsilon: 1e-6},
			Size:        224, Patch: 16, Channels: 3,
		},
	},
}

// parseConfig reads a config.json.
func parseConfig(data []byte) (Config, error) {
	var file struct {
		Type       string          `json:"model_type"`
		Dimensions *int            `json:"projection_dim"`
		Text       json.RawMessage `json:"text_config"`
		Vision     json.RawMessage `json:"vision_config"`
		// Where files from 2022 have these, they are what counts.
		OldText   json.RawMessage `json:"text_config_dict"`
		OldVision json.RawMessage `json:"vision_config_dict"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return Config{}, fmt.Errorf("it is not a configuration: %w", err)
	}
	c, ok := families[file.Type]
	if !ok {
		return Config{}, unknownType(file.Type)
	}
	c.Type = file.Type
	if file.Dimensions != nil {
		c.Dimensions = *file.Dimensions
	}
	for _, part := range []struct {
		name     string
		now, old json.RawMessage
		into     any
	}{{"text_config", file.Text, file.OldText, &c.Text}, {"vision_config", file.Vision, file.OldVision, &c.Vision}} {
		text := part.now
		if given(part.old) {
			text = part.old
		}
		if !given(text) {
			continue
		}
		if err := json.Unmarshal(text, part.into); err != nil {
			return Config{}, fmt.Errorf("its %s can't be understood: %w", part.name, err)
		}
	}
	if c.Type == "siglip" {
		if c.Text.Projection == 0 {
			c.Text.Projection = c.Text.Width
		}
		c.Dimensions = c.Vision.Width
		if c.Text.Projection != c.Dimensions {
			return Config{}, fmt.Errorf("its vectors of texts have %d dimensions, and those of pictures %d", c.Text.Projection, c.Dimensions)
		}
	}
	return c, c.check()
}

func given(value json.RawMessage) bool { return len(value) > 0 && string(value) != "null" }

// unknownType says what a model is that is none of the families.
func unknownType(name string) error {
	known := strings.Join(slices.Sorted(maps.Keys(families)), ", ")
	switch {
	case name == "":
		return fmt.Errorf("it has no model_type; %s are supported", known)
	case name == "siglip2":
		return fmt.Errorf("it is a SigLIP 2 model that takes pictures of any shape (NaFlex), which is not supported; those of a fixed size have the model_type siglip")
	case strings.HasSuffix(name, "_vision_model") || strings.HasSuffix(name, "_text_model"):
		return fmt.Errorf("its model_type is %s, one tower of two; a checkpoint with both is needed", name)
	}
	return fmt.Errorf("its model_type is %s; %s are supported", name, known)
}

// check looks whether the numbers make a model. The bounds are some ten times what the
// largest published models have.
func (c Config) check() error {
	type number struct {
		name  string
		value int
		most  int
	}
	const widest, most = 1 << 14, 1 << 12
	numbers := []number{
		{"projection_dim", c.Dimensions, widest},
		{"text_config.vocab_size", c.Text.Vocabulary, 1 << 22},
		{"text_config.max_position_embeddings", c.Text.Length, most},
		{"vision_config.image_size", int(c.Vision.Size), most},
		{"vision_config.patch_size", int(c.Vision.Patch), int(c.Vision.Size)},
	}
	for tower, t := range map[string]TowerConfig{"text_config": c.Text.TowerConfig, "vision_config": c.Vision.TowerConfig} {
		numbers = append(numbers,
			number{tower + ".hidden_size", t.Width, widest},
			number{tower + ".intermediate_size", t.Intermediate, 4 * widest},
			number{tower + ".num_hidden_layers", t.Layers, 256},
			number{tower + ".num_attention_heads", t.Heads, 256},
		)
		if t.Heads > 0 && t.Width%t.Heads != 0 {
			return fmt.Errorf("its %s.hidden_size of %d is no multiple of its %d heads", tower, t.Width, t.Heads)
		}
		if transformer.Activations[t.Activation] == nil {
			return fmt.Errorf("its %s.hidden_act is %q; %s are supported", tower, t.Activation,
				strings.Join(slices.Sorted(maps.Keys(transformer.Activations)), ", "))
		}
		if !(t.Epsilon >= 0 && t.Epsilon < 1) {
			return fmt.Errorf("its %s.layer_norm_eps is %g", tower, t.Epsilon)
		}
	}
	for _, n := range numbers {
		if n.value < 1 || n.value > n.most {
			return fmt.Errorf("its %s is %d, where 1 to %d are possible", n.name, n.value, n.most)
		}
	}
	if c.Vision.Patches() > most {
		return fmt.Errorf("it cuts pictures into %d patches, and %d are the most", c.Vision.Patches(), most)
	}
	if c.Vision.Channels != 3 {
		return fmt.Errorf("it takes pictures of %d channels, and 3 are supported", c.Vision.Channels)
	}
	if c.Vision.Head != nil && !*c.Vision.Head {
		return fmt.Errorf("its vision_use_head is false: such a model makes no vector of a picture")
	}
	return nil
}
