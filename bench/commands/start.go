package main

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"github.com/vlmchat/vlmchat/bench/measure"
)

// startPicture is what the chat is opened with.
const startPicture = "scene-12.png"

// start measures cold starts: of the chat until its first paint and until its
// model is loaded, and of llama-server until it says that it is healthy, its
// first sign of use. It says nothing before its model is loaded.
func (b *bench) start(ctx context.Context) ([]*measure.Figure, error) {
	paint := &measure.Figure{Name: "process start to first paint", Beside: "llama-server to /health", Headline: true, Unit: "ms"}
	ready := &measure.Figure{Name: "process start to model loaded", Beside: "llama-server to /health", Unit: "ms"}
	err := b.Repeat(ctx, func(int) error {
		painted, loaded, err := b.startChat(ctx)
		if err != nil {
			return err
		}
		paint.Ours = append(paint.Ours, measure.Milliseconds(painted))
		ready.Ours = append(ready.Ours, measure.Milliseconds(loaded))

		began := time.Now()
		server, err := b.StartPeer(1)
		if err != nil {
			return err
		}
		took := time.Since(began)
		server.Kill()
		paint.Peer = append(paint.Peer, measure.Milliseconds(took))
		ready.Peer = append(ready.Peer, measure.Milliseconds(took))
		return nil
	}, paint, ready)
	return []*measure.Figure{paint, ready}, err
}

// startChat opens the chat, waits for what it is to show and leaves no process
// behind.
func (b *bench) startChat(ctx context.Context) (painted, loaded time.Duration, err error) {
	chat, err := measure.OpenChat(ctx, "--keep-alive", "0s", filepath.Join(measure.Samples, startPicture))
	if err != nil {
		return 0, 0, err
	}
	if painted, err = chat.Await(startPicture, measure.ComposerMark); err == nil {
		loaded, err = chat.Await(measure.ReadyMark)
	}
	chat.End()
	return painted, loaded, errors.Join(err, b.WorkersGone())
}
