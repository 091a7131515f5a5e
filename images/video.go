package images

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// videoKinds are the first bytes ('?' stands for any) of files of moving pictures,
// and what ffmpeg calls the kind. It is told, so that it doesn't guess: of some other
// kinds, such as playlists, a file may name further files and servers to be read.
var videoKinds = []struct{ magic, kind string }{
	{"\x1a\x45\xdf\xa3", "matroska"}, // WebM as well
	{"RIFF????AVI ", "avi"},
	{"OggS", "ogg"},
	{"FLV\x01", "flv"},
	{"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "asf"}, // WMV
	{"\x00\x00\x01\xba", "mpeg"},
	{"????ftyp", "mov"}, // MP4, M4V, 3GP, QuickTime
	{"????moov", "mov"},
	{"????mdat", "mov"},
	{"????wide", "mov"},
	{"????free", "mov"},
	{"????skip", "mov"},
}

// videoKind recognises a video by its first bytes (a kilobyte is enough) and returns
// what ffmpeg calls its kind; "" is no video. Whether there is a picture in it, and not
// only sound, is known later.
func videoKind(head []byte) string {
	if recognise(head) != nil {
		return ""
	}
	if matches(head, "????ftyp") && len(head) >= 12 && isoMedia(head).picture {
		return ""
	}
	for _, v := range videoKinds {
		if matches(head, v.magic) {
			return v.kind
		}
	}
	// MPEG-TS is packets of 188 bytes that begin with a G.
	if len(head) > 3*188 && head[0] == 'G' && head[188] == 'G' && head[2*188] == 'G' && head[3*188] == 'G' {
		return "mpegts"
	}
	return ""
}

// headSize is how much of a file is looked at to recognise a video.
const headSize = 1 << 10

// readHead returns the beginning of a regular file; of what is none, nothing: it can be
// read only once.
func readHead(path string) ([]byte, error) {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, headSize))
}

// isVideo tells whether a file is a video, by its beginning.
func isVideo(path string) bool {
	head, err := readHead(path)
	return err == nil && videoKind(head) != ""
}

// video is what is known of one.
type video struct {
	source, path string
	kind         string
	videoFacts
}

// fail is an error about it.
func (v *video) fail(reason Reason, cause error, format string, args ...any) error {
	return &Error{Source: v.source, Reason: reason, Err: cause, Detail: fmt.Sprintf(format, args...)}
}

// ofVideo takes frames of a video with ffmpeg: those that are shown at the times that were
// chosen, or else l.Frames that are spread evenly. Each is a picture whose source says
// which moment it is. Of the file only ffmpeg reads more than the beginning, so it may
// be of any size.
func (l *Loader) ofVideo(ctx context.Context, f file) ([]*Picture, error) {
	v, tools, at, err := l.meantOf(ctx, f)
	if err != nil {
		return nil, err
	}
	var all []*Picture
	for i, t := range at {
		doing(ctx, "taking frame %d of %d from %s", i+1, len(at), printable(v.source))
		c, err := tools.frame(ctx, v, t, l.Limits.filled())
		if err != nil {
			return nil, err
		}
		all = append(all, ofPixels(v.momentName(t), c))
	}
	return all, nil
}

// momentsIn names the frames that ofVideo takes, and takes none.
func (l *Loader) momentsIn(ctx context.Context, f file) ([]string, error) {
	v, _, at, err := l.meantOf(ctx, f)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, t := range at {
		names = append(names, v.momentName(t))
	}
	return names, nil
}

// momentName is the source of a frame.
func (v *video) momentName(t time.Duration) string { return v.source + "#t=" + shortTime(t) }

// meantOf returns a video, what reads it, and the moments of it that are meant.
func (l *Loader) meantOf(ctx context.Context, f file) (*video, ffmpegTools, []time.Duration, error) {
	if len(f.spans) > 0 {
		return nil, ffmpegTools{}, nil, notThere(f.name, fmt.Errorf("this is a video: its moments are chosen by time, as in %s#t=12s", printable(f.name)))
	}
	head, err := readHead(f.path)
	if err != nil {
		return nil, ffmpegTools{}, nil, pathError(f.name, err)
	}
	v := &video{source: f.name, path: f.path, kind: videoKind(head)}
	tools, err := findFFmpeg(v)
	if err != nil {
		return nil, ffmpegTools{}, nil, err
	}
	if v.videoFacts, err = tools.probe(ctx, v, l.Limits.filled()); err != nil {
		return nil, ffmpegTools{}, nil, err
	}
	at, err := v.moments(f.times, l.Frames)
	return v, tools, at, err
}

// moments returns the times that were asked for, if the video is as long, or count
// that are spread over it, each in the middle of its share.
func (v *video) moments(at []time.Duration, count int) ([]time.Duration, error) {
	for _, t := range at {
		// How long an MPEG program stream is, is guessed.
		if v.duration > 0 && t > v.duration && v.kind != "mpeg" {
			return nil, v.fail(BadSelection, nil, "there is nothing at %s: this video is %s long", shortTime(t), shortTime(v.duration))
		}
	}
	switch {
	case len(at) > 0:
		return at, nil
	case count > MaxPictures:
		return nil, tooMany(v.source, fmt.Sprintf("%d frames were asked for", count))
	case v.duration <= 0:
		return nil, v.fail(BadSelection, nil, "this is a video that does not tell how long it is: say which moments are meant, as in %s", v.example())
	case count <= 0:
		return nil, v.fail(BadSelection, nil, "this is a video of %s: say which moment is meant, as in %s, or how many frames, as in --frames 8", shortTime(v.duration), v.example())
	}
	if v.frames > 0 {
		count = min(count, v.frames)
	}
	for i := range count {
		at = append(at, v.duration*time.Duration(2*i+1)/time.Duration(2*count))
	}
	return at, nil
}

// example names a moment in the middle, as a person would.
func (v *video) example() string {
	at := time.Minute
	if v.duration > 0 {
		at = v.duration / 2
	}
	if at > time.Second {
		at = at.Truncate(time.Second)
	}
	return printable(v.momentName(at))
}

// shortTime writes a time as it may be written behind a #: 12s, 1m30.5s.
func shortTime(t time.Duration) string {
	s := t.Round(time.Millisecond).String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// errNoFrame says that nothing is shown from a time on.
var errNoFrame = errors.New("no frame")

// frame takes the frame that is shown at a time.
func (t ffmpegTools) frame(ctx context.Context, v *video, at time.Duration, lim Limits) (canvas, error) {
	// ffmpeg takes the first frame that begins at a time or later. The one that is
	// shown began up to its length before.
	c, err := t.first(ctx, v, max(0, at-v.nominal()+time.Millisecond), lim)
	if !errors.Is(err, errNoFrame) {
		return c, err
	}
	// The last one is shown for longer than others.
	last, err := t.lastBegin(ctx, v, at)
	if err != nil {
		return canvas{}, err
	}
	c, err = t.first(ctx, v, last, lim)
	if errors.Is(err, errNoFrame) {
		return canvas{}, v.fail(Damaged, nil, "there is no frame at %s: the video may be cut short", shortTime(at))
	}
	return c, err
}
