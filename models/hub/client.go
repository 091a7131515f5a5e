package hub

import (
	"context"
	"errors"
	"iter"

	"github.com/vlmchat/vlmchat/engine"
)

// Options are how models are fetched. The variables of Hugging Face's programs say the rest:
// HF_TOKEN, HF_ENDPOINT, HF_HUB_OFFLINE, HF_HUB_CACHE, HF_HOME and those like them.
type Options struct {
	Projector   string // the projector's file in the repository, or its quantisation; "" chooses
	Connections int    // at once for a file; 0 chooses
	Cache       string // the cache's folder; "" is CacheDir()
}

// Client fetches models from the hub.
type Client struct{ options Options }

// NewClient makes a client. Nobody is asked yet.
func NewClient(o Options) (*Client, error) { return &Client{o}, nil }

// Select asks the hub which files of a repository make the model of that name. None is fetched.
func (c *Client) Select(ctx context.Context, n Name) (Selection, error) {
	return Selection{}, errors.New("not yet")
}

// Pull brings a model into the cache. What is there already is used, and what was begun is
// gone on with. The sequence ends after all is there, the last event with Done equal to Total,
// or after the first error; leaving it stops the transfer, and what has come is kept.
func (c *Client) Pull(ctx context.Context, n Name) iter.Seq2[engine.PullProgress, error] {
	return func(yield func(engine.PullProgress, error) bool) { yield(engine.PullProgress{}, errors.New("not yet")) }
}
