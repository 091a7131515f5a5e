package ui

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/sessions"
	"github.com/vlmchat/vlmchat/termimg"
)

// Where conversations are chosen their pictures are seen small. What is drawn is kept
// beside the pictures: a camera's would take a second to decode, each time.

// thumbnails is a command that makes those of pictures that were just kept, one after the
// other.
func (m *model) thumbnails(shots []*shot) tea.Cmd {
	if len(shots) == 0 {
		return nil
	}
	k, ctx := m.keeper, m.ctx
	return func() tea.Msg {
		if k.settle() != nil {
			return nil // nothing is kept; who writes it tells
		}
		_ = k.look(func(s *sessions.Store) error {
			for _, shot := range shots {
				if _, err := thumbnail(ctx, s, shot.picture); err != nil {
					return err // it is tried again when it is looked at
				}
			}
			return nil
		})
		return nil
	}
}

// thumbnail returns the thumbnail of a picture that is kept, and makes it if there is none.
func thumbnail(ctx context.Context, s *sessions.Store, p *images.Picture) ([]byte, error) {
	if data, err := s.Thumbnail(p.SHA256); err == nil {
		return data, nil
	}
	if err := p.Load(ctx); err != nil {
		return nil, err
	}
	data, err := p.Thumbnail()
	if err == nil {
		_ = s.SaveThumbnail(ctx, p.SHA256, data) // it can be made again
	}
	return data, err
}

// small gives a shot the image of its picture's thumbnail.
func (s *shot) small(ctx context.Context, store *sessions.Store) {
	data, err := thumbnail(ctx, store, s.picture)
	if err != nil {
		s.lost = err.Error()
		return
	}
	p, err := images.Decode(s.name, data, images.Limits{})
	if err != nil {
		s.lost = err.Error()
		return
	}
	s.image = termimg.New(p.RGB(), p.Width, p.Height)
}
