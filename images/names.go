package images

import (
	"context"
	"fmt"
	"iter"
	"os"
	"strconv"
)

// Names returns the pictures that a source on this machine means, each by a source of its
// own, in their order: all pages of a document, however many, the frames that are chosen or
// that Load would take of an animation or a video. None is decoded.
func (l *Loader) Names(ctx context.Context, source string) ([]string, error) {
	var all []string
	for name, err := range l.Each(ctx, source) {
		if err != nil {
			return nil, err
		}
		all = append(all, name)
	}
	return all, nil
}

// Each is Names for who goes through any number of files: one is looked into no sooner than
// its turn comes, and what is wrong with it comes with its name and ends nothing. What is no
// file here, or can be read but once, as a pipe, is named as it is.
func (l *Loader) Each(ctx context.Context, source string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if source == "-" || IsURL(source) {
			yield(source, nil)
			return
		}
		files, err := locate(ctx, source)
		if err != nil {
			yield(source, err)
			return
		}
		var leftOut []string
		for _, f := range files {
			names, err := l.namesIn(ctx, f)
			switch {
			case f.leftOut(err):
				leftOut = append(leftOut, printable(f.name))
				continue
			case err != nil:
				names = []string{f.name}
			}
			for _, name := range names {
				if !yield(name, err) {
					return
				}
			}
		}
		if err := tellLeftOut(ctx, source, leftOut, len(files)); err != nil {
			yield(source, err)
		}
	}
}

func (l *Loader) namesIn(ctx context.Context, f file) ([]string, error) {
	done, err := l.turn(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", printable(f.name), err)
	}
	defer done()
	if info, err := os.Stat(f.path); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return []string{f.name}, nil
	}
	if isVideo(f.path) {
		return l.momentsIn(ctx, f)
	}
	data, err := readFile(ctx, f.name, f.path, l.Limits.filled())
	if err != nil {
		return nil, err
	}
	kind, err := formatIn(f.name, data, l.Limits.filled())
	if err != nil {
		return nil, err
	}
	frames, err := l.framesIn(ctx, f.name, data, kind)
	if err != nil {
		return nil, err
	}
	count := len(frames)
	timed := frames[count-1].at > 0
	if !f.given() && !kind.pages && (count == 1 || timed && l.Frames == 0) {
		return []string{f.name}, nil
	}
	places := make([]int, count)
	for i := range places {
		places[i] = i
	}
	if f.given() || timed {
		if places, err = l.chosen(f.name, frames, f.selection); err != nil {
			return nil, err
		}
	}
	var names []string
	for _, place := range places {
		names = append(names, f.name+"#"+strconv.Itoa(place+1))
	}
	return names, nil
}
