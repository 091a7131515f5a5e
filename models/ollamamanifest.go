package models

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// ollamaManifest says of which blobs a model of Ollama's consists, in the form
// of an OCI image (server/manifest.go).
type ollamaManifest struct {
	Layers []ollamaLayer `json:"layers"`
}

// ollamaLayer is one of the blobs.
type ollamaLayer struct {
	MediaType string `json:"mediaType"`
	Digest    string `json:"digest"`
	Size      int64  `json:"size"` // in bytes
}

// Bounds of what is read of a store, far beyond what is in one: a manifest names
// each tensor of some models.
const (
	maxManifest = 16 << 20
	maxParams   = 1 << 20
	maxSystem   = 1 << 20
	maxStops    = 64
)

// parseOllamaManifest reads a manifest, and makes sure that its digests name
// nothing but blobs.
func parseOllamaManifest(b []byte) (ollamaManifest, error) {
	var m ollamaManifest
	if err := json.Unmarshal(b, &m); err != nil {
		return m, fmt.Errorf("its manifest is damaged: %w", err)
	}
	for _, l := range m.Layers {
		if l.blob() == "" {
			return m, fmt.Errorf("its manifest is damaged: %s is no SHA-256 digest", shown(l.Digest))
		}
		if l.Size < 0 {
			return m, fmt.Errorf("its manifest is damaged: a size is %d", l.Size)
		}
	}
	return m, nil
}

// blob is the name of the layer's file, "" if its digest is none. Nothing else
// of a manifest becomes part of a path.
func (l ollamaLayer) blob() string {
	sum, ok := strings.CutPrefix(l.Digest, "sha256:")
	if !ok || len(sum) != 64 || strings.Trim(sum, "0123456789abcdef") != "" {
		return ""
	}
	return "sha256-" + sum
}

// kind is what the layer holds: "model", "projector", "template" and so on; ""
// for what is not Ollama's.
func (l ollamaLayer) kind() string {
	kind, ok := strings.CutPrefix(l.MediaType, "application/vnd.ollama.image.")
	if !ok {
		return ""
	}
	kind, _, _ = strings.Cut(kind, ";")
	return kind
}

// parseOllamaStops reads the texts at which answers end from the parameters of a
// Modelfile. The others are settings of vlmchat's own.
func parseOllamaStops(b []byte) ([]string, error) {
	var p struct {
		Stop json.RawMessage `json:"stop"`
	}
	if err := json.Unmarshal(b, &p); err != nil {
		return nil, fmt.Errorf("its parameters are damaged: %w", err)
	}
	if len(p.Stop) == 0 || string(p.Stop) == "null" {
		return nil, nil
	}
	var stops []string
	if err := json.Unmarshal(p.Stop, &stops); err != nil {
		var one string
		if json.Unmarshal(p.Stop, &one) != nil {
			return nil, errors.New("its parameters are damaged: stop is not a list of texts")
		}
		stops = []string{one}
	}
	if len(stops) > maxStops {
		return nil, fmt.Errorf("its parameters are damaged: they have %d texts to stop at, and at most %d are expected", len(stops), maxStops)
	}
	var some []string
	for _, s := range stops {
		if s != "" {
			some = append(some, s)
		}
	}
	return some, nil
}
