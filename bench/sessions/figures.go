package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/vlmchat/vlmchat/bench/measure"
	"github.com/vlmchat/vlmchat/sessions"
)

// keep measures what keeping an exchange takes, durably, beside all others. llm keeps one
// when it is over; we write the question, the beginning of the answer and its end: three
// times.
func (b *bench) keep(ctx context.Context) ([]*measure.Figure, error) {
	message := &measure.Figure{Name: "keeping a message, p99 of a round", Headline: true, Unit: "ms", Goal: measure.Goal{AtMost: 5, Ours: true}}
	whole := &measure.Figure{Name: "keeping an exchange, median of a round", Unit: "ms"}
	for round := range b.Rounds {
		err := measure.InTurns(round, func() error {
			messages, exchanges, err := b.keepOurs(ctx)
			if err == nil {
				message.Ours = append(message.Ours, messages[len(messages)*99/100])
				whole.Ours = append(whole.Ours, exchanges[len(exchanges)/2])
			}
			return err
		}, func() error {
			took, err := b.peer.keep(ctx, b.kept)
			if err == nil {
				slices.Sort(took)
				whole.Peer = append(whole.Peer, took[len(took)/2])
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return []*measure.Figure{message, whole}, nil
}

// keepOurs returns, in order, what each message and each exchange took.
func (b *bench) keepOurs(ctx context.Context) (messages, exchanges []float64, err error) {
	t := newTalker()
	to := sessions.Session{ID: sessions.NewID()}
	parent := int64(0)
	for range b.kept {
		question, answer := t.exchange()
		began := time.Now()
		q := asked(0, question, began)
		q.Parent = parent
		id, err := b.store.Append(ctx, to, q)
		if err != nil {
			return nil, nil, err
		}
		messages = append(messages, ms(time.Since(began)))
		a := answered(0, "", began)
		a.Parent, a.State = id, sessions.Partial
		if parent, err = b.store.Append(ctx, to, a); err != nil {
			return nil, nil, err
		}
		a.State, a.Parts = sessions.Whole, []sessions.Part{{Text: answer}}
		if err := b.store.Update(ctx, parent, a); err != nil {
			return nil, nil, err
		}
		exchanges = append(exchanges, ms(time.Since(began)))
	}
	slices.Sort(messages)
	slices.Sort(exchanges)
	return messages, exchanges, nil
}

// list measures listing all sessions, and the command that does.
func (b *bench) list(ctx context.Context) ([]*measure.Figure, error) {
	inside := &measure.Figure{Name: fmt.Sprintf("listing %d conversations", b.conversations), Headline: true, Unit: "ms", Goal: measure.Goal{AtMost: 50, Ours: true}}
	command := &measure.Figure{Name: "the command that lists the last 20", Unit: "ms"}
	for round := range b.Rounds {
		began := time.Now()
		if _, err := b.store.List(ctx); err != nil {
			return nil, err
		}
		inside.Ours = append(inside.Ours, ms(time.Since(began)))
		err := b.commands(ctx, round, command, []string{"list"}, []string{"--short", "-n", "20"})
		if err != nil {
			return nil, err
		}
	}
	return []*measure.Figure{inside, command}, nil
}

// search measures finding conversations by words, and the command that does.
func (b *bench) search(ctx context.Context) ([]*measure.Figure, error) {
	var all []*measure.Figure
	for _, of := range []struct {
		name, words string
		headline    bool
	}{
		{"that one message has", fmt.Sprintf("case%d", b.conversations*b.exchanges/2), false},
		{"that a hundredth of the questions have", "heron", false},
		{"that most messages have", "bicycle window", true},
		{"of one letter, the beginning of many", "b", false},
	} {
		inside := &measure.Figure{Name: "searching for words " + of.name, Unit: "ms", Goal: measure.Goal{AtMost: 50, Ours: true}}
		command := &measure.Figure{Name: "the command that does", Headline: of.headline, Unit: "ms"}
		for round := range b.Rounds {
			began := time.Now()
			hits, err := b.store.Search(ctx, of.words, 200)
			if err != nil {
				return nil, err
			}
			inside.Ours = append(inside.Ours, ms(time.Since(began)))
			if len(hits) == 0 {
				return nil, fmt.Errorf("nothing has %q", of.words)
			}
			if err := b.commands(ctx, round, command, []string{"search", of.words}, []string{"--short", "-n", "20", "-q", of.words}); err != nil {
				return nil, err
			}
		}
		all = append(all, inside, command)
	}
	return all, nil
}

// commands measures what a command of ours takes and one of llm's.
func (b *bench) commands(ctx context.Context, round int, f *measure.Figure, ours, peer []string) error {
	timed := func(into *[]float64, name string, args ...string) error {
		cmd := exec.CommandContext(ctx, name, args...)
		cmd.Stderr = os.Stderr
		began := time.Now()
		err := cmd.Run()
		*into = append(*into, ms(time.Since(began)))
		return err
	}
	return measure.InTurns(round, func() error {
		return timed(&f.Ours, measure.Program, append([]string{"sessions", "--sessions-dir", b.store.Dir()}, ours...)...)
	}, func() error {
		return timed(&f.Peer, b.peer.program, append([]string{"logs", "list", "-d", b.peer.log}, peer...)...)
	})
}

// size measures what the same conversations take on the disk, against what was said.
func (b *bench) size(context.Context) ([]*measure.Figure, error) {
	ours, err := bytesOf(b.store.Dir(), "sessions.db")
	if err != nil {
		return nil, err
	}
	theirs, err := bytesOf(filepath.Split(b.peer.log))
	if err != nil {
		return nil, err
	}
	said := float64(b.raw)
	return []*measure.Figure{{Name: "room on the disk", Unit: "of what was said", Ours: []float64{float64(ours) / said}, Peer: []float64{float64(theirs) / said}}}, nil
}

// bytesOf is what a database takes, with its log.
func bytesOf(dir, name string) (int64, error) {
	total := int64(0)
	for _, suffix := range []string{"", "-wal"} {
		info, err := os.Stat(filepath.Join(dir, name+suffix))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return 0, err
		}
		total += info.Size()
	}
	return total, nil
}

// ms is a time as the table has it.
func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
