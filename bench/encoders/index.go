package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/vlmchat/vlmchat/bench/measure"
)

// index measures what 'vlmchat index' takes of memory for many pictures, and for a tenth
// of them. The model's own is the worker's, and not counted.
func (b *bench) index(ctx context.Context) ([]*measure.Figure, error) {
	dir := filepath.Join(b.Dir, "many")
	if _, err := b.makePictures(ctx, dir, b.pictures, 128, 96, ".jpg"); err != nil {
		return nil, err
	}
	few := filepath.Join(b.Dir, "few")
	if err := os.Mkdir(few, 0o700); err != nil {
		return nil, err
	}
	for i := range b.pictures / 10 {
		name := fmt.Sprintf("%05d.jpg", i)
		if err := os.Link(filepath.Join(dir, name), filepath.Join(few, name)); err != nil {
			return nil, err
		}
	}
	all := []*measure.Figure{
		{Name: fmt.Sprintf("peak memory of indexing %d pictures", b.pictures/10), Unit: "MiB"},
		{Name: fmt.Sprintf("peak memory of indexing %d pictures", b.pictures), Unit: "MiB"},
		{Name: fmt.Sprintf("CPU time of indexing %d pictures, without the model's", b.pictures), Unit: "s"},
	}
	for round := range min(b.Rounds, 2) {
		for i, folder := range []string{few, dir} {
			cmd := exec.CommandContext(ctx, measure.Program, "index", "--index", filepath.Join(b.Dir, fmt.Sprintf("index-%d-%d", i, round)), folder)
			var told strings.Builder
			cmd.Stderr = &told
			spent, err := measure.Spend(cmd)
			if err != nil {
				return nil, fmt.Errorf("%s: %w\n%s", cmd, err, told.String())
			}
			all[i].Ours = append(all[i].Ours, float64(spent.Peak)/(1<<20))
			if i == 1 {
				all[2].Ours = append(all[2].Ours, spent.Processor.Seconds())
			}
		}
	}
	return all, nil
}
