package main

import (
	"context"
	"image"
	"runtime"
	"time"

	"github.com/charmbracelet/colorprofile"

	"github.com/vlmchat/vlmchat/bench/measure"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/termimg"
)

// previews measures what a decoded photo takes until all is there that shows it in
// 80 columns of a terminal. Nothing compares; kitty's and sixel graphics have a goal.
func (b *bench) previews(ctx context.Context) ([]*measure.Figure, error) {
	photos, err := b.photos(ctx)
	if err != nil {
		return nil, err
	}
	var figures []*measure.Figure
	for _, p := range photos[:2] { // upright, and turned: how they were compressed makes no difference
		picture, err := images.Load(ctx, p.path, images.Limits{})
		if err != nil {
			return figures, err
		}
		for _, method := range []termimg.Method{termimg.Placeholders, termimg.Kitty, termimg.Sixel, termimg.ITerm2, termimg.Blocks} {
			clock := &measure.Figure{Name: p.name + " in " + method.String(), Unit: "ms"}
			if method != termimg.ITerm2 && method != termimg.Blocks {
				clock.Goal = measure.Goal{AtMost: 30, Ours: true}
			}
			figures = append(figures, clock)
			err := b.Repeat(ctx, func(int) error {
				runtime.GC() // what the round before left behind is not this one's
				start := time.Now()
				draw(picture, method)
				clock.Ours = append(clock.Ours, measure.Milliseconds(time.Since(start)))
				return nil
			}, clock)
			if err != nil {
				return figures, err
			}
		}
	}
	return figures, nil
}

// draw makes all that a terminal with cells of 9×18 pixels is written.
func draw(p *images.Picture, method termimg.Method) {
	t := termimg.Terminal{Method: method, Profile: colorprofile.TrueColor, Cell: image.Pt(9, 18)}
	m := termimg.New(p.RGB(), p.Width, p.Height)
	c, r := m.Size(80, p.Height, t)
	id := termimg.NewID(t)
	m.Transmit(c, r, t, id)
	m.Lines(c, r, t, id)
	m.Draw(c, r, termimg.Rows{To: r}, t, id)
}
