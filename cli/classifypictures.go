package cli

import (
	"context"
	"runtime"
	"sync"

	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/tasks"
	"github.com/vlmchat/vlmchat/termtext"
)

// pictureRead is what came of reading one name of pictures.
type pictureRead struct {
	name     string
	pictures []*images.Picture
	err      error
	notes    []string // what a person should know of them
}

// image is what is known of a picture that could not be read.
func (r pictureRead) image() tasks.Image { return tasks.Image{Source: shownSource(r.name)} }

// shownSource is a picture's name without the keys that an address may have.
func shownSource(name string) string {
	if images.IsURL(name) {
		return images.ShownURL(name)
	}
	return name
}

// imageOf is a picture as programs are told of it.
func imageOf(p *images.Picture) tasks.Image {
	return tasks.Image{Source: p.Source, SHA256: p.SHA256, Format: p.Format, Width: p.Width, Height: p.Height}
}

// readEach reads the pictures that sources mean, a few ahead of who takes them, and hands
// them out in their order. It ends early when ctx does.
func (a *app) readEach(ctx context.Context, sources []string, clipboard bool) <-chan chan pictureRead {
	queue := make(chan chan pictureRead, runtime.GOMAXPROCS(0))
	begin := func(name string, read func(context.Context) ([]*images.Picture, error)) bool {
		one := make(chan pictureRead, 1)
		select {
		case queue <- one:
		case <-ctx.Done():
			return false
		}
		go func() {
			r := pictureRead{name: name}
			var mu sync.Mutex
			listening := images.Listen(ctx, images.Listener{Note: func(text string) {
				mu.Lock()
				defer mu.Unlock()
				r.notes = append(r.notes, termtext.Line(text))
			}})
			r.pictures, r.err = read(listening)
			one <- r
		}()
		return true
	}
	go func() {
		defer close(queue)
		var left []string // what patterns have left out
		listening := images.Listen(ctx, images.Listener{Note: func(text string) { left = append(left, termtext.Line(text)) }})
		for _, source := range sources {
			for name, err := range a.loader.Each(listening, source) {
				if !begin(name, func(ctx context.Context) ([]*images.Picture, error) {
					if err != nil {
						return nil, err
					}
					return a.picturesToShow(ctx, []string{name})
				}) {
					return
				}
			}
		}
		if clipboard && !begin(onClipboard, a.fromClipboard) {
			return
		}
		if len(left) > 0 {
			one := make(chan pictureRead, 1)
			one <- pictureRead{notes: left}
			select {
			case queue <- one:
			case <-ctx.Done():
			}
		}
	}()
	return queue
}

// What is encoded in one request: more gains nothing, and holds more pixels at once.
const (
	mostInBatch  = 16
	mostOfPixels = 64 << 20
)

// pictureBatch is pictures that are encoded together.
type pictureBatch struct {
	pictures []*images.Picture
	pixels   int
}

func (b *pictureBatch) add(p *images.Picture) {
	b.pictures = append(b.pictures, p)
	b.pixels += p.Width * p.Height
}

func (b *pictureBatch) full() bool {
	return len(b.pictures) >= mostInBatch || b.pixels >= mostOfPixels
}

func (b *pictureBatch) empty() []*images.Picture {
	pictures := b.pictures
	*b = pictureBatch{}
	return pictures
}
