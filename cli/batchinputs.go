package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/vlmchat/vlmchat/tasks/batch"
)

// batchInputs are the inputs that were named. What comes on standard input is gone through
// twice, so it is kept in a file until done.
func (a *app) batchInputs(ctx context.Context, flags batchFlags, names []string) (*batch.Inputs, func(), error) {
	if len(names) == 0 && (flags.null || !isTerminal(a.stdin)) {
		names = []string{"-"}
	}
	in := &batch.Inputs{Names: names, Null: flags.null, Frames: a.loader.Frames > 0, Split: a.loader.Names}
	count := 0
	for _, name := range names {
		if name == "-" {
			count++
		}
	}
	switch {
	case len(names) == 0:
		return nil, nil, usagef("there is nothing to ask about: name folders, pictures or a file of jobs")
	case count > 1:
		return nil, nil, usagef("standard input (-) is named twice")
	case flags.null && count == 0:
		return nil, nil, usagef("--null is about paths on standard input: name it as -")
	case count == 0:
		return in, func() {}, nil
	case isTerminal(a.stdin):
		return nil, nil, usagef("there is nothing on standard input (-): nothing is piped into it")
	}
	spool, err := os.CreateTemp("", "vlmchat-batch-*")
	if err != nil {
		return nil, nil, fmt.Errorf("standard input can't be kept: %w", err)
	}
	remove := func() { os.Remove(spool.Name()) }
	copied := make(chan error, 1)
	go func() { // a read of a stream that says nothing can't be ended
		_, err := io.Copy(spool, a.stdin)
		copied <- errors.Join(err, spool.Close())
	}()
	select {
	case err = <-copied:
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		remove()
		return nil, nil, fmt.Errorf("standard input can't be read: %w", err)
	}
	in.Stdin = spool.Name()
	return in, remove, nil
}
