package native

import (
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/llamacpp"
	"github.com/vlmchat/vlmchat/models"
)

// LoRA is an adapter file of a model, and how much of it is added to the model.
type LoRA struct {
	Path  string  `json:"path"`
	Scale float64 `json:"scale"`
}

// maxScale is far beyond what leaves a model able to speak.
const maxScale = 1000

// ParseLoRA reads FILE or FILE:SCALE; without a scale it is 1.
func ParseLoRA(text string) (LoRA, error) {
	a := LoRA{Path: text, Scale: 1}
	if i := strings.LastIndexByte(text, ':'); i >= 0 {
		if scale, err := strconv.ParseFloat(text[i+1:], 64); err == nil {
			if !(-maxScale <= scale && scale <= maxScale) {
				return a, fmt.Errorf("the scale is a number from %d to %d", -maxScale, maxScale)
			}
			a = LoRA{text[:i], scale}
		}
	}
	if a.Path == "" {
		return a, errors.New("no file is named")
	}
	var err error
	a.Path, err = filepath.Abs(a.Path)
	return a, err
}

// loadLoRAs loads the adapters that the spec names.
func (l *loader) loadLoRAs() ([]llamacpp.LoRA, *engine.Error) {
	var all []llamacpp.LoRA
	for _, a := range l.spec.LoRAs {
		adapter, err := l.runner.model.LoadLoRA(a.Path, float32(a.Scale))
		if err != nil {
			return nil, loadError(a.Path, "the LoRA adapter", err, l.log)
		}
		all = append(all, adapter)
	}
	return all, nil
}

// identifyLoRAs is the identity of adapters: their contents and their scales.
func identifyLoRAs(loras []LoRA) (string, error) {
	var texts []string
	for _, a := range loras {
		print, err := models.Fingerprint(a.Path)
		if err != nil {
			return "", err
		}
		texts = append(texts, print, strconv.FormatFloat(a.Scale, 'g', -1, 64))
	}
	return strings.Join(texts, " "), nil
}
