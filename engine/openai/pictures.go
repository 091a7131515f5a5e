package openai

import (
	"context"
	"fmt"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/remote"
	"github.com/vlmchat/vlmchat/images"
)

var (
	_ engine.PictureTaker = (*Engine)(nil)
	_ engine.Seer         = (*Engine)(nil)
)

// pictures says how pictures are sent to this server. Only public services have
// limits that are known.
func (e *Engine) pictures() remote.Pictures {
	kind := publicServer(e.base.Host)
	if e.opt.APIVersion != "" {
		kind = azure
	}
	s := remote.Pictures{Host: e.base.Host, MaxPixels: e.opt.MaxPixels}
	if kind != nil {
		s.PictureLimits = remote.Limits(kind.name)
	}
	return s
}

// imageURL is where the server finds the picture of a part: in the request itself,
// where its mark is, but for one that it is to fetch.
func imageURL(role engine.Role, p engine.Part) (string, error) {
	if role != engine.User {
		source := "a picture by its URL"
		if p.Picture != nil {
			source = p.Picture.Source
		}
		return "", &engine.Error{
			Kind:    engine.BadPicture,
			Message: fmt.Sprintf("%s: the OpenAI API takes pictures in a user's message only, not in one of role %q", source, role),
		}
	}
	if p.Picture == nil {
		return p.URL, nil
	}
	return pictureMark() + p.Picture.SHA256, nil
}

// TakePicture prepares a picture, and asks the server whether the model can see.
func (e *Engine) TakePicture(ctx context.Context, p *images.Picture, earlier []*images.Picture) error {
	return e.pictures().Take(ctx, p, earlier, func(ctx context.Context) error {
		f, err := e.lookUp(ctx)
		if err == nil && f.vision == blind {
			err = notVision(f.id, e.base.Host)
		}
		return err
	})
}

// See returns what the server gets of a picture. Nothing is sent.
func (e *Engine) See(_ context.Context, p *images.Picture) (engine.Sight, error) {
	return e.pictures().See(p)
}
