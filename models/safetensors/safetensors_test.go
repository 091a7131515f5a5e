package safetensors

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// file makes a file of a header and as many bytes behind it.
func file(header string, space int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	b = append(b, header...)
	for i := range space {
		b = append(b, byte(i))
	}
	return b
}

func write(t *testing.T, dir, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
		t.Fatal(err)
	}
}

const twoTensors = `{"__metadata__":{"format":"pt"},"b":{"dtype":"F16","shape":[2,3],"data_offsets":[4,16]},"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}  `

func TestOpen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "model.safetensors", file(twoTensors, 16))
	c, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if names := c.Names(); !slices.Equal(names, []string{"a", "b"}) {
		t.Errorf("the tensors are %q", names)
	}
	b, ok := c.Tensor("b")
	if !ok || b.Type != F16 || !slices.Equal(b.Shape, []int{2, 3}) || b.Size != 12 {
		t.Errorf("b is %+v", b)
	}
	if err := c.Map(); err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if got := c.Bytes(b); !bytes.Equal(got, []byte{4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}) {
		t.Errorf("b's bytes are %v", got)
	}
	if a, _ := c.Tensor("a"); len(a.Shape) != 0 || a.Size != 4 {
		t.Errorf("a is %+v", a)
	}
}

// TestChanged maps a file that became shorter after its header was read.
func TestChanged(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "model.safetensors", file(twoTensors, 16))
	c, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "model.safetensors", file(twoTensors, 8))
	if err := c.Map(); err == nil || !strings.Contains(err.Error(), "had") {
		t.Errorf("mapping it: %v", err)
	}
}

func TestShards(t *testing.T) {
	t.Parallel()
	const one = `{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`
	const two = `{"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`
	for _, test := range []struct{ name, index, second, fails string }{
		{"whole", `{"metadata":{},"weight_map":{"a":"1.safetensors","b":"2.safetensors"}}`, two, ""},
		{"a missing shard", `{"weight_map":{"a":"1.safetensors","b":"3.safetensors"}}`, two, "3.safetensors"},
		{"a missing tensor", `{"weight_map":{"a":"1.safetensors","c":"2.safetensors"}}`, two, "tensor c"},
		{"the same tensor twice", `{"weight_map":{"a":"1.safetensors","b":"2.safetensors"}}`, one, "tensor a"},
		{"another folder's", `{"weight_map":{"a":"../1.safetensors"}}`, two, "beside"},
		{"no weights", `{"weight_map":{}}`, two, "names no weights"},
		{"no index", `[]`, two, "not an index"},
	} {
		dir := t.TempDir()
		write(t, dir, "1.safetensors", file(one, 4))
		write(t, dir, "2.safetensors", file(test.second, 4))
		write(t, dir, "model.safetensors.index.json", []byte(test.index))
		c, err := Open(dir)
		if test.fails != "" {
			if err == nil || !strings.Contains(err.Error(), test.fails) {
				t.Errorf("%s: %v", test.name, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if b, _ := c.Tensor("b"); len(c.Files) != 2 || b.File != 1 {
			t.Errorf("%s: %q, b in %d", test.name, c.Files, b.File)
		}
	}
}

func TestPickled(t *testing.T) {
	t.Parallel()
	for name, data := range map[string]string{
		"pytorch_model.bin": "PK\x03\x04 and so on",
		"model[1].pt":       "\x80\x02\x8a\x0al\xfc",
	} {
		dir := filepath.Join(t.TempDir(), "a [folder]")
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, dir, "training.bin", []byte("plain numbers"))
		write(t, dir, name, []byte(data))
		_, err := Open(dir)
		var pickled *PickledError
		if !errors.As(err, &pickled) || filepath.Base(pickled.Path) != name {
			t.Errorf("%s: %v", name, err)
		}
	}
	dir := t.TempDir()
	write(t, dir, "other.bin", []byte("plain numbers"))
	if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), "has no model.safetensors") {
		t.Errorf("without weights: %v", err)
	}
}

