package models

import (
	"bytes"
	"encoding/binary"
	"reflect"
	"testing"

	"github.com/vlmchat/vlmchat/testdata/hostile"
	"github.com/vlmchat/vlmchat/testdata/tinyvlm"
)

func parse(b []byte) (*GGUF, error) { return parseGGUF(bytes.NewReader(b), uint64(len(b))) }

func TestGGUF(t *testing.T) {
	t.Parallel()
	g, err := parse(tinyvlm.Model)
	if err != nil {
		t.Fatal(err)
	}
	if g.String("general.architecture") != "llama" || g.Int("llama.embedding_length") != 128 || g.Int("llama.context_length") != 2048 {
		t.Errorf("the values are %v", g.Values)
	}
	if g, err = parse(tinyvlm.Projector); err != nil || g.Int("clip.vision.block_count") != tinyvlm.EncoderLayers || !g.Bool("clip.has_vision_encoder") {
		t.Errorf("the projector's values are %v, %v", g, err)
	}
	// A file cut anywhere within its header is refused.
	for n := range 4096 {
		if _, err := parse(tinyvlm.Model[:n]); err == nil {
			t.Fatalf("%d bytes were taken for a header", n)
		}
	}
}

// gguf writes a header; each value is its key, type and bytes.
func gguf(values ...[]byte) []byte {
	b := append([]byte("GGUF"), 3, 0, 0, 0)
	b = binary.LittleEndian.AppendUint64(b, 0)
	b = binary.LittleEndian.AppendUint64(b, uint64(len(values)))
	return append(b, bytes.Join(values, nil)...)
}

func value(key string, kind uint32, data ...byte) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(key)))
	b = binary.LittleEndian.AppendUint32(append(b, key...), kind)
	return append(b, data...)
}

func TestGGUFValues(t *testing.T) {
	t.Parallel()
	g, err := parse(gguf(
		value("u8", ggufUint8, 200), value("i8", ggufInt8, 200), value("b", ggufBool, 1),
		value("f", ggufFloat32, 0, 0, 0x80, 0x3f), value("s", ggufString, 2, 0, 0, 0, 0, 0, 0, 0, 'h', 'i'),
		value("a", ggufArray, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3), value("last", ggufUint16, 1, 1),
	))
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]any{
		"u8": uint64(200), "i8": int64(-56), "b": true, "f": 1.0, "s": "hi", "last": uint64(257),
		"a": Array{Type: ggufUint8, Len: 3, Numbers: []float64{1, 2, 3}},
	} {
		if got := g.Values[key]; !reflect.DeepEqual(got, want) {
			t.Errorf("%s is %v, want %v", key, got, want)
		}
	}
}

func TestGGUFThatLies(t *testing.T) {
	t.Parallel()
	huge := bytes.Repeat([]byte{0xff}, 8)
	many := gguf()
	copy(many[16:], huge)
	version := gguf()
	version[4] = 9
	for name, b := range map[string][]byte{
		"values":           many,
		"version":          version,
		"text":             gguf(value("s", ggufString, huge...)),
		"array":            gguf(value("a", ggufArray, append([]byte{0, 0, 0, 0}, huge...)...)),
		"array of texts":   gguf(value("a", ggufArray, append([]byte{8, 0, 0, 0}, huge...)...)),
		"array of nothing": gguf(value("a", ggufArray, append([]byte{99, 0, 0, 0}, huge...)...)),
		"nested arrays":    gguf(value("a", ggufArray, bytes.Repeat([]byte{9, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0}, 100)...)),
		"type":             gguf(value("x", 99, 0)),
	} {
		if _, err := parse(b); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// FuzzGGUF reads and checks headers: whatever a file says, it is refused or
// accepted within the bounds.
func FuzzGGUF(f *testing.F) {
	f.Add(hostile.Open(tinyvlm.Projector).Header())
	f.Add(gguf(value("a", ggufArray, 8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0)))
	small := hostile.Open(tinyvlm.Model)
	for _, key := range []string{"tokenizer.ggml.tokens", "tokenizer.ggml.merges", "tokenizer.ggml.token_type", "tokenizer.chat_template"} {
		small.Remove(key)
	}
	f.Add(small.Header())
	for _, cases := range [][]hostile.Case{hostile.Files, hostile.Models, hostile.Projectors} {
		for _, c := range cases {
			b := c.Make()
			f.Add(b[:min(len(b), 2048)])
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		// The data of the tensors is not read: claim that it is there.
		g, err := parseGGUF(bytes.NewReader(b), uint64(len(b))+1<<32)
		if (g == nil) == (err == nil) {
			t.Errorf("%v and %v", g, err)
		}
		if g == nil {
			return
		}
		if g.Check() == nil {
			_ = g.outputWidth()
		}
		for _, tensor := range g.Tensors {
			if tensor.Bytes > g.Size || g.Data+tensor.Offset+tensor.Bytes > g.Size {
				t.Errorf("the tensor %+v lies beyond %d", tensor, g.Size)
			}
		}
		layers, rest := g.LayerBytes()
		if len(layers) > maxLayers || g.TensorBytes() < rest {
			t.Errorf("%d layers, %d bytes beside them", len(layers), rest)
		}
	})
}
