package safetensors

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// readIndex reads which tensors each shard of a checkpoint has. Shards lie beside
// the index.
func readIndex(path string) (map[string][]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxHeader+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxHeader {
		return nil, fmt.Errorf("%s is larger than %d bytes, which no index of weights is", path, maxHeader)
	}
	var index struct {
		Shards map[string]string `json:"weight_map"`
	}
	if err := json.Unmarshal(data, &index); err != nil {
		return nil, fmt.Errorf("%s is not an index of weights: %w", path, err)
	}
	if len(index.Shards) == 0 {
		return nil, fmt.Errorf("%s names no weights", path)
	}
	shards := map[string][]string{}
	for tensor, name := range index.Shards {
		if name == "" || name != filepath.Base(name) || !filepath.IsLocal(name) {
			return nil, fmt.Errorf("%s names the file %q, which does not lie beside it", path, name)
		}
		shards[name] = append(shards[name], tensor)
	}
	return shards, nil
}
