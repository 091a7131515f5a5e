package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/memory"
	"github.com/vlmchat/vlmchat/models"
)

// checkModel checks the memory and the model's files, without loading them.
func (d *doctor) checkModel(context.Context) []check {
	if !d.native() {
		return []check{judgeMemory(memory.Read(), 0, false)}
	}
	m, err := models.Find(d.config.String(config.Model), d.config.String(config.MMProj))
	if err == nil {
		err = models.CheckFiles(m.Path, m.Projector)
	}
	var files modelFiles
	if err == nil {
		files, err = readModel(m)
	}
	if err != nil {
		return []check{judgeMemory(memory.Read(), 0, false), failure("model", "", err)}
	}
	d.model, d.trained = m, contextOf(files.model)
	return append([]check{judgeMemory(memory.Read(), files.size(), d.hasGPU())}, judgeModel(m, files)...)
}

func (d *doctor) hasGPU() bool {
	for _, dev := range d.facts.Devices {
		if dev.Type == "gpu" || dev.Type == "igpu" {
			return true
		}
	}
	return false
}

// judgeMemory compares the memory with the size of what is to be loaded into it.
func judgeMemory(m memory.Facts, need uint64, gpu bool) check {
	if m.Total == 0 {
		return note("memory", "unknown")
	}
	c := fine("memory", "%s", size(m.Total))
	if m.Available > 0 {
		c.Message += fmt.Sprintf(", %s available", size(m.Available))
	}
	if m.Limit > 0 {
		c.Message += fmt.Sprintf("; a control group limits this process to %s", size(m.Limit))
	}
	if need == 0 {
		return c
	}
	c.Message += fmt.Sprintf("; the model's files have %s", size(need))
	switch {
	case gpu: // which may have room for the model
	case need > m.Most():
		c.Status, c.Hint = statusWarning, "the model is larger than the memory: take a smaller one, or a smaller quantisation of it"
	case m.Available > 0 && need > m.Available:
		c.Status, c.Hint = statusWarning, "close what else needs memory, or take a smaller model or quantisation: reading it from disk again and again is slow"
	}
	return c
}

// modelFiles is what the files of a model say.
type modelFiles struct {
	model, projector         *models.GGUF // projector is nil if there is none
	modelSize, projectorSize uint64
}

func (f modelFiles) size() uint64 { return f.modelSize + f.projectorSize }

func readModel(m models.Model) (f modelFiles, err error) {
	if f.model, err = models.ReadGGUF(m.Path); err != nil {
		return f, err
	}
	f.modelSize = f.model.Size
	for _, part := range otherParts(m.Path, f.model.Int("split.count")) {
		fi, err := os.Stat(part)
		if err != nil {
			return f, err
		}
		f.modelSize += uint64(fi.Size())
	}
	if m.Projector == "" {
		return f, nil
	}
	f.projector, err = models.ReadGGUF(m.Projector)
	if err == nil {
		f.projectorSize = f.projector.Size
	}
	return f, err
}

// otherParts names the other files of a model that is split into count, which
// llama.cpp finds by the first one's name.
func otherParts(path string, count int) []string {
	stem, split := strings.CutSuffix(path, fmt.Sprintf("-00001-of-%05d.gguf", count))
	if !split || count > 1000 {
		return nil
	}
	var parts []string
	for i := 2; i <= count; i++ {
		parts = append(parts, fmt.Sprintf("%s-%05d-of-%05d.gguf", stem, i, count))
	}
	return parts
}

// judgeModel says what the files make, and why pictures can't be seen if they
// can't.
func judgeModel(m models.Model, f modelFiles) []check {
	arch := f.model.String("general.architecture")
	c := fine("model", "%s: %s", m.Name, joined([]string{arch, f.model.FileType(), size(f.modelSize), trained(f.model)}))
	if m.Demo {
		c.Details = []string{"the built-in demo: it knows coloured shapes and digits only; 'vlmchat models list --curated' has real ones"}
	}
	c.Details = append(c.Details, m.Path)
	return []check{c, judgeTemplate(f.model), judgeVision(m, f.projector)}
}

// trained is how long a context the model was trained for.
func trained(g *models.GGUF) string {
	n := contextOf(g)
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("trained for %d tokens", n)
}

func contextOf(g *models.GGUF) int {
	return g.Int(g.String("general.architecture") + ".context_length")
}

func judgeTemplate(g *models.GGUF) check {
	template := g.String("tokenizer.chat_template")
	if template == "" {
		return warning("template", "if answers are odd or don't end, take a GGUF file of the model that has its template (tokenizer.chat_template)",
			"the model's file has no chat template, so that of its family stands in, which may be another format than the model was trained on")
	}
	return fine("template", "from the model's file, %d bytes", len(template))
}

// judgeVision says from the files whether pictures can be seen.
func judgeVision(m models.Model, projector *models.GGUF) check {
	switch {
	case projector == nil && m.Ollama:
		return warning("vision", "pull a model that can see, or name its projector (mmproj) with --mmproj",
			"off: Ollama's model %s has no projector", m.Name)
	case projector == nil:
		return warning("vision", "put the projector (mmproj) that was published with the model into that folder, or name it with --mmproj; a model without one is for text only",
			"off: no projector (mmproj) lies beside %s in %s", filepath.Base(m.Path), filepath.Dir(m.Path))
	case audioOnly(projector):
		return warning("vision", "name the projector for pictures that was published with the model with --mmproj",
			"off: the projector %s is for sound only", m.Projector)
	}
	kind := projector.String("clip.projector_type")
	if kind == "" {
		kind = projector.String("clip.vision.projector_type")
	}
	c := fine("vision", "on: %s", joined([]string{"projector " + filepath.Base(m.Projector), kind, projector.FileType(), size(projector.Size)}))
	if filepath.Dir(m.Projector) != filepath.Dir(m.Path) {
		c.Details = append(c.Details, m.Projector)
	}
	return c
}

// audioOnly reports whether a projector has an encoder for sound and none for
// pictures.
func audioOnly(g *models.GGUF) bool {
	return g.Bool("clip.has_audio_encoder") && !g.Bool("clip.has_vision_encoder")
}
