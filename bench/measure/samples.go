package measure

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/vlmchat/vlmchat/images"
)

// Describe is the first question about a picture.
const Describe = "Describe this image."

// SamplePictures loads the pictures that the samples' questions are about, each
// once, in their order.
func SamplePictures(ctx context.Context) ([]*images.Picture, error) {
	paths, err := SamplePaths()
	if err != nil {
		return nil, err
	}
	var pics []*images.Picture
	for _, path := range paths {
		p, err := images.Load(ctx, path, images.Limits{})
		if err != nil {
			return nil, err
		}
		pics = append(pics, p)
	}
	return pics, nil
}

// SamplePaths are the files of SamplePictures.
func SamplePaths() ([]string, error) {
	f, err := os.Open(filepath.Join(Samples, "vqa.jsonl"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var paths []string
	for d := json.NewDecoder(f); d.More(); {
		var q struct{ Image string }
		if err := d.Decode(&q); err != nil {
			return nil, err
		}
		if path := filepath.Join(Samples, q.Image); len(paths) == 0 || paths[len(paths)-1] != path {
			paths = append(paths, path)
		}
	}
	return paths, nil
}
