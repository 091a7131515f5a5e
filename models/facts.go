package models

import (
	"os"
	"time"
)

// Facts are what a model's files say about it. What they don't say is zero.
type Facts struct {
	Architecture   string
	Parameters     uint64 // weights of the language model
	Quantization   string
	ContextSize    int // for which it was trained, in tokens
	Layers         int
	Width          int    // numbers for each token: the embedding length
	ChatTemplate   bool   // the file has one
	Projector      string // the projector's kind
	EncodesSound   bool   // the projector has an encoder for sound, perhaps besides that for pictures
	EncodesPicture bool
	Files          []File
	Modified       time.Time // the language model's file
}

// File is one of a model's files.
type File struct {
	Path string
	Size int64 // in bytes
}

// Size is that of all files, in bytes.
func (f Facts) Size() int64 {
	var sum int64
	for _, file := range f.Files {
		sum += file.Size
	}
	return sum
}

// Facts reads the headers of the model's files.
func (m Model) Facts() (Facts, error) {
	g, err := read(m.Path, "the model")
	if err != nil {
		return Facts{}, err
	}
	arch := g.String("general.architecture")
	f := Facts{
		Architecture: arch, Quantization: g.FileType(), ContextSize: g.Int(arch + ".context_length"),
		Layers: g.Int(arch + ".block_count"), Width: g.Int(arch + ".embedding_length"),
		ChatTemplate: g.String("tokenizer.chat_template") != "",
	}
	files := append([]string{m.Path}, otherParts(g, m.Path)...)
	for i, path := range files {
		if i > 0 {
			if g, err = read(path, "a part of the model"); err != nil {
				return Facts{}, err
			}
		}
		f.Parameters += g.elements()
	}
	if m.Projector != "" {
		if g, err = read(m.Projector, "the projector"); err != nil {
			return Facts{}, err
		}
		if f.Projector = g.String("clip.projector_type"); f.Projector == "" {
			f.Projector = g.String("clip.vision.projector_type")
		}
		f.EncodesSound = g.Bool("clip.has_audio_encoder")
		f.EncodesPicture = g.Bool("clip.has_vision_encoder") || !f.EncodesSound
		files = append(files, m.Projector)
	}
	for i, path := range append(files, m.LoRAs...) {
		fi, err := os.Stat(path)
		if err != nil {
			return Facts{}, err
		}
		if f.Files = append(f.Files, File{path, fi.Size()}); i == 0 {
			f.Modified = fi.ModTime()
		}
	}
	return f, nil
}

// elements counts the numbers of all tensors.
func (g *GGUF) elements() uint64 {
	var sum uint64
	for _, t := range g.Tensors {
		n := uint64(1)
		for _, d := range t.Dims {
			n *= d // no more than maxTensorElements
		}
		sum += n
	}
	return sum
}
