package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/vlmchat/vlmchat/bench/measure"
	"github.com/vlmchat/vlmchat/engine/native"
	"github.com/vlmchat/vlmchat/runtimes"
)

// loaderSource is the peer: a C program that loads a runtime as we do.
const loaderSource = "bench/commands/load/load.c"

// load measures a worker that loads a runtime's libraries, lists its devices and
// ends, against a C program that does the same: with all the backends that the
// runtime has, and with the CPU's alone. Drivers of GPUs can take longer than
// all else, on both sides.
func (b *bench) load(ctx context.Context) ([]*measure.Figure, error) {
	loader := filepath.Join(b.Dir, "load")
	if err := measure.Compile(ctx, loaderSource, loader, "-O2", "-ldl"); err != nil {
		return nil, err
	}
	figures, err := b.loadWith(ctx, loader, b.Runtime, strings.Join(b.Runtime.Backends, " and "), measure.Goal{AtMost: 1.2})
	if err != nil || len(b.Runtime.Backends) == 1 {
		return figures, err
	}
	alone := b.Runtime
	if alone.BackendDir, err = b.onlyCPU(); err != nil {
		return figures, err
	}
	more, err := b.loadWith(ctx, loader, alone, "cpu alone", measure.Goal{})
	return append(figures, more...), err
}

func (b *bench) loadWith(ctx context.Context, loader string, r runtimes.Runtime, backends string, goal measure.Goal) ([]*measure.Figure, error) {
	peer := func() *exec.Cmd {
		return exec.CommandContext(ctx, loader, append(r.Libraries(), r.BackendDir)...)
	}
	if err := sameDevices(ctx, r, peer()); err != nil {
		return nil, err
	}
	wall := &measure.Figure{Name: "process start, libraries loaded (" + backends + "), end", Beside: "C", Unit: "ms", Goal: goal}
	cpu := &measure.Figure{Name: "the same in CPU time", Beside: "C", Unit: "ms"}
	err := b.Repeat(ctx, func(int) error {
		ours, err := native.TryCommand(ctx, r)
		if err != nil {
			return err
		}
		// It would be this process's executable.
		if ours.Path, err = filepath.Abs(measure.Program); err != nil {
			return err
		}
		theirs := peer()
		theirs.Env = ours.Env
		if err := cost(ours, &wall.Ours, &cpu.Ours); err != nil {
			return err
		}
		return cost(theirs, &wall.Peer, &cpu.Peer)
	}, wall, cpu)
	return []*measure.Figure{wall, cpu}, err
}

// cost runs a command from its start to its end, and adds the time that this
// took and the time of all cores that it used.
func cost(cmd *exec.Cmd, wall, cpu *[]float64) error {
	start := time.Now()
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", cmd.Path, err)
	}
	*wall = append(*wall, measure.Milliseconds(time.Since(start)))
	*cpu = append(*cpu, measure.Milliseconds(cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime()))
	return nil
}

// sameDevices makes sure that both sides do the same: the peer lists the devices
// that a worker finds.
func sameDevices(ctx context.Context, r runtimes.Runtime, peer *exec.Cmd) error {
	facts, err := native.Try(ctx, r)
	if err != nil {
		return err
	}
	var ours []string
	for _, d := range facts.Devices {
		ours = append(ours, fmt.Sprintf("%s\t%s\t%d", d.Name, d.Description, d.Total))
	}
	out, err := peer.Output()
	if err != nil {
		return fmt.Errorf("%s: %w", peer.Path, err)
	}
	theirs := strings.FieldsFunc(string(out), func(c rune) bool { return c == '\n' })
	if !slices.Equal(ours, theirs) {
		return fmt.Errorf("a worker finds the devices %q, the C program %q", ours, theirs)
	}
	return nil
}

// onlyCPU makes a folder with links to the runtime's libraries that compute on
// the CPU.
func (b *bench) onlyCPU() (string, error) {
	files, err := os.ReadDir(b.Runtime.BackendDir)
	if err != nil {
		return "", err
	}
	dir := filepath.Join(b.Dir, "cpu")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", err
	}
	for _, f := range files {
		if !strings.Contains(f.Name(), "ggml-cpu") {
			continue
		}
		if err := os.Symlink(filepath.Join(b.Runtime.BackendDir, f.Name()), filepath.Join(dir, f.Name())); err != nil {
			return "", err
		}
	}
	return dir, nil
}
