package ui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/vlmchat/vlmchat/sessions"
)

// While nothing can be written, what waits stays short, and the latest of something comes
// behind all that was added before it.
func TestKeeperWaits(t *testing.T) {
	t.Parallel()
	full := true
	dir := t.TempDir()
	k := &keeper{open: func() (*sessions.Store, error) {
		if full {
			return nil, errors.New("the disk is full")
		}
		return sessions.Open(dir)
	}}
	defer func() {
		if err := k.close(); err != nil {
			t.Error(err)
		}
	}()
	var written []string
	writes := func(about any, text string) job {
		return job{about: about, do: func(context.Context, *sessions.Store) error {
			written = append(written, text)
			return nil
		}}
	}
	for i := range 100 {
		k.add(writes("answer", fmt.Sprint("answer ", i)))
		k.add(writes("leaf", fmt.Sprint("leaf ", i)))
		if i == 98 {
			k.add(writes(nil, "question"))
		}
		if k.settle() == nil {
			t.Fatal("it writes to a full disk")
		}
	}
	full = false
	if err := k.settle(); err != nil {
		t.Fatal(err)
	}
	if want := []string{"answer 0", "question", "answer 99", "leaf 99"}; !slices.Equal(written, want) {
		t.Errorf("written is %q, want %q", written, want)
	}
}
