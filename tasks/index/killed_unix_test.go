//go:build unix

package index

import (
	"context"
	"errors"
	"fmt"
	"image/color"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/images"
)

// updateIn names the folders of pictures and of the index to a process that is to be killed.
const updateIn = "VLMCHAT_TEST_UPDATE"

func TestMain(m *testing.M) {
	if dirs := filepath.SplitList(os.Getenv(updateIn)); len(dirs) == 2 {
		os.Exit(updateUntilKilled(dirs[0], dirs[1]))
	}
	os.Exit(m.Run())
}

// updateUntilKilled puts pictures into an index, and has it begun anew or put in order between.
func updateUntilKilled(pictures, dir string) int {
	x, err := Create(dir)
	if err == nil {
		_, err = x.Update(context.Background(), Update{Roots: []Root{{Path: pictures}}, Encoder: &colours{id: "a"}, Loader: &images.Loader{}})
	}
	if err == nil {
		err = x.compact(context.Background())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// startUpdate starts a process that puts pictures into an index.
func startUpdate(t *testing.T, pictures, dir string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), updateIn+"="+pictures+string(filepath.ListSeparator)+dir)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd
}

// Killed at any moment, an update leaves an index in which all that is found is right, and the
// next one goes on.
func TestKilled(t *testing.T) {
	t.Parallel()
	pictures, dir := t.TempDir(), filepath.Join(t.TempDir(), "index")
	all := map[string]color.RGBA{}
	add := func(n int) {
		for range n {
			i := len(all)
			path, c := filepath.Join(pictures, fmt.Sprintf("%04d.png", i)), []color.RGBA{red, green, blue}[i%3]
			paint(t, path, c, i)
			all[path] = c
		}
	}
	kills := 0
	for round := range 50 {
		add(40)
		cmd := startUpdate(t, pictures, dir)
		time.Sleep(time.Duration(rand.IntN(60)+10) * time.Millisecond)
		_ = cmd.Process.Kill()
		if cmd.Wait() != nil {
			kills++
		}
		if round%10 == 9 {
			wantRight(t, dir, all, false)
		}
	}
	if err := startUpdate(t, pictures, dir).Wait(); err != nil {
		t.Fatal(err)
	}
	wantRight(t, dir, all, true)
	if kills == 0 {
		t.Error("no update was killed")
	}
}

// Two that update one index at once both succeed, and nothing is in it twice.
func TestTwoAtOnce(t *testing.T) {
	t.Parallel()
	pictures, dir := t.TempDir(), filepath.Join(t.TempDir(), "index")
	all := map[string]color.RGBA{}
	for i := range 300 {
		path, c := filepath.Join(pictures, fmt.Sprintf("%04d.png", i)), []color.RGBA{red, green, blue}[i%3]
		paint(t, path, c, i)
		all[path] = c
	}
	var both sync.WaitGroup
	for range 2 {
		cmd := startUpdate(t, pictures, dir)
		both.Go(func() {
			if err := cmd.Wait(); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	wantRight(t, dir, all, true)
}

// wantRight wants pictures of a colour to be found by its name, each with its own; if all is
// there, all of them.
func wantRight(t *testing.T, dir string, all map[string]color.RGBA, whole bool) {
	t.Helper()
	x, err := Open(dir)
	if errors.Is(err, ErrNone) && !whole {
		return // it was killed before it began
	}
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	e := &colours{id: "a"}
	found := 0
	for name, c := range map[string]color.RGBA{"red": red, "green": green, "blue": blue} {
		v, _ := e.EncodeTexts(t.Context(), []string{name})
		f, err := x.Search(t.Context(), Query{Vector: v[0], K: len(all), MinScore: 0.9})
		if err != nil {
			t.Fatal(err)
		}
		if f.Damaged > 0 {
			t.Errorf("%d vectors are damaged", f.Damaged)
		}
		var paths []string
		for _, h := range f.Hits {
			paths = append(paths, h.Path)
			if all[h.Path] != c {
				t.Errorf("%s is found as %s", h.Path, name)
			}
		}
		slices.Sort(paths)
		if n := len(slices.Compact(paths)); n != len(f.Hits) {
			t.Errorf("of %d that are found %d are different", len(f.Hits), n)
		}
		found += len(f.Hits)
	}
	if whole && found != len(all) {
		t.Errorf("%d of %d pictures are found", found, len(all))
	}
}
