package hub

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
)

// Encoders (CLIP, SigLIP) are published as transformers writes them: a config.json that says
// which kind it is, weights, and what pictures and texts are made ready with.

// EncoderTypes are the model types of encoders that can be used, as a config.json names them.
var EncoderTypes = []string{"clip", "siglip"}

// configFile is what every checkpoint has.
const configFile = "config.json"

// besideWeights are the files that an encoder is read with, apart from its weights.
var besideWeights = []string{
	configFile, "preprocessor_config.json", "processor_config.json", "tokenizer.json", "vocab.json", "merges.txt",
	"tokenizer_config.json", "special_tokens_map.json",
}

// weightsIndex names the parts of weights that are split.
const weightsIndex = "model.safetensors.index.json"

// checkpointFiles are those of a repository that make an encoder, if its config.json says
// that it is one; nothing where it has no weights that can be read without running code.
func checkpointFiles(files []File) []File {
	var found []File
	weights := false
	single := slices.ContainsFunc(files, func(f File) bool { return f.Path == "model.safetensors" })
	for _, f := range files {
		switch {
		case slices.Contains(besideWeights, f.Path):
			found = append(found, f)
		case f.Path == "model.safetensors", !single && isShard(f.Path):
			weights = true
			found = append(found, f)
		case !single && f.Path == weightsIndex:
			found = append(found, f)
		}
	}
	if !weights || !slices.ContainsFunc(found, func(f File) bool { return f.Path == configFile }) {
		return nil
	}
	return found
}

// isShard reports whether a file is a part of weights: model-00001-of-00002.safetensors.
func isShard(path string) bool {
	stem, ok := strings.CutSuffix(path, ".safetensors")
	return ok && strings.HasPrefix(path, "model-") && splitEnding().MatchString(stem)
}

// isEncoder asks which kind of model a repository's config.json is of.
func (c *Client) isEncoder(ctx context.Context, s Selection, said func(string)) (bool, error) {
	body, _, err := c.ask(ctx, s.Name, c.fileAddress(s, configFile), said)
	if err != nil {
		return false, err
	}
	var config struct {
		Type string `json:"model_type"`
	}
	return json.Unmarshal(body, &config) == nil && slices.Contains(EncoderTypes, config.Type), nil
}
