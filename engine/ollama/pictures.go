package ollama

import (
	"context"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/remote"
	"github.com/vlmchat/vlmchat/images"
)

var (
	_ engine.PictureTaker = (*Engine)(nil)
	_ engine.Seer         = (*Engine)(nil)
)

// pictures says how pictures are sent to the server. Ollama documents no limits;
// its llama.cpp reads no WebP.
func (e *Engine) pictures() remote.Pictures {
	return remote.Pictures{Host: e.base.Host, MaxPixels: e.opt.MaxPixels}
}

// TakePicture prepares a picture, and asks the server whether the model can see.
func (e *Engine) TakePicture(ctx context.Context, p *images.Picture, earlier []*images.Picture) error {
	return e.pictures().Take(ctx, p, earlier, func(ctx context.Context) error {
		f, err := e.lookUp(ctx)
		if err == nil && !f.vision {
			err = e.notVision(f.name)
		}
		return err
	})
}

// See returns what the server gets of a picture. Nothing is sent.
func (e *Engine) See(_ context.Context, p *images.Picture) (engine.Sight, error) {
	return e.pictures().See(p)
}
