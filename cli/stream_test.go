package cli

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"testing"

	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/ui"
)

// Whoever presses Ctrl+C while the question, or the conversation, is awaited on
// standard input is not kept waiting for the end of it.
func TestInterruptedStandardInput(t *testing.T) {
	t.Parallel()
	silent, writer := io.Pipe()
	defer writer.Close()
	a := &app{stdin: silent, loader: &images.Loader{Stdin: silent}}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, flags := range []askFlags{{}, {messages: "-"}} {
		sources := []string{filepath.Join("testdata", "none.png")}
		how, err := a.asking(ctx, flags, sources, ui.Setup{})
		if err == nil {
			_, err = a.conversation(ctx, how, flags, sources)
		}
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%+v: %v", flags, err)
		}
	}
}
