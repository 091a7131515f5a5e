package openai

import (
	"context"
	"fmt"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/remote"
	"github.com/vlmchat/vlmchat/images"
)

var _ engine.PictureTaker = (*Engine)(nil)

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
	return pictureMark + p.Picture.SHA256, nil
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
	case err == nil && f.vision == blind:
		return notVision(f.id, e.base.Host)
	}
	return nil
}
