// Package zoo finds the tiny vision models of random weights that tests compare
// llama.cpp's own tools with (README.md). 'make zoo' makes them.
package zoo

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// Families are the models, in the order of the README's tables.
var Families = []string{
	"llava", "qwen2vl", "gemma3",
	"glm-edge", "mobilevlm", "llava-next", "smolvlm", "internvl", "minicpmv", "llama4", "lfm2",
	"pixtral", "kimivl", "phi4", "gemma4", "deepseek4v", "qwen25vl", "qwen3vl", "glm4v", "paddleocr", "hunyuanvl",
}

// Pictures are the files of the reference's three pictures, by their number.
var Pictures = []string{"img0-320x240.png", "img1-900x600.png", "img2-64x64.png"}

// Path is where a file of the zoo lies. The test fails if it is not there.
func Path(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join(root(t), ".cache", "zoo", name)
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("this test needs the models of testdata/zoo (run 'make zoo'): %v", err)
	}
	return path
}

// Model is the files of a family's model and projector.
func Model(t testing.TB, family string) (model, projector string) {
	t.Helper()
	return Path(t, family+".gguf"), Path(t, family+"-mmproj.gguf")
}

// root is the checkout's folder, above the test's.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("this test does not run in a checkout: no go.mod above it")
		}
		dir = parent
	}
}

// Case is a conversation of reference.json, with llama-server's answers.
type Case struct {
	Turns   []Turn   `json:"turns"`
	Answers []Answer `json:"answers"` // one for each turn of a user
}

// Turn is a message of a Case.
type Turn struct {
	Role  string `json:"role"`
	Parts []Part `json:"parts"`
}

// Part is a picture, by its number, if Image is set, text otherwise.
type Part struct {
	Text  string `json:"text"`
	Image *int   `json:"image"`
}

// Answer is a greedy answer of llama-server's.
type Answer struct {
	Content      string    `json:"content"`
	Tokens       []int     `json:"token_ids"`
	Gaps         []float64 `json:"gaps"` // of log-probability, from each token to the runner-up
	PromptTokens int       `json:"prompt_tokens"`
}

// Reference returns the cases of reference.json by family and name.
func Reference(t testing.TB) map[string]map[string]Case {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root(t), "testdata", "zoo", "reference.json"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Models map[string]struct {
			Cases map[string]Case `json:"cases"`
		} `json:"models"`
	}
	if err := json.Unmarshal(b, &file); err != nil {
		t.Fatal(fmt.Errorf("reference.json: %w", err))
	}
	all := map[string]map[string]Case{}
	for family, m := range file.Models {
		all[family] = m.Cases
	}
	return all
}
