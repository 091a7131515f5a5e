package native

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/vlmchat/vlmchat/diskcache"
	"github.com/vlmchat/vlmchat/engine/llamacpp"
	"github.com/vlmchat/vlmchat/models"
)

// digests are the contents of a worker's files, which an answer comes from. To read
// gigabytes takes longer than to load them, so it is done beside the work, with pauses
// while somebody waits, and what was found is kept for the next worker.
type digests struct {
	disk  *diskcache.Cache // nil: nothing is kept
	pause func() error     // between two pieces of a file

	ready chan struct{} // closed when the rest is set

	model, projector string
	adapters         []string
	libraries        string
}

// Kept digests are entries of the disk cache.
const digestKind = "digest"

// digestPause is how long the reading of a file rests after each piece while the worker
// has other work.
const digestPause = 5 * time.Millisecond

var errWorkerEnds = errors.New("the worker ends")

// startDigests begins to read the files of a spec. busy tells whether the worker has other
// work, and finished is closed when it is to end.
func startDigests(s spec, busy func() bool, finished <-chan struct{}) *digests {
	d := &digests{ready: make(chan struct{})}
	d.pause = func() error {
		wait := time.Duration(0)
		if busy() {
			wait = digestPause
		}
		select {
		case <-finished:
			return errWorkerEnds
		case <-time.After(wait):
			return nil
		}
	}
	go func() {
		defer close(d.ready)
		d.disk = openDiskCache(s) // which looks through a folder
		d.read(s)
	}()
	return d
}

func (d *digests) read(s spec) {
	d.libraries = d.ofLibraries(s.Paths)
	d.model = d.of(s.Model)
	if s.Projector != "" {
		d.projector = d.of(s.Projector)
	}
	for _, a := range s.LoRAs {
		d.adapters = append(d.adapters, d.of(a.Path)+":"+strconv.FormatFloat(a.Scale, 'g', -1, 64))
	}
}

// of is the digest of a file, "" if it can't be read: whoever loads it will say so.
func (d *digests) of(path string) string {
	fi, err := os.Stat(path)
	if err != nil {
		return ""
	}
	// Whoever replaces a file leaves another time, or another size. The other files of a
	// split model come and go with the first.
	key := digest(path, strconv.FormatInt(fi.Size(), 10), strconv.FormatInt(fi.ModTime().UnixNano(), 10))
	if d.disk != nil {
		if _, value, err := d.disk.Get(digestKind, key); err == nil {
			return string(value)
		}
	}
	sum, err := models.Digest(path, d.pause)
	if err != nil {
		return ""
	}
	if d.disk != nil {
		_ = d.disk.Put(digestKind, key, nil, func(w io.Writer) error { // without it, it is read again
			_, err := io.WriteString(w, sum)
			return err
		})
	}
	return sum
}

// ofLibraries is one digest of all libraries that may have a part in an answer on the CPU.
// Builds don't tell them apart: many tell no version.
func (d *digests) ofLibraries(p llamacpp.Paths) string {
	files, _ := filepath.Glob(filepath.Join(p.Backends, "*ggml-cpu*")) // the pattern is good
	files = append(files, p.GGMLBase, p.GGML, p.Llama, p.MTMD)
	slices.Sort(files)
	var all []string
	for _, path := range slices.Compact(files) {
		sum := d.of(path)
		if sum == "" {
			return ""
		}
		all = append(all, fmt.Sprint(filepath.Base(path), " ", sum))
	}
	return digest(all...)
}
