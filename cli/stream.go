package cli

import (
	"context"
	"io"
)

// readUntil reads a stream to its end, but no more than limit bytes, and no longer
// than ctx lasts: a person who presses Ctrl+C must not have to end the stream as well.
// A read that is under way then can't be ended, and is left behind.
func readUntil(ctx context.Context, r io.Reader, limit int64) ([]byte, error) {
	var data []byte
	var err error
	read := make(chan struct{})
	go func() {
		defer close(read)
		data, err = io.ReadAll(io.LimitReader(r, limit))
	}()
	select {
	case <-read:
		return data, err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
