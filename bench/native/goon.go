package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/vlmchat/vlmchat/bench/measure"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/sessions"
)

// goOn measures a chat that is opened again after its worker has ended, as a person sees
// it: from the start of 'vlmchat -c' to the first token of the next answer, what loading
// the model takes among it. It is measured with what was kept of the conversation, and
// without; and against a llama-server that is started, to which the conversation is put
// again. (It keeps no slots on disk that have pictures.)
func (b *bench) goOn(ctx context.Context) ([]*measure.Figure, error) {
	kept := &measure.Figure{Name: "start of 'vlmchat -c' to the first token of the next answer; peer: its start, and the conversation anew", Unit: "ms"}
	anew := &measure.Figure{Name: "the same; peer: vlmchat with nothing kept of it", Unit: "ms", Goal: measure.Goal{AtMost: 1}}
	err := b.Repeat(ctx, func(round int) error {
		path, err := b.pictures.File(ctx, b.Dir)
		if err != nil {
			return err
		}
		p, err := images.Load(ctx, path, images.Limits{})
		if err != nil {
			return err
		}
		with, without := filepath.Join(b.Dir, "with"), filepath.Join(b.Dir, "without")
		answer, err := b.begin(ctx, path, with)
		if err != nil {
			return err
		}
		if err := os.CopyFS(without, os.DirFS(with)); err != nil {
			return err
		}
		defer os.RemoveAll(with)
		defer os.RemoveAll(without)
		var ours, bare, peer time.Duration
		err = measure.InTurns(round, func() (err error) {
			ours, err = b.reopen(ctx, with)
			return err
		}, func() (err error) {
			bare, err = b.reopen(ctx, without, "--disk-cache", "0")
			return err
		})
		if err != nil {
			return err
		}
		messages := []engine.Message{engine.Ask(measure.Describe, p), engine.Text(engine.Assistant, answer), engine.Text(engine.User, followUp)}
		if peer, err = b.startAndAsk(ctx, messages); err != nil {
			return err
		}
		kept.Ours, kept.Peer = append(kept.Ours, measure.Milliseconds(ours)), append(kept.Peer, measure.Milliseconds(peer))
		anew.Ours, anew.Peer = append(anew.Ours, measure.Milliseconds(ours)), append(anew.Peer, measure.Milliseconds(bare))
		return nil
	}, kept, anew)
	return []*measure.Figure{kept, anew}, err
}

// chat are the arguments of a chat that is kept in a folder.
func (b *bench) chat(store string, maxTokens int, more ...string) []string {
	command := b.vlmchat("0s", append([]string{"--no-history", "--sessions-dir", store, "--max-tokens", strconv.Itoa(maxTokens)}, more...)...)
	return command[1:] // without the program
}

// begin has a chat about a picture, and returns the answer when all of it is kept.
func (b *bench) begin(ctx context.Context, picture, store string) (answer string, err error) {
	c, err := measure.OpenChat(ctx, b.chat(store, b.MaxTokens, picture)...)
	if err != nil {
		return "", err
	}
	_, err = c.Await(measure.ComposerMark)
	if err == nil {
		err = c.Type(measure.Describe + "\r")
	}
	if err == nil {
		_, err = c.Await(measure.AnsweredMark)
	}
	c.End()
	if err = errors.Join(err, b.WorkersGone()); err != nil {
		return "", err
	}
	s, err := sessions.Open(store)
	if err != nil {
		return "", err
	}
	defer s.Close()
	last, err := s.Last(ctx)
	if err != nil {
		return "", err
	}
	whole, err := s.Load(ctx, last.ID)
	if err != nil {
		return "", err
	}
	path := whole.Path()
	return path[len(path)-1].Text(), nil
}

// cutMark is what the chat's screen holds when an answer has all the tokens that it may have.
const cutMark = "■ cut at the limit of 1 token"

// reopen goes on with the chat of a folder, and returns how long it took from the start of
// the process to the first token of the answer, which is its only one.
func (b *bench) reopen(ctx context.Context, store string, more ...string) (time.Duration, error) {
	c, err := measure.OpenChat(ctx, b.chat(store, 1, append(more, "-c")...)...)
	if err != nil {
		return 0, err
	}
	_, err = c.Await(measure.ComposerMark)
	if err == nil {
		err = c.Type(followUp + "\r")
	}
	var took time.Duration
	if err == nil {
		took, err = c.Await(cutMark)
	}
	c.End()
	return took, errors.Join(err, b.WorkersGone())
}

// startAndAsk starts the peer and puts a conversation to it, and returns how long it took
// to the first text of the answer.
func (b *bench) startAndAsk(ctx context.Context, messages []engine.Message) (time.Duration, error) {
	began := time.Now()
	server, err := b.StartPeer(1)
	if err != nil {
		return 0, err
	}
	defer server.Kill()
	a, err := b.AskPeer(ctx, server.URL, messages, true)
	if err != nil {
		return 0, fmt.Errorf("the conversation put to llama-server: %w", err)
	}
	return a.First.Sub(began), nil
}
