package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/termtext"
)

// showAsSeen draws what a model gets of pictures, each view that it looks at, with
// the tokens that it takes.
func (a *app) showAsSeen(ctx context.Context, pictures []*images.Picture, flags showFlags) error {
	e, notice, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer e.Close()
	status := newStatus(a.stderr)
	if notice != "" {
		status.note(notice)
	}
	seer, ok := e.(engine.Seer)
	if !ok {
		return &engine.Error{Kind: engine.BadOption, Message: "this engine does not tell what its model gets of a picture", Hint: "the native engine does"}
	}
	if err := status.load(ctx, e); err != nil {
		return err
	}
	var all []exhibit
	for i, p := range pictures {
		status.show(engine.Event{Kind: engine.Encode, Picture: i})
		sight, err := seer.See(ctx, p)
		status.clear()
		if err != nil {
			return err
		}
		for i, v := range sight.Views {
			all = append(all, exhibit{v.RGB, v.Width, v.Height, termtext.Line(viewCaption(p, sight, i))})
		}
	}
	return a.exhibit(ctx, all, flags)
}

// viewCaption says which view of a picture it is, and what the picture costs.
func viewCaption(p *images.Picture, s engine.Sight, number int) string {
	v := s.Views[number]
	words := []string{p.Source}
	if len(s.Views) > 1 {
		words = append(words, fmt.Sprintf("view %d of %d", number+1, len(s.Views)))
	}
	words = append(words, fmt.Sprintf("%d×%d", v.Width, v.Height))
	switch {
	case s.Server != "":
		words = append(words, fmt.Sprintf("goes to %s as %s of %.1f kB, and is prepared there", s.Server, strings.ToUpper(v.Format), float64(v.Bytes)/1000))
	case len(s.Views) > 1:
		words = append(words, fmt.Sprintf("%d of %d picture tokens", v.Tokens, s.Tokens))
	default:
		words = append(words, fmt.Sprintf("%d picture tokens", s.Tokens))
	}
	return strings.Join(words, " · ")
}
