package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/vlmchat/vlmchat/bench/measure"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
)

// goOn measures a chat that is opened again after its worker has ended, as a person sees
// it: from the start of 'vlmchat -c' to the first token of the next answer, what loading
// the model takes among it. It is measured with what was kept of the conversation, and
// without; and against a llama-server that is started, restores the slot that it has saved
// of the conversation, and is asked.
func (b *bench) goOn(ctx context.Context) ([]*measure.Figure, error) {
	kept := &measure.Figure{Name: "start of 'vlmchat -c' to the first token of the next answer", Beside: "its start, and its slot restored", Unit: "ms"}
	anew := &measure.Figure{Name: "the same", Beside: "vlmchat with nothing kept of it", Unit: "ms", Goal: measure.Goal{AtMost: 1}}
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
		if err := b.begin(ctx, path, with); err != nil {
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
		if peer, err = b.reopenPeer(ctx, p); err != nil {
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

// begin has a chat about a picture, all of which is kept when it returns.
func (b *bench) begin(ctx context.Context, picture, store string) error {
	c, err := measure.OpenChat(ctx, b.chat(store, b.MaxTokens, picture)...)
	if err != nil {
		return err
	}
	_, err = c.Await(measure.ComposerMark)
	if err == nil {
		err = c.Type(measure.Describe + "\r")
	}
	if err == nil {
		_, err = c.Await(measure.AnsweredMark)
	}
	c.End()
	return errors.Join(err, b.WorkersGone())
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

// reopenPeer has the same chat with the peer, which saves its slot and ends, and returns how
// long it takes from its next start to the first text of the next answer.
func (b *bench) reopenPeer(ctx context.Context, p *images.Picture) (time.Duration, error) {
	slots, err := os.MkdirTemp(b.Dir, "slots")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(slots)
	messages := []engine.Message{engine.Ask(measure.Describe, p)}
	first, err := b.withSlot(slots, func(url string) (*measure.Answer, error) {
		a, err := b.AskPeer(ctx, url, messages, true)
		if err == nil {
			err = slot(ctx, url, "save")
		}
		return a, err
	})
	if err != nil {
		return 0, err
	}
	messages = append(messages, engine.Text(engine.Assistant, first.Text.String()), engine.Text(engine.User, followUp))
	began := time.Now()
	next, err := b.withSlot(slots, func(url string) (*measure.Answer, error) {
		if err := slot(ctx, url, "restore"); err != nil {
			return nil, err
		}
		return b.AskPeer(ctx, url, messages, true)
	})
	if err != nil {
		return 0, err
	}
	return next.First.Sub(began), nil
}

// withSlot starts the peer, which saves its slot in a folder, for as long as do takes.
func (b *bench) withSlot(slots string, do func(url string) (*measure.Answer, error)) (*measure.Answer, error) {
	server, err := b.StartPeer(1, "--slot-save-path", slots+string(filepath.Separator))
	if err != nil {
		return nil, err
	}
	defer server.Kill()
	return do(server.URL)
}

// slot has llama-server save or restore its only slot.
func slot(ctx context.Context, url, action string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/slots/0?action="+action, strings.NewReader(`{"filename": "conversation"}`))
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("llama-server does not %s its slot: %s", action, resp.Status)
	}
	return nil
}
