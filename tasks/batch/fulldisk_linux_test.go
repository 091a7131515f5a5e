package batch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
)

// On a full disk a batch stops, says which file, and leaves it whole; with room again it
// goes on.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	for _, sorted := range []bool{false, true} {
		t.Run(fmt.Sprintf("sorted %v", sorted), func(t *testing.T) {
			t.Parallel()
			disk := t.TempDir()
			if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=128k,mode=0700"); err != nil {
				if os.Getuid() == 0 && !errors.Is(err, syscall.EPERM) {
					t.Fatal(err)
				}
				t.Skip("a small disk is mounted, which takes root:", err)
			}
			t.Cleanup(func() { _ = syscall.Unmount(disk, syscall.MNT_DETACH) })
			path := filepath.Join(disk, "out.jsonl")
			yes := func() *Runner {
				return echoing(func(context.Context, engine.Request) (string, error) { return strings.Repeat("yes ", 100), nil })
			}
			const items = 300
			_, sum, err := do(t, t.Context(), path, &Work{Items: all(items), Sorted: sorted}, yes())
			if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), path) {
				t.Fatalf("%+v, %v", sum, err)
			}
			if got := len(records(t, path)); got == 0 || got > sum.Answered {
				t.Errorf("there are %d records of %d", got, sum.Answered)
			}
			if err := syscall.Mount("tmpfs", disk, "tmpfs", syscall.MS_REMOUNT, "size=4m"); err != nil {
				t.Fatal(err)
			}
			_, again, err := do(t, t.Context(), path, &Work{Items: all(items), Sorted: sorted}, yes())
			// A sorted one may have written the record that it was given, and not one that waited
			// for it, which is then the error.
			if err != nil || sum.Answered+again.Answered < items-1 || again.Answered == items {
				t.Errorf("first %+v, then %+v, %v", sum, again, err)
			}
			if got := records(t, path); len(got) != items {
				t.Errorf("in the end there are %d records", len(got))
			}
		})
	}
}
