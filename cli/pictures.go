package cli

import (
	"context"

	"github.com/vlmchat/vlmchat/images"
)

// pictures reads all that were named, or none: a picture is never left out.
func (a *app) pictures(ctx context.Context, sources []string) ([]*images.Picture, error) {
	var pictures []*images.Picture
	fromStdin := false
	for _, source := range sources {
		if source != "-" {
			p, err := images.Load(ctx, source, images.Limits{})
			if err != nil {
				return nil, err
			}
			pictures = append(pictures, p)
			continue
		}
		if fromStdin {
			return nil, usagef("standard input (-) holds one picture only")
		}
		fromStdin = true
		p, err := images.LoadFrom("standard input", a.stdin, images.Limits{})
		if err != nil {
			return nil, err
		}
		pictures = append(pictures, p)
	}
	return pictures, nil
}
