package ui

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"sync"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/prompts"
	"github.com/vlmchat/vlmchat/sessions"
)

// Continuation is a conversation that was kept and goes on by one question, without a
// screen: it is read, asked and kept as in a chat.
type Continuation struct {
	// Held says that another process has the conversation open, too: what is said here
	// becomes a branch of it.
	Held bool

	options Options
	keeper  *keeper
	session *session
	models  []string // that answered so far

	mu    sync.Mutex // guards the rest: what is written each second, the engine goes on with
	talk  conversation
	asked *exchange
	known chan struct{} // closed when the engine has said what it is; nil until it is asked
}

// Question is what a conversation goes on with.
type Question struct {
	Text     string
	Pictures []*images.Picture
	// Schema is a JSON Schema to which the answer has to conform, and Grammar one in GBNF;
	// at most one of them is set.
	Schema  json.RawMessage
	Grammar string
	// These hold for this question alone, as a prompt of the library wants it.
	System   string           // in place of the conversation's; empty leaves that
	Examples []engine.Message // before the question, for the model to go by
	Sampling prompts.Sampling
}

// terms are what the question is asked on, nil if that is as the conversation is.
func (q Question) terms() *terms {
	if q.System == "" && len(q.Examples) == 0 && q.Schema == nil && q.Grammar == "" && q.Sampling == (prompts.Sampling{}) {
		return nil
	}
	return &terms{system: q.System, examples: q.Examples, schema: q.Schema, grammar: q.Grammar, sampling: q.Sampling}
}

// Continue reads the conversation Resume, or begins one that is kept if that is empty. Of the
// options it needs besides the Setup, with its engine, what says how conversations are kept:
// Version, Store, NoSave and Recall.
func Continue(ctx context.Context, o Options) (*Continuation, error) {
	c := &Continuation{options: o, keeper: &keeper{open: o.Store}, session: sessionOf(o.Resume)}
	if o.Resume == "" {
		c.session, c.talk.system = newSession(), o.System
		return c, nil
	}
	err := c.keeper.look(func(store *sessions.Store) error {
		if !o.NoSave {
			_ = c.session.take(store) // what keeps it from being open here, the question's writing tells
			c.Held = c.session.kept.shared
		}
		kept, err := store.Load(ctx, o.Resume)
		if err != nil {
			return err
		}
		c.models = kept.Models
		c.talk, _ = c.session.unfold(kept, o.System, func(k images.Kept) *images.Picture { return c.keeper.recall(k, o.Recall) })
		return nil
	})
	if err != nil {
		_ = c.Close() // nothing is to be written
		return nil, err
	}
	c.keeper.add(c.session.changes(&c.talk)...) // it may have another system message
	return c, nil
}

// Ask adds a question to the branch that was seen last, and returns what the engine is to
// be asked: with all that was said there. When it returns, the question is on the disk;
// unsaved says why, if it is not.
func (c *Continuation) Ask(ctx context.Context, q Question) (r engine.Request, unsaved error) {
	ex := &exchange{question: &question{text: q.Text}, answer: &answer{}, asked: time.Now()}
	for _, p := range q.Pictures {
		ex.question.shots = append(ex.question.shots, lateShotOf(p))
	}
	ex.question.terms = q.terms()
	c.asked = ex
	c.talk.add(ex, c.talk.leaf)
	r = c.talk.request(ex, c.options.Setup, c.options.Version)
	unsaved = c.save()
	if r.Private = c.options.NoSave || errors.Is(unsaved, errRemoved); !r.Private {
		r.Session = c.session.id
	}
	r.Messages = withPixels(ctx, r.Messages)
	return r, unsaved
}

// Chat has the engine answer, as its own Chat does, and keeps what comes of it: each
// second, and at the end whatever that is.
func (c *Continuation) Chat(ctx context.Context, r engine.Request) iter.Seq2[engine.Event, error] {
	return func(yield func(engine.Event, error) bool) {
		stop := c.pace()
		left := false // whoever listened
		for ev, err := range c.options.Engine.Chat(ctx, r) {
			c.hear(ctx, ev, err)
			if left = !yield(ev, err); left {
				break
			}
		}
		stop()
		c.end(left || ctx.Err() != nil)
	}
}

// hear takes what the engine said.
func (c *Continuation) hear(ctx context.Context, ev engine.Event, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a := c.asked.answer
	a.tick(time.Now())
	var b batch
	b.take(report{ev, err})
	a.hear(b, c.options.Prices)
	if c.known == nil && err == nil && ev.Kind != engine.Load { // before, that would load it as well
		c.known = make(chan struct{})
		go c.learn(ctx)
	}
}

// learn asks the engine what it is.
func (c *Continuation) learn(ctx context.Context) {
	defer close(c.known)
	info, _ := c.options.Engine.Info(ctx) // what it does not tell stays unknown
	c.mu.Lock()
	defer c.mu.Unlock()
	if info.Model != "" {
		c.asked.answer.by = &info
		c.asked.answer.changes++
	}
}

// pace writes what has come of the answer, each second until it is stopped.
func (c *Continuation) pace() (stop func()) {
	stopped, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		seconds := time.NewTicker(answerPace)
		defer seconds.Stop()
		for {
			select {
			case <-seconds.C:
				_ = c.save() // what it can't write, Close tells
			case <-stopped:
				return
			}
		}
	}()
	return func() {
		close(stopped)
		<-ended
	}
}

// end closes the answer and writes it.
func (c *Continuation) end(interrupted bool) {
	c.mu.Lock()
	switch a := c.asked.answer; {
	case a.over():
	case interrupted:
		a.interrupted()
	default:
		a.cut()
	}
	c.mu.Unlock()
	_ = c.save() // what it can't write, Close tells
}

// save writes what is not written yet, and says why, if it can't.
func (c *Continuation) save() error {
	if c.options.NoSave {
		return nil
	}
	c.mu.Lock()
	c.keeper.add(append(c.session.changes(&c.talk), c.session.progress()...)...)
	c.mu.Unlock()
	saved := c.keeper.write(c.session)
	if saved.err == nil && saved.removed {
		return errRemoved
	}
	return saved.err
}

// ID is by what name the conversation is kept.
func (c *Continuation) ID() string { return c.session.id }

// Pictures are those that the next question is asked with, besides its own.
func (c *Continuation) Pictures() []*images.Picture { return c.talk.leaf.pictures() }

// WhoAnswers says that another model goes on than the one that answered last, "" if none
// does.
func (c *Continuation) WhoAnswers(now engine.Info) string { return whoAnswers(c.models, now) }

// Close lets others have the conversation. The error says why something of it is not kept.
func (c *Continuation) Close() error {
	if c.asked != nil && c.asked.answer.state == answered && !c.options.NoSave {
		c.complete()
	}
	err := c.save()
	c.session.kept.release()
	_ = c.keeper.close() // all is written that can be
	return err
}

// completePatience is how long an answer that is there waits for what is yet to be known of it.
const completePatience = time.Second

// complete adds to an answer what its engine did not know while it came: what that is, and
// the digest of a large model.
func (c *Continuation) complete() {
	ctx, cancel := context.WithTimeout(context.Background(), completePatience)
	defer cancel()
	select {
	case <-c.known:
	case <-ctx.Done():
	}
	a := c.asked.answer
	c.mu.Lock()
	from := a.from.Provenance
	c.mu.Unlock()
	if prover, ok := c.options.Engine.(engine.Prover); ok && from.Seed != nil {
		if whole, err := prover.Prove(ctx, from); err == nil {
			from = whole
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	a.tells(&from)
	c.keeper.add(c.session.updates(c.asked))
}
