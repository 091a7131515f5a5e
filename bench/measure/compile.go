package measure

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// Compile makes an executable of a C file, which is a peer.
func Compile(ctx context.Context, source, executable string, flags ...string) error {
	compilers := []string{"cc", "gcc", "clang"}
	if cc := os.Getenv("CC"); cc != "" {
		compilers = []string{cc}
	}
	for _, cc := range compilers {
		if _, err := exec.LookPath(cc); err != nil {
			continue
		}
		args := slices.Concat([]string{"-o", executable, source}, flags)
		if out, err := exec.CommandContext(ctx, cc, args...).CombinedOutput(); err != nil {
			return fmt.Errorf("%s can't compile %s: %w:\n%s", cc, source, err, out)
		}
		return nil
	}
	return errors.New("it needs a C compiler (" + strings.Join(compilers, ", ") + ") for its peer, " + source)
}
