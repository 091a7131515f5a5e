package models

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/testdata/hostile"
	"github.com/vlmchat/vlmchat/testdata/tinyvlm"
)

// write writes a file into a folder of its own.
func write(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// examine reads and checks a file in memory.
func examine(b []byte) error {
	g, err := parse(b)
	if err == nil {
		err = g.Check()
	}
	return err
}

func TestHostileFiles(t *testing.T) {
	t.Parallel()
	if err := errors.Join(examine(tinyvlm.Model), examine(tinyvlm.Projector)); err != nil {
		t.Fatal(err)
	}
	for name, cases := range map[string][]hostile.Case{
		"file": hostile.Files, "model": hostile.Models, "projector": hostile.Projectors,
	} {
		for _, c := range cases {
			if err := examine(c.Make()); err == nil || !strings.Contains(err.Error(), c.Want) {
				t.Errorf("%s, %s: the error is %v; want %q", name, c.Name, err, c.Want)
			}
		}
	}
}

// The error for people names the file, what is wrong with it, and what to do.
func TestCheckFiles(t *testing.T) {
	t.Parallel()
	model, projector := write(t, "good.gguf", tinyvlm.Model), write(t, "good-mmproj.gguf", tinyvlm.Projector)
	if err := CheckFiles(model, projector); err != nil {
		t.Fatal(err)
	}
	headless, blind := write(t, "headless.gguf", hostile.Models[0].Make()), write(t, "blind-mmproj.gguf", hostile.Projectors[0].Make())
	for _, c := range []struct{ model, projector, culprit, want string }{
		{headless, projector, headless, hostile.Models[0].Want},
		{model, blind, blind, hostile.Projectors[0].Want},
		{model, write(t, "narrow-mmproj.gguf", hostile.NarrowProjector()), "narrow-mmproj.gguf", "it gives 64 numbers for each part of a picture and the model takes 128"},
	} {
		var e *engine.Error
		if err := CheckFiles(c.model, c.projector); !errors.As(err, &e) || e.Kind != engine.ModelInvalid ||
			!strings.Contains(e.Message, c.want) || !strings.Contains(e.Message, c.culprit) || e.Hint == "" {
			t.Errorf("the error is %v; want %q", err, c.want)
		}
	}
	// What is no file is not opened.
	if err := CheckFiles(filepath.Dir(model), ""); engine.KindOf(err) != engine.ModelInvalid {
		t.Errorf("for a folder the error is %v", err)
	}
}

// What real files do, and what is for llama.cpp to judge, is not refused.
func TestCheckAccepts(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func(*hostile.File){
		"as it is":              func(*hostile.File) {},
		"unknown architecture":  func(f *hostile.File) { f.Set(hostile.String("general.architecture", "new")) },
		"no architecture":       func(f *hostile.File) { f.Remove("general.architecture") },
		"unknown tensor type":   func(f *hostile.File) { f.Tensors[0].Type = 999 },
		"missing tensor":        func(f *hostile.File) { f.Tensors = f.Tensors[:len(f.Tensors)-1] },
		"no tensors":            func(f *hostile.File) { f.Tensors = nil },
		"heads by layer":        func(f *hostile.File) { f.Set(hostile.Numbers("llama.attention.head_count", 4, 4, 4, 4, 4)) },
		"a layer without heads": func(f *hostile.File) { f.Set(hostile.Numbers("llama.attention.head_count_kv", 2, 0, 2, 2, 2)) },
		"key of its own":        func(f *hostile.File) { f.Set(hostile.Number("vlmchat.note", 1<<31)) },
		"tokens that are empty": func(f *hostile.File) {
			f.Set(hostile.Texts("tokenizer.ggml.tokens", "", ""))
			f.Tensors = nil
			f.Remove("tokenizer.ggml.token_type")
		},
		"experts": func(f *hostile.File) {
			f.Set(hostile.Number("llama.expert_count", 8))
			f.Set(hostile.Number("llama.expert_used_count", 2))
		},
		"embeddings for a token more": func(f *hostile.File) {
			f.Set(hostile.Texts("tokenizer.ggml.tokens", "a", "b"))
		},
		"a bias for each head's norm": func(f *hostile.File) {
			f.Tensors = append(f.Tensors,
				hostile.Tensor{Name: "blk.0.attn_q_norm.weight", Dims: []uint64{32, 4}, Data: make([]byte, 512)},
				hostile.Tensor{Name: "blk.0.attn_q_norm.bias", Dims: []uint64{32, 4}, Data: make([]byte, 512)})
		},
		"keys by layer": func(f *hostile.File) {
			f.Set(hostile.Numbers("llama.attention.key_length", 64, 64, 64, 64, 64))
			f.Set(hostile.Number("llama.rope.dimension_count", 64))
		},
		"experts by layer": func(f *hostile.File) {
			f.Set(hostile.Numbers("llama.expert_count", 0, 8, 8, 8, 8))
			f.Set(hostile.Numbers("llama.expert_used_count", 0, 2, 2, 2, 2))
		},
		"a tokenizer.json of 20 MB": func(f *hostile.File) {
			f.Set(hostile.String("tokenizer.huggingface.json", strings.Repeat(" ", 20<<20)))
		},
		"a head size of its own": func(f *hostile.File) {
			f.Set(hostile.Number("llama.attention.head_count", 12))
			f.Set(hostile.Number("llama.attention.key_length", 32))
		},
		"the embeddings are the output": func(f *hostile.File) { // and are not stored twice
			f.Tensors = slices.DeleteFunc(f.Tensors, func(t hostile.Tensor) bool { return t.Name == "output.weight" })
		},
		"recurrent, without them": func(f *hostile.File) { f.Set(hostile.Number("llama.attention.head_count", 0)); f.Tensors = nil },
	} {
		f := hostile.Open(tinyvlm.Model)
		edit(f)
		if err := examine(f.Bytes()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Real projectors differ from the demo's in many ways.
func TestCheckAcceptsProjectors(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func(*hostile.File){
		"as it is": func(*hostile.File) {},
		"a batch's dimension": func(f *hostile.File) {
			for _, tensor := range []string{"v.position_embd.weight", "v.blk.0.attn_q.weight", "mm.2.weight"} {
				f.Tensor(tensor).Dims = append(f.Tensor(tensor).Dims, 1)
			}
		},
		"sound": func(f *hostile.File) {
			for i := range f.Values {
				f.Values[i].Key = strings.Replace(f.Values[i].Key, ".vision", ".audio", 1)
			}
			f.Set(hostile.String("clip.projector_type", "ultravox"))
		},
		"convolutions": func(f *hostile.File) {
			f.Set(hostile.String("clip.projector_type", "gemma3nv"))
			f.Set(hostile.Number("clip.vision.attention.head_count", 0))
			for i := range f.Tensors {
				f.Tensors[i].Name = strings.Replace(f.Tensors[i].Name, ".attn_", ".conv_", 1)
			}
		},
		"keys and values together": func(f *hostile.File) {
			f.Set(hostile.String("clip.projector_type", "granite_speech"))
			f.Tensor("v.blk.0.attn_k.weight").Name = "v.blk.0.attn_kv.weight"
		},
		"pictures of any size": func(f *hostile.File) {
			f.Set(hostile.String("clip.projector_type", "qwen3vl_merger"))
			f.Set(hostile.Number("clip.vision.image_size", 0))
		},
		"a size that is no number of patches": func(f *hostile.File) { f.Set(hostile.Number("clip.vision.image_size", 100)) },
		"no mean":                             func(f *hostile.File) { f.Remove("clip.vision.image_mean") },
		"feed-forward layers by older names": func(f *hostile.File) {
			for i := range f.Tensors {
				n := &f.Tensors[i].Name
				switch {
				case strings.Contains(*n, "ffn_up"):
					*n = strings.Replace(*n, "ffn_up", "ffn_down", 1)
				case strings.Contains(*n, "ffn_down"):
					*n = strings.Replace(*n, "ffn_down", "ffn_up", 1)
				}
			}
		},
	} {
		f := hostile.Open(tinyvlm.Projector)
		edit(f)
		if err := examine(f.Bytes()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The parts of a split model are checked as well.
func TestCheckParts(t *testing.T) {
	t.Parallel()
	f := hostile.Open(tinyvlm.Model)
	f.Set(hostile.Number("split.count", 2))
	dir := t.TempDir()
	first, second := filepath.Join(dir, "m-00001-of-00002.gguf"), filepath.Join(dir, "m-00002-of-00002.gguf")
	if err := os.WriteFile(first, f.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := CheckFiles(first, ""); engine.KindOf(err) != engine.ModelNotFound || !strings.Contains(err.Error(), second) {
		t.Errorf("without the second part the error is %v", err)
	}
	for content, want := range map[string]engine.ErrorKind{string(tinyvlm.Model): "", "GGUF": engine.ModelInvalid} {
		if err := os.WriteFile(second, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		err := CheckFiles(first, "")
		if err != nil != (want != "") || err != nil && engine.KindOf(err) != want {
			t.Errorf("with a second part of %d bytes the error is %v", len(content), err)
		}
	}
}

// The editor that the hostile files are made with changes nothing by itself.
func TestHostileEditor(t *testing.T) {
	t.Parallel()
	if !hostile.Equal(tinyvlm.Model) || !hostile.Equal(tinyvlm.Projector) {
		t.Error("a file taken apart and put together again is another one")
	}
}
