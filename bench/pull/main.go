// Command pull measures fetching a model from a hub that runs in this process, with the
// answers of Hugging Face's: 'vlmchat models pull', which compares the digest of what has
// come, against huggingface_hub's 'hf download' and curl, which don't. What has a goal says
// whether it is met; that is printed and not asserted (see package measure).
//
// Run it from the repository's root, best by way of make:
//
//	make bench-pull
//	make bench-pull BENCH="-mib 2048 line"
//
// huggingface_hub comes with 'make bench-peers'.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/vlmchat/vlmchat/bench/measure"
	"github.com/vlmchat/vlmchat/testdata/tinyvlm"
)

const (
	repository = "bench/Model-GGUF"
	file       = "Model-Q8_0.gguf"
)

// bench is what all measurements share.
type bench struct {
	measure.Bench
	mib    int    // of the model, in MiB
	folder string // the repository
	hf     string // the peer's command
}

func main() {
	b := &bench{Bench: measure.Bench{Peer: "hf download", Alone: true, Packages: []string{"huggingface-hub"}, Commands: []string{"curl"}}}
	flag.IntVar(&b.Rounds, "rounds", 4, "measure each side so many times")
	flag.IntVar(&b.mib, "mib", 512, "of the model, in MiB")
	b.Main("pull", []measure.Measurement{
		{Name: "loopback", Measure: b.loopback},
		{Name: "line", Measure: b.line},
		{Name: "again", Measure: b.again},
	}, b.check, b.run)
}

func (b *bench) check() error {
	if b.Rounds < 1 || b.mib < 1 {
		return errors.New("there are no fewer rounds and MiB than 1")
	}
	if _, err := os.Stat(measure.Program); err != nil {
		return fmt.Errorf("%w; run this with make, or from the repository's root after 'make build'", err)
	}
	return nil
}

// run makes the model, which is the demo model with bytes behind it that nothing makes
// smaller, and measures.
func (b *bench) run(ctx context.Context, chosen []measure.Measurement) error {
	python, err := exec.LookPath(measure.Python())
	if err != nil {
		return err
	}
	b.hf = filepath.Join(filepath.Dir(python), "hf")
	b.folder = filepath.Join(b.Dir, "repository")
	if err := os.Mkdir(b.folder, 0o700); err != nil {
		return err
	}
	model, err := os.Create(filepath.Join(b.folder, file))
	if err != nil {
		return err
	}
	defer model.Close()
	noise := rand.NewChaCha8([32]byte{1})
	chunk := make([]byte, 1<<20)
	if _, err := model.Write(tinyvlm.Model); err != nil {
		return err
	}
	for range b.mib {
		_, _ = noise.Read(chunk)
		if _, err := model.Write(chunk); err != nil {
			return err
		}
	}
	if err := model.Close(); err != nil {
		return err
	}
	return b.Run(ctx, chosen)
}
