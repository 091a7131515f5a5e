package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/vlmchat/vlmchat/bench/measure"
)

func runPython(ctx context.Context, args ...string) error {
	out, err := exec.CommandContext(ctx, measure.Python(), args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", args[0], err, out)
	}
	return nil
}

// makePictures makes so many pictures of a size, no two alike.
func (b *bench) makePictures(ctx context.Context, dir string, n, width, height int, ext string) ([]string, error) {
	err := runPython(ctx, "bench/encoders/peers/pictures.py", dir, fmt.Sprint(n), fmt.Sprint(width), fmt.Sprint(height), ext)
	if err != nil {
		return nil, err
	}
	return filepath.Glob(filepath.Join(dir, "*"+ext))
}

// startPeer starts transformers with a checkpoint.
func (b *bench) startPeer(ctx context.Context, folder string) (*measure.Process, error) {
	return measure.StartProcess(ctx, []string{fmt.Sprintf("OMP_NUM_THREADS=%d", b.Threads), "TQDM_DISABLE=1"},
		measure.Python(), "bench/encoders/peers/torchclip.py", folder, fmt.Sprint(b.Threads))
}

// encodeThere has pictures encoded by the peer and returns the time of the processor.
func encodeThere(peer *measure.Process, what string, paths []string) (time.Duration, error) {
	answer, err := peer.Ask(what + " " + strings.Join(paths, " "))
	if err != nil {
		return 0, err
	}
	var clock, processor time.Duration
	_, err = fmt.Sscan(answer, &clock, &processor)
	return processor, err
}
