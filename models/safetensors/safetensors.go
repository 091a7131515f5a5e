// Package safetensors reads model weights in the format of that name, which holds
// numbers and nothing that is run: a JSON header that says where each tensor lies,
// then their bytes (https://github.com/huggingface/safetensors).
//
// Nothing of a header is believed: every tensor has to have exactly the bytes that
// its shape and type need, and all tensors together have to fill the file, without
// holes and without overlaps, as the reference implementation demands.
package safetensors

import (
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// Type is the type of a tensor's numbers, as a header names it.
type Type string

// The types that the weights of encoders have.
const (
	F32  Type = "F32"
	F16  Type = "F16"
	BF16 Type = "BF16"
)

// widths is how many bits a number of each known type takes.
var widths = map[Type]uint64{
	"BOOL": 8, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8, "F8_E4M3FNUZ": 8, "F8_E5M2FNUZ": 8,
	"U16": 16, "I16": 16, F16: 16, BF16: 16, "U32": 32, "I32": 32, F32: 32, "U64": 64, "I64": 64, "F64": 64, "C64": 64,
	"F4": 4, "F6_E2M3": 6, "F6_E3M2": 6,
}

// Tensor says what a tensor is and where its bytes lie.
type Tensor struct {
	Type   Type
	Shape  []int  // the last dimension is contiguous; none for a single number
	File   int    // which of the Checkpoint's files has it
	Offset uint64 // of its first byte, from the beginning of the file
	Size   uint64 // in bytes
}

// Checkpoint is the weights of a model, in one file or in several shards.
type Checkpoint struct {
	Files   []string // by path
	tensors map[string]Tensor
	mapped  [][]byte // by file; nil before Map
	sizes   []int64
}

// Open reads what a folder's weights say of themselves: model.safetensors, or the
// shards that model.safetensors.index.json names. The weights are not read.
func Open(dir string) (*Checkpoint, error) {
	const whole, index = "model.safetensors", "model.safetensors.index.json"
	c := &Checkpoint{tensors: map[string]Tensor{}}
	if _, err := os.Stat(filepath.Join(dir, whole)); err == nil {
		return c, c.add(filepath.Join(dir, whole))
	}
	shards, err := readIndex(filepath.Join(dir, index))
	if os.IsNotExist(err) {
		return nil, noWeights(dir, whole)
	} else if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(shards)) {
		if err := c.add(filepath.Join(dir, name)); err != nil {
			return nil, err
		}
		for _, tensor := range shards[name] {
			if t, ok := c.tensors[tensor]; !ok || c.Files[t.File] != filepath.Join(dir, name) {
				return nil, fmt.Errorf("%s says that the tensor %s is in %s, and it is not there", filepath.Join(dir, index), tensor, name)
			}
		}
	}
	return c, nil
}

// add reads the header of one more file.
func (c *Checkpoint) add(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a file", path)
	}
	tensors, err := readHeader(f, info.Size())
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for name, t := range tensors {
		if other, ok := c.tensors[name]; ok {
			return fmt.Errorf("the tensor %s is in %s and in %s", name, c.Files[other.File], path)
		}
		t.File = len(c.Files)
		c.tensors[name] = t
	}
	c.Files, c.sizes = append(c.Files, path), append(c.sizes, info.Size())
	return nil
}

// Tensor finds a tensor by its name.
func (c *Checkpoint) Tensor(name string) (Tensor, bool) {
	t, ok := c.tensors[name]
	return t, ok
}

// Names lists the tensors' names in order.
func (c *Checkpoint) Names() []string { return slices.Sorted(maps.Keys(c.tensors)) }

// Read reads a tensor's bytes from its file.
func (c *Checkpoint) Read(t Tensor) ([]byte, error) {
	f, err := os.Open(c.Files[t.File])
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data := make([]byte, t.Size)
	if _, err := f.ReadAt(data, int64(t.Offset)); err != nil {
		return nil, fmt.Errorf("reading %s: %w", c.Files[t.File], err)
	}
	return data, nil
}

// Map maps the files into memory, until Close. They must not be written to meanwhile.
func (c *Checkpoint) Map() error {
	if c.mapped != nil {
		return nil
	}
	for i, path := range c.Files {
		data, err := mapFile(path, c.sizes[i])
		if err != nil {
			c.Close()
			return fmt.Errorf("mapping %s into memory: %w", path, err)
		}
		c.mapped = append(c.mapped, data)
	}
	return nil
}

// Mapped are the files' bytes, after Map: each begins at a page.
func (c *Checkpoint) Mapped() [][]byte { return c.mapped }

// Bytes are a tensor's bytes, after Map: little-endian numbers, which nobody may change.
func (c *Checkpoint) Bytes(t Tensor) []byte {
	return c.mapped[t.File][t.Offset : t.Offset+t.Size : t.Offset+t.Size]
}

// Close unmaps the files.
func (c *Checkpoint) Close() {
	for _, data := range c.mapped {
		unmapFile(data)
	}
	c.mapped = nil
}

// errSize is for a file that is another one than when its header was read.
func errSize(now, then int64) error {
	return fmt.Errorf("it has %d bytes now and had %d when its header was read", now, then)
}

// PickledError is for a folder whose weights are there in Python's own format only.
type PickledError struct {
	Path string
}

// Error says why such a file is not read, and what to do.
func (e *PickledError) Error() string {
	return fmt.Sprintf("%s is a pickled checkpoint: reading one runs whatever code its maker put into it, so it is not read", e.Path)
}

// noWeights explains a folder without weights that can be read.
func noWeights(dir, wanted string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		switch filepath.Ext(e.Name()) {
		case ".bin", ".pt", ".pth", ".ckpt", ".pkl":
			if path := filepath.Join(dir, e.Name()); isPickled(path) {
				return &PickledError{path}
			}
		}
	}
	return fmt.Errorf("%s has no %s", dir, wanted)
}

// isPickled tells by its first bytes whether a file is what torch.save writes: a ZIP
// archive, or before 2020 a pickle of protocol 2 and later.
func isPickled(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, 4)
	if _, err := io.ReadFull(f, head); err != nil {
		return false
	}
	return string(head) == "PK\x03\x04" || head[0] == 0x80 && head[1] >= 2 && head[1] <= 5
}
