package ollama

import (
	"context"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/remote"
	"github.com/vlmchat/vlmchat/images"
)

var _ engine.PictureTaker = (*Engine)(nil)

// pictures says how pictures are sent to the server. Ollama documents no limits;
// its llama.cpp reads no WebP.
func (e *Engine) pictures() remote.Pictures {
	return remote.Pictures{Host: e.base.Host, MaxPixels: e.opt.MaxPixels}
}

// lookingUp is how long a picture waits for what the server tells of the model.
const lookingUp = 5 * time.Second

// TakePicture prepares a picture, and asks the server whether the model can see.
// A server that does not tell in time, or can't be asked, will tell when it is
// sent the picture.
func (e *Engine) TakePicture(ctx context.Context, p *images.Picture, earlier []*images.Picture) error {
	if err := e.pictures().Check(append(earlier[:len(earlier):len(earlier)], p), 0); err != nil {
		return err
	}
	asking, cancel := context.WithTimeout(ctx, lookingUp)
	defer cancel()
	f, err := e.lookUp(asking)
	switch {
	case ctx.Err() != nil:
		return remote.Stopped(ctx)
	case engine.KindOf(err) == engine.NotVision: // none of its models can
		return err
	case err == nil && !f.vision:
		return e.notVision(f.name)
	}
	return nil
}
