package measure

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// PeersDir is where 'make bench-peers' installs what the benchmarks compare with.
const PeersDir = ".cache/bench"

// Python is the interpreter that has the peers' packages: $PYTHON, the one that
// 'make bench-peers' has made, or python3.
func Python() string {
	if p := os.Getenv("PYTHON"); p != "" {
		return p
	}
	p, err := filepath.Abs(filepath.Join(PeersDir, "venv", "bin", "python"))
	if err == nil {
		if _, err = os.Stat(p); err == nil {
			return p
		}
	}
	return "python3"
}

// findPeers refuses a run whose peers are not there, before it takes any time, and finds
// out which versions they have.
func (b *Bench) findPeers(ctx context.Context) error {
	for _, name := range b.Commands {
		if _, err := exec.LookPath(name); err != nil {
			return fmt.Errorf("the peer needs the program %s, which is not in PATH: install it with your system's packages", name)
		}
	}
	for _, name := range b.Packages {
		version, err := packageVersion(ctx, name)
		if err != nil {
			return err
		}
		b.versions = append(b.versions, name+" "+version)
	}
	return nil
}

// packageVersion asks the interpreter for the version of a package.
func packageVersion(ctx context.Context, name string) (string, error) {
	python := Python()
	out, err := exec.CommandContext(ctx, python, "-c", "import importlib.metadata, sys; print(importlib.metadata.version(sys.argv[1]))", name).Output()
	if failed := (*exec.ExitError)(nil); err == nil || errors.As(err, &failed) && ctx.Err() == nil {
		if version := strings.TrimSpace(string(out)); err == nil && version != "" {
			return version, nil
		}
		return "", fmt.Errorf("%s has no package %s, which is the peer: run 'make bench-peers', or name an interpreter that has it with PYTHON", python, name)
	}
	return "", fmt.Errorf("%s, which runs the peer: %w", python, err)
}
