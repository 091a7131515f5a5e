package images

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// Loader reads pictures from wherever people name them. Its zero value reads
// files. It may be used by several goroutines at once, once its fields are set.
type Loader struct {
	Limits Limits
	Stdin  io.Reader // what "-" means, once; nil: there is none
	// AllowPrivate lets web addresses lead into private networks.
	AllowPrivate bool
	// Frames is how many frames of a video or an animation are taken, spread
	// evenly, where the source does not say which; no more than MaxPictures. At 0 an
	// animation's first frame is taken, and a video's has to be said.
	Frames int
	// Decoder is the command that decodes apart (DecoderMain). Without one
	// everything is decoded in this process.
	Decoder []string
	// UserAgent is by what name servers on the web are asked.
	UserAgent string

	web   webAccess
	stdin sync.Once // was read
	once  sync.Once // of busy
	busy  chan struct{}

	decoder decoderProcess
}

// Load reads what a source means: a path, a pattern of paths, a web address, a
// document's pages, a video's moments, "-". That can be several pictures, in the
// order in which a person would count them, and is never none without an error:
// if one of them can't be read, that is the error. It is an *Error, or wraps
// ctx's when ctx ends first.
func (l *Loader) Load(ctx context.Context, source string) ([]*Picture, error) {
	switch {
	case source == "-":
		return l.readStdin(ctx)
	case IsURL(source):
		return l.readURL(ctx, source)
	}
	files, err := locate(ctx, source)
	switch {
	case err != nil:
		return nil, err
	case len(files) > MaxPictures:
		return nil, tooMany(source, fmt.Sprintf("%d files match", len(files)))
	}
	return l.readFiles(ctx, source, files)
}

// LoadAll reads what several sources mean, a few at once, in their order. The error is
// that of the first one that can't be read.
func (l *Loader) LoadAll(ctx context.Context, sources []string) ([][]*Picture, error) {
	return inOrder(ctx, sources, l.Load)
}

// readFiles reads the pictures of several files. Those that are no pictures are left
// out if the pattern that found them did not ask for pictures, and that is told.
func (l *Loader) readFiles(ctx context.Context, source string, files []file) ([]*Picture, error) {
	read, err := inOrder(ctx, files, func(ctx context.Context, f file) ([]*Picture, error) {
		pictures, err := l.readFile(ctx, f)
		if f.leftOut(err) {
			return nil, nil
		}
		return pictures, err
	})
	if err != nil {
		return nil, err
	}
	all := slices.Concat(read...)
	var leftOut []string
	for i, pictures := range read {
		if len(pictures) == 0 {
			leftOut = append(leftOut, printable(files[i].name))
		}
	}
	if len(all) > MaxPictures {
		return nil, tooMany(source, fmt.Sprintf("these are %d pictures", len(all)))
	}
	return all, tellLeftOut(ctx, source, leftOut, len(files))
}

// leftOut tells whether a file with which that is wrong is none that the pattern means.
func (f file) leftOut(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && f.loose && (e.Reason == NotPicture || e.Reason == Special)
}

// tellLeftOut tells which of the files that match are no pictures. That all are none is an
// error.
func tellLeftOut(ctx context.Context, source string, leftOut []string, files int) error {
	switch len(leftOut) {
	case 0:
	case files:
		return &Error{Source: source, Reason: NoMatch, Detail: "none of the files that match is a picture: " + listed(leftOut)}
	default:
		note(ctx, "%s: left out, as it is no picture: %s", printable(source), listed(leftOut))
	}
	return nil
}

// listed names the first few of several things.
func listed(names []string) string {
	const few = 3
	if more := len(names) - few; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:few], ", "), more)
	}
	return strings.Join(names, ", ")
}

// readFile reads the pictures of one file.
func (l *Loader) readFile(ctx context.Context, f file) ([]*Picture, error) {
	done, err := l.turn(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", printable(f.name), err)
	}
	defer done()
	doing(ctx, "reading %s", printable(f.name))
	if isVideo(f.path) {
		return l.ofVideo(ctx, f)
	}
	data, err := readFile(ctx, f.name, f.path, l.Limits.filled())
	if err != nil {
		return nil, err
	}
	return l.pictures(ctx, f.name, data, f.selection)
}

// readStdin reads what is piped into the process, once.
func (l *Loader) readStdin(ctx context.Context) ([]*Picture, error) {
	const name = "standard input"
	if l.Stdin == nil {
		return nil, &Error{Source: name, Reason: Missing, Detail: "it can't be read here"}
	}
	first := false
	l.stdin.Do(func() { first = true })
	if !first {
		return nil, &Error{Source: name, Reason: Missing, Detail: "it is one file only, and was read already"}
	}
	lim := l.Limits.filled()
	var data []byte
	var err error
	read := make(chan struct{})
	go func() { // a read of a stream that says nothing can't be ended
		data, err = readAtMost(&cancelReader{ctx, l.Stdin}, lim.Bytes, 0)
		close(read)
	}()
	select {
	case <-read:
	case <-ctx.Done():
		return nil, readError(ctx, name, lim, ctx.Err())
	}
	if err != nil {
		return nil, readError(ctx, name, lim, err)
	}
	if len(data) == 0 {
		return nil, &Error{Source: name, Reason: Empty, Detail: "nothing came (0 bytes)"}
	}
	return l.pictures(ctx, name, data, selection{})
}

// Close ends the process that decodes, if there is one, and connections to the web.
func (l *Loader) Close() error {
	l.web.close()
	return l.decoder.close()
}

// turn waits until one may read and decode: as many do at once as there are
// processors, since each holds a whole picture.
func (l *Loader) turn(ctx context.Context) (done func(), err error) {
	l.once.Do(func() { l.busy = make(chan struct{}, runtime.GOMAXPROCS(0)) })
	select {
	case l.busy <- struct{}{}:
		return func() { <-l.busy }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// inOrder does something with each of several things at once, and returns what came
// of it in their order. The error is the first one in this order, and ends what is
// still under way behind it.
func inOrder[T, R any](ctx context.Context, things []T, do func(context.Context, T) (R, error)) ([]R, error) {
	results, errs := make([]R, len(things)), make([]error, len(things))
	var all sync.WaitGroup
	for i, thing := range things {
		mine := ctx
		behind, cancel := context.WithCancel(ctx)
		defer cancel()
		all.Go(func() {
			if results[i], errs[i] = do(mine, thing); errs[i] != nil {
				cancel()
			}
		})
		ctx = behind
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return results, nil
}
