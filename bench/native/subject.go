package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/vlmchat/vlmchat/bench/measure"
	"github.com/vlmchat/vlmchat/models"
)

// subject is a model to measure with, and how much of it is enough.
type subject struct {
	model     models.Model
	rounds    int
	pictures  int // of a round of turns, whose times are summed up
	maxTokens int // of an answer
}

// zooDir holds models that zooScript has made.
const (
	zooDir    = ".cache/zoo"
	zooScript = "testdata/zoo/make_zoo.py"
	benchVLM  = "bench-vlm"
)

// subjectNamed finds a model, and makes it first if need be. The demo model
// answers in milliseconds, which shows what is added to the computation;
// bench-vlm computes as much as models that people use.
func subjectNamed(ctx context.Context, name string) (subject, error) {
	switch name {
	case "tiny-vlm":
		m, err := models.Find("", "")
		return subject{model: m, rounds: 10, pictures: 8, maxTokens: 64}, err
	case benchVLM:
		path := filepath.Join(zooDir, benchVLM+".gguf")
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			if err := makeZoo(ctx, benchVLM); err != nil {
				return subject{}, err
			}
		}
		m, err := models.Find(path, "")
		return subject{model: m, rounds: 3, pictures: 1, maxTokens: 48}, err
	}
	return subject{}, fmt.Errorf("there is no model %q to measure with; there are tiny-vlm and %s", name, benchVLM)
}

// makeZoo makes a model with random weights, in another folder first: what is in
// zooDir is whole.
func makeZoo(ctx context.Context, name string) error {
	if err := os.MkdirAll(zooDir, 0o755); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(zooDir, "new")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	fmt.Fprintf(os.Stderr, "making: %s, 0.5 GB in %s\n", name, zooDir)
	if out, err := exec.CommandContext(ctx, measure.Python(), zooScript, dir, name).CombinedOutput(); err != nil {
		return fmt.Errorf("%s can't make %s (without numpy, run 'make bench-peers'): %w:\n%s", zooScript, name, err, out)
	}
	// The model comes last, as it is what is looked for.
	for _, file := range []string{name + "-mmproj.gguf", name + ".gguf"} {
		if err := os.Rename(filepath.Join(dir, file), filepath.Join(zooDir, file)); err != nil {
			return err
		}
	}
	return nil
}

// numbers reads a list of positive numbers with commas.
func numbers(list string) ([]int, error) {
	var all []int
	for text := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("%q is no positive number", text)
		}
		all = append(all, n)
	}
	return all, nil
}
