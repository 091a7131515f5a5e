package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"sync"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/tasks"
	"github.com/vlmchat/vlmchat/termtext"
)

// someFailed ends a command that asked several questions, of which some were not answered:
// why, was told of each. Its code is that of the first.
type someFailed struct{ failed, code int }

func (e someFailed) Error() string {
	return fmt.Sprintf("%d of the questions were not answered", e.failed)
}

// turn is the question about one of several pictures.
type turn struct {
	name  string
	parts []engine.Part
	among bool // there are other pictures

	notes   bytes.Buffer
	answer  bytes.Buffer
	err     error
	partial bool // the answer has a beginning that stays: events
	done    chan struct{}
}

// askEach asks about each picture behind the same conversation, as many at once as the
// engine computes, and prints the answers in the order of the pictures. What is wrong with
// one of them is told, and the rest go on; where the engine can't be used they do not. No more
// than one is read ahead of those that are asked about, of however many.
func (q *asker) askEach(ctx context.Context, earlier []engine.Message, sources []string, out io.Writer) error {
	if len(sources) == 0 && !q.flags.clipboard {
		return usagef("--each asks about each picture, and none is named")
	}
	jobs, err := q.defaultJobs()
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	var all sync.WaitGroup
	defer all.Wait()
	defer stop()
	queue := make(chan *turn, jobs-1) // and one that is waited for
	all.Go(func() {
		defer close(queue)
		for t := range q.turns(ctx, sources) {
			select {
			case queue <- t:
			case <-ctx.Done():
				return
			}
			all.Go(func() {
				defer close(t.done)
				q.take(ctx, t, earlier)
			})
		}
	})
	var some someFailed
	printed := false
	for t := range queue {
		q.status.doing("asking about " + termtext.Line(t.name))
		select {
		case <-t.done:
		case <-ctx.Done():
			return ctx.Err()
		}
		q.status.clear()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if q.status.notes != nil {
			_, _ = t.notes.WriteTo(q.status.notes)
		}
		code := exitCode(t.err)
		if t.err != nil && (code == exitEngine || code == exitUsage) {
			return t.err // as it would be of every other
		}
		if t.err == nil || t.partial {
			if err := q.print(out, t, printed); err != nil {
				return err
			}
			printed = true
		}
		if t.err == nil {
			q.tellOfModel(ctx)
			continue
		}
		if picture := (*images.Error)(nil); t.among && !errors.As(t.err, &picture) {
			t.err = fmt.Errorf("%s: %w", t.name, t.err)
		}
		q.tell(t.err)
		if some.failed++; some.failed == 1 {
			some.code = code
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if some.failed > 0 {
		return some
	}
	return nil
}

// print prints what came of a turn, under the picture's name as head has it where there
// are several.
func (q *asker) print(out io.Writer, t *turn, printed bool) error {
	if t.among && !q.flags.json && !q.flags.jsonl {
		blank := ""
		if printed {
			blank = "\n"
		}
		if _, err := fmt.Fprintf(out, "%s==> %s <==\n", blank, termtext.Line(t.name)); err != nil {
			return err
		}
	}
	_, err := t.answer.WriteTo(out)
	return err
}

// take asks about a turn's picture.
func (q *asker) take(ctx context.Context, t *turn, earlier []engine.Message) {
	one := *q
	one.known = true
	one.status = &status{notes: &t.notes}
	print := q.flags.printer(q.app, &t.answer)
	bounded, cancel := q.flags.within(ctx)
	defer cancel()
	if t.err != nil {
		_ = print.start(beginning{images: []tasks.Image{{Source: t.name}}, whole: true}) // into memory
	} else {
		messages := q.how.messages(earlier, t.parts)
		if t.err = q.how.enough(messages); t.err == nil {
			t.err = one.answer(bounded, one.request(messages), q.setup.Engine.Chat, nil, print)
		}
	}
	if t.err = q.flags.late(bounded, t.err); t.err != nil && q.flags.jsonl {
		print.fail(t.err, codeOf(ctx, t.err))
		t.partial = true
	}
}

// turns reads the pictures, those of one name after the other.
func (q *asker) turns(ctx context.Context, sources []string) iter.Seq[*turn] {
	return func(yield func(*turn) bool) {
		var notes lockedBuffer // for the next turn
		ctx := images.Listen(ctx, images.Listener{Note: func(text string) { fmt.Fprintln(&notes, termtext.Line(text)) }})
		next, stop := iter.Pull(q.named(ctx, sources))
		defer stop()
		several := false
		for one, there := next(); there; {
			following, another := next()
			several = several || another
			bounded, cancel := q.flags.within(ctx)
			parts, err := one.load(bounded)
			err = q.flags.late(bounded, err)
			cancel()
			pictures := apart(parts)
			if err != nil {
				pictures = [][]engine.Part{nil}
			}
			for _, p := range pictures {
				t := &turn{name: one.name, parts: p, err: err, among: several || len(pictures) > 1, done: make(chan struct{})}
				if list := tasks.Images([]engine.Message{{Parts: p}}); len(list) > 0 {
					t.name = list[0].Source
				}
				_, _ = notes.WriteTo(&t.notes)
				if !yield(t) {
					return
				}
			}
			one, there = following, another
		}
	}
}

// namedPicture is one that a person meant, or a few if only reading them tells them apart.
type namedPicture struct {
	name string
	load func(context.Context) ([]engine.Part, error)
}

// named tells the pictures of the sources apart, as far as their names do.
func (q *asker) named(ctx context.Context, sources []string) iter.Seq[namedPicture] {
	return func(yield func(namedPicture) bool) {
		for _, source := range sources {
			for name, err := range q.loader.Each(ctx, source) {
				load := func(ctx context.Context) ([]engine.Part, error) {
					if err != nil {
						return nil, err
					}
					return q.pictures(ctx, []string{name})
				}
				shown := name
				if images.IsURL(name) {
					shown = images.ShownURL(name)
				}
				if !yield(namedPicture{shown, load}) {
					return
				}
			}
		}
		if q.flags.clipboard {
			yield(namedPicture{"the clipboard", func(ctx context.Context) ([]engine.Part, error) {
				copied, err := q.fromClipboard(ctx)
				return engine.PictureParts(copied...), err
			}})
		}
	}
}

// apart splits parts into those of one picture each, its place in front of it.
func apart(parts []engine.Part) [][]engine.Part {
	var all [][]engine.Part
	begin := 0
	for i, p := range parts {
		if p.Picture != nil || p.URL != "" {
			all = append(all, parts[begin:i+1:i+1])
			begin = i + 1
		}
	}
	return all
}

// jobsPerServer is how many questions a server is asked at once, where a person says nothing
// else: most have a limit, and say so when it is met.
const jobsPerServer = 4

// defaultJobs is how many questions are asked at once: as many as a native model computes
// together, or a few for each server.
func (a *app) defaultJobs() (int, error) {
	backend := a.config.String(config.Backend)
	if backend == "native" {
		return a.config.Int(config.Parallel, 1)
	}
	return jobsPerServer * len(addresses(a.config, backend)), nil
}

// lockedBuffer is a buffer for several goroutines.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

// WriteTo writes what is in it.
func (l *lockedBuffer) WriteTo(w io.Writer) (int64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.WriteTo(w)
}