// TestLies opens files whose headers are not true.
func TestLies(t *testing.T) {
	t.Parallel()
	tensor := func(kind, shape, offsets string) string {
		return `{"a":{"dtype":"` + kind + `","shape":` + shape + `,"data_offsets":` + offsets + `}}`
	}
	for _, test := range []struct {
		name  string
		data  []byte
		fails string
	}{
		{"empty", nil, "too few"},
		{"a picture", []byte("\x89PNG\r\n\x1a\n and so on"), "does not begin like"},
		{"a cut header", file(twoTensors, 16)[:40], "it is cut"},
		{"cut", file(twoTensors, 12), "it is cut, or"},
		{"more behind it", file(twoTensors, 20), "behind its last tensor"},
		{"an array", file(`[]`, 0), "not a JSON object"},
		{"a space before", file(` {}`, 0), "not a JSON object"},
		{"half an object", file(`{"a":`, 0), "can't be understood"},
		{"two objects", file(`{}{}`, 0), "behind its end"},
		{"a fraction", file(tensor("F32", "[1.5]", "[0,4]"), 4), "can't be understood"},
		{"a negative side", file(tensor("F32", "[-1]", "[0,4]"), 4), "can't be understood"},
		{"one offset", file(tensor("F32", "[1]", "[0]"), 4), "begins and ends"},
		{"too many bytes", file(tensor("F32", "[1]", "[0,8]"), 8), "needs 4"},
		{"too few bytes", file(tensor("F32", "[4]", "[0,8]"), 8), "needs 16"},
		{"backwards", file(tensor("F32", "[1]", "[4,0]"), 4), "ends before it begins"},
		{"far away", file(tensor("F32", "[1]", "[0,18446744073709551615]"), 4), "header lies"},
		{"an overflow", file(tensor("F32", "[4294967296,4294967296,4294967296]", "[0,0]"), 0), "too large"},
		{"an overflow to what fits", file(tensor("F32", "[4611686018427387904,4]", "[0,0]"), 0), "too large"},
		{"an unknown type", file(tensor("Q4", "[1]", "[0,4]"), 4), `"Q4"`},
		{"half a byte", file(tensor("F4", "[1]", "[0,1]"), 1), "whole number"},
		{"a name twice", file(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}`, 2), "twice"},
		{"an overlap", file(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}`, 3), "over another"},
		{"a hole", file(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}`, 3), "hole"},
		{"metadata of numbers", file(`{"__metadata__":{"a":1}}`, 0), "metadata"},
	} {
		_, err := readHeader(bytes.NewReader(test.data), int64(len(test.data)))
		if err == nil || !strings.Contains(err.Error(), test.fails) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

// FuzzHeader looks whether what is accepted can be read.
func FuzzHeader(f *testing.F) {
	f.Add(file(twoTensors, 16))
	f.Add(file(`{"a":{"dtype":"U8","shape":[0,5],"data_offsets":[0,0]}}`, 0))
	f.Add(file(`{}`, 3))
	f.Fuzz(func(t *testing.T, data []byte) {
		tensors, err := readHeader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		for name, tensor := range tensors {
			n := uint64(1)
			for _, side := range tensor.Shape {
				n *= uint64(side)
			}
			if got := data[tensor.Offset : tensor.Offset+tensor.Size]; uint64(len(got))*8 != n*widths[tensor.Type] {
				t.Errorf("%q: %+v", name, tensor)
			}
		}
	})
}

// FuzzIndex looks whether an index can name files elsewhere.
func FuzzIndex(f *testing.F) {
	f.Add([]byte(`{"weight_map":{"a":"1.safetensors"}}`))
	f.Add([]byte(`{"weight_map":{"a":"../1.safetensors"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "index.json")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		shards, err := readIndex(path)
		if err != nil {
			return
		}
		for name := range shards {
			if strings.ContainsAny(name, "/") || name == ".." || name == "." || name == "" {
				t.Errorf("it names %q", name)
			}
		}
	})
}
