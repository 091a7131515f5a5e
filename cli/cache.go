package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/diskcache"
	"github.com/vlmchat/vlmchat/engine/native"
	"github.com/vlmchat/vlmchat/termtext"
)

// cacheCommand is 'vlmchat cache': what the native engine keeps on disk.
func cacheCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "cache",
		Short: "Show or clear what is kept on disk to compute nothing twice",
		Long: "The native engine keeps pictures as the model sees them, and the states of\n" +
			"conversations, so that the next command needn't compute them again. They can be read\n" +
			"by you alone, and hold what was talked about: 'vlmchat cache clear' removes them, and\n" +
			"with --disk-cache 0 nothing is kept, with --no-state no states. The readers of PDF, AVIF and\n" +
			"HEIC are kept as the machine code that they become; 'clear' removes that too, and the next\n" +
			"such file makes it anew.",
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error { return a.showCache() },
	}
	addSettings(cmd.Flags(), config.DiskCache)
	cmd.AddCommand(&cobra.Command{
		Use:   "clear",
		Short: "Remove what is kept on disk",
		Args:  noArguments,
		RunE:  func(*cobra.Command, []string) error { return a.clearCache() },
	})
	return cmd
}

// nativeCacheDir is the folder of what the native engine keeps. It need not exist.
func nativeCacheDir() (string, error) {
	dir, err := config.CacheDir()
	return filepath.Join(dir, "native"), err
}

// existingCache opens the native engine's cache as it is; nil if there is none.
func existingCache(dir string) (*diskcache.Cache, error) {
	if _, err := os.Lstat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return diskcache.Open(dir, math.MaxInt64) // by looking at it, none of it goes
}

func (a *app) showCache() error {
	limit, err := a.config.Bytes(config.DiskCache)
	if err != nil {
		return err
	}
	dir, used, err := cacheUse()
	if err != nil {
		return err
	}
	_, states, err := cacheUse(native.StateKind)
	if err != nil {
		return err
	}
	most := "of at most " + size(uint64(limit))
	if limit == 0 {
		most = "and nothing is added: disk-cache is 0 (from " + a.config[config.DiskCache].Origin + ")"
	}
	code := compiledDir()
	kept, err := compiledUse(code)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.stdout, "%s\n%s %s\nof these states of conversations: %s\n%s\n%s of the readers of PDF, AVIF and HEIC\n",
		termtext.Line(dir), used, termtext.Line(most), states, termtext.Line(code), kept)
	return err
}

// cacheUse returns where the cache is and what is in it, of some kinds or all.
func cacheUse(kinds ...string) (dir, used string, err error) {
	if dir, err = nativeCacheDir(); err != nil {
		return "", "", err
	}
	cache, err := existingCache(dir)
	if err != nil {
		return dir, "", err
	}
	if cache == nil {
		return dir, cacheAmount(0, 0), nil
	}
	n, bytes, err := cache.Size(kinds...)
	return dir, cacheAmount(n, bytes), err
}

func cacheAmount(entries int, bytes int64) string {
	return fmt.Sprintf("%s, %s", counted(entries, "file"), size(uint64(bytes)))
}

func (a *app) clearCache() error {
	dir, used, err := cacheUse()
	if err != nil {
		return err
	}
	cache, err := existingCache(dir)
	if err == nil && cache != nil {
		err = cache.Clear()
	}
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(a.stdout, "Removed from %s: %s\n", termtext.Line(dir), used); err != nil {
		return err
	}
	code := compiledDir()
	kept, err := compiledUse(code)
	if err == nil {
		err = os.RemoveAll(code)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.stdout, "Removed from %s: %s of the readers of PDF, AVIF and HEIC\n", termtext.Line(code), kept)
	return err
}

// compiledUse returns how much there is of the machine code in compiledDir.
func compiledUse(dir string) (string, error) {
	var n int
	var bytes int64
	err := filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err == nil {
			n, bytes = n+1, bytes+info.Size()
		}
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		err = nil // nothing was kept yet, or it went just now
	}
	return cacheAmount(n, bytes), err
}
