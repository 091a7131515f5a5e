// Package hostile makes files for tests that vlmchat must refuse: the demo's
// files, damaged on purpose.
package hostile

import "github.com/vlmchat/vlmchat/testdata/tinyvlm"

// Case is a hostile file.
type Case struct {
	Name string
	Make func() []byte
	Want string // is in the error that refuses it
}

// NarrowProjector is the demo's projector with an output half as wide, as if it
// belonged to another model.
func NarrowProjector() []byte { return projector(narrow)() }

func narrow(f *File) {
	halve(f.Tensor("mm.2.weight"), 1)
	halve(f.Tensor("mm.2.bias"), 0)
}

// halve cuts a tensor in the middle, along its slowest dimension.
func halve(t *Tensor, dim int) {
	t.Dims[dim] /= 2
	t.Data = t.Data[:len(t.Data)/2]
}

// model and projector make a file from the demo's.
func model(edit func(*File)) func() []byte     { return edited(tinyvlm.Model, edit) }
func projector(edit func(*File)) func() []byte { return edited(tinyvlm.Projector, edit) }

func edited(file []byte, edit func(*File)) func() []byte {
	return func() []byte {
		f := Open(file)
		edit(f)
		return f.Bytes()
	}
}

// set changes values, and without takes them out.
func set(values ...Value) func(*File) {
	return func(f *File) {
		for _, v := range values {
			f.Set(v)
		}
	}
}

func without(keys ...string) func(*File) {
	return func(f *File) {
		for _, key := range keys {
			f.Remove(key)
		}
	}
}

// tensor changes a tensor, and rename its name.
func tensor(name string, edit func(*Tensor)) func(*File) {
	return func(f *File) { edit(f.Tensor(name)) }
}

func rename(name, to string) func(*File) {
	return tensor(name, func(t *Tensor) { t.Name = to })
}

// bytesOf makes a file from the demo's bytes.
func bytesOf(file []byte, edit func(b []byte) []byte) func() []byte {
	return func() []byte { return edit(append([]byte(nil), file...)) }
}
