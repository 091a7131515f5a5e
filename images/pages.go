package images

import (
	"context"
	"errors"
	"fmt"
	"strconv"
)

// mostPages is how many pages of a document are taken that nobody has chosen.
const mostPages = 10

// pictures decodes those of the pictures in a file that are meant: what was chosen;
// or else of a document all pages, of an animation as many frames as the Loader
// takes, and of anything else the picture.
func (l *Loader) pictures(ctx context.Context, name string, data []byte, chosen selection) ([]*Picture, error) {
	f, err := formatIn(name, data, l.Limits.filled())
	if err != nil {
		return nil, err
	}
	frames, err := l.framesIn(ctx, name, data, f)
	if err != nil {
		return nil, err
	}
	count := len(frames)
	timed := frames[count-1].at > 0
	if !chosen.given() && !f.pages && (count == 1 || timed && l.Frames == 0) {
		if timed {
			note(ctx, "%s: the first of its %d frames is taken; #2 or #t=1s behind the name choose others, --frames takes several", printable(name), count)
		}
		p, err := l.decodeFrame(ctx, name, data, f, 0)
		if err != nil {
			return nil, err
		}
		return []*Picture{p}, nil
	}
	places, err := l.chosen(name, frames, chosen)
	if err != nil {
		return nil, err
	}
	var all []*Picture
	for _, place := range places {
		p, err := l.decodeFrame(ctx, name+"#"+strconv.Itoa(place+1), data, f, place)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

// chosen returns the places of the frames that are meant.
func (l *Loader) chosen(name string, frames []frame, s selection) ([]int, error) {
	count := len(frames)
	timed := frames[count-1].at > 0
	kind := "page"
	switch {
	case timed:
		kind = "frame"
	case count == 1:
		kind = "picture"
	}
	var places []int
	var err error
	switch {
	case len(s.times) > 0 && !timed:
		err = errors.New("there are no moments in it to choose from: nothing in it moves")
	case len(s.times) > 0:
		places, err = s.moments(frames)
	case s.given():
		places, err = s.numbers(count, kind)
	case timed:
		return spread(max(1, l.Frames), count), nil
	case count > mostPages:
		return nil, &Error{Source: name, Reason: TooMany, Detail: fmt.Sprintf("it has %d pages, and more than %d are taken only if they are chosen, such as %s#1-%d", count, mostPages, printable(name), mostPages)}
	default:
		places, err = selection{spans: []span{{1, 0}}}.numbers(count, kind)
	}
	if err != nil {
		return nil, notThere(name, err)
	}
	return places, nil
}
