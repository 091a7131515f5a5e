package hub

import (
	"context"

	"github.com/vlmchat/vlmchat/engine"
)

// Select asks the hub which files of a repository make the model of that name. None is fetched.
func (c *Client) Select(ctx context.Context, n Name) (Selection, error) {
	return c.selects(ctx, n, func(string) {})
}

// selects is Select, and tells what it waits for.
func (c *Client) selects(ctx context.Context, n Name, said func(string)) (Selection, error) {
	n, err := checkName(n)
	if err != nil {
		return Selection{}, &engine.Error{Kind: engine.ModelNotFound, Message: err.Error()}
	}
	if variable := offline(); variable != "" {
		return Selection{}, forbidden(n.String()+" is to be looked up", variable)
	}
	commit, files, err := c.list(ctx, n, said)
	if err != nil {
		return Selection{}, err
	}
	s := Selection{Name: n, Commit: commit}
	if n.Variant == "" && c.projector == "" && len(groupModels(files)) == 0 {
		if encoder := checkpointFiles(files); len(encoder) > 0 {
			is, err := c.isEncoder(ctx, s, said)
			if err != nil {
				return Selection{}, err
			}
			if is {
				s.Checkpoint = encoder
				return s, nil
			}
		}
	}
	g, err := choose(n, files)
	if err != nil {
		return Selection{}, err
	}
	s.Name = variantOf(n, g, files)
	s.Model, s.Quantization = g.files, g.name.quant
	s.Projector, err = chooseProjector(n, g, files, c.projector)
	return s, err
}
