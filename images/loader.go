package images

import (
	"context"
	"io"
)

// Loader reads pictures from wherever people name them. Its zero value reads
// files. It may be used by several goroutines at once, once its fields are set.
type Loader struct {
	Limits Limits
	Stdin  io.Reader // what "-" means, once; nil: there is none
	// AllowPrivate lets web addresses lead into private networks.
	AllowPrivate bool
	// Frames is how many frames of a video or an animation are taken, spread
	// evenly, where the source does not say which. At 0 an animation's first frame
	// is taken, and a video's has to be said.
	Frames int
	// Decoder is the command that decodes apart (DecoderMain). Without one
	// everything is decoded in this process.
	Decoder []string
}

// Load reads what a source means: a path, a pattern of paths, a web address, a
// document's pages, a video's moments, "-". That can be several pictures, in the
// order in which a person would count them, and is never none without an error:
// if one of them can't be read, that is the error. It is an *Error, or wraps
// ctx's when ctx ends first.
func (l *Loader) Load(ctx context.Context, source string) ([]*Picture, error) {
	p, err := Load(ctx, source, l.Limits)
	if err != nil {
		return nil, err
	}
	return []*Picture{p}, nil
}

// Decode turns the bytes of a picture file into a Picture, the first one of
// several. The error is an *Error, or wraps ctx's.
func (l *Loader) Decode(ctx context.Context, source string, data []byte) (*Picture, error) {
	return Decode(source, data, l.Limits)
}

// Close ends the process that decodes, if there is one.
func (l *Loader) Close() error { return nil }
