package clip

import (
	"cmp"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/vlmchat/vlmchat/models/safetensors"
)

// Facts are what a checkpoint's weights say about themselves.
type Facts struct {
	Parameters uint64
	Types      string   // of the weights, those with most parameters first: "F16, F32"
	Files      []string // by path
	Size       int64    // of these files, in bytes
	Modified   time.Time
}

// Facts describes the checkpoint's weights.
func (c *Checkpoint) Facts() (Facts, error) {
	f := Facts{Files: c.file.Files}
	parameters := map[safetensors.Type]uint64{}
	for _, name := range c.file.Names() {
		t, _ := c.file.Tensor(name)
		n := uint64(1)
		for _, side := range t.Shape {
			n *= uint64(side)
		}
		if strings.HasSuffix(name, "position_ids") {
			continue // numbers from 0 on, which older checkpoints keep
		}
		f.Parameters += n
		parameters[t.Type] += n
	}
	types := slices.SortedFunc(maps.Keys(parameters), func(a, b safetensors.Type) int {
		return cmp.Or(cmp.Compare(parameters[b], parameters[a]), cmp.Compare(a, b))
	})
	for i, t := range types {
		if i > 0 {
			f.Types += ", "
		}
		f.Types += string(t)
	}
	for _, path := range f.Files {
		fi, err := os.Stat(path)
		if err != nil {
			return f, c.invalid(err)
		}
		f.Size += fi.Size()
		if fi.ModTime().After(f.Modified) {
			f.Modified = fi.ModTime()
		}
	}
	return f, nil
}
