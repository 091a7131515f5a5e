package ollama

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/ollama/ollama/api"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/remote"
)

// Pull has the server fetch a model from where its name says: Ollama's library,
// if it says nothing. What fails for a moment, or is cut, is asked for again: the
// server goes on where it was.
func (e *Engine) Pull(ctx context.Context, name string) iter.Seq2[engine.PullProgress, error] {
	return func(yield func(engine.PullProgress, error) bool) {
		emit := func(p engine.PullProgress) error {
			if !yield(p, nil) {
				return remote.ErrLeft
			}
			return nil
		}
		var sum transfer
		var before error
		err := e.calls.Again(ctx, func(ctx context.Context) error {
			if before != nil {
				if err := emit(sum.tell("trying again: " + before.Error())); err != nil {
					return err
				}
			}
			err := e.pull(ctx, name, &sum, emit)
			if err != nil && !errors.Is(err, remote.ErrLeft) {
				before = e.known(ctx, err)
				return before
			}
			return err
		})
		if err != nil && !errors.Is(err, remote.ErrLeft) {
			yield(engine.PullProgress{}, err)
		}
	}
}

// pulledWhole is what the server says at the end of a pull that went well.
const pulledWhole = "success"

func (e *Engine) pull(ctx context.Context, name string, sum *transfer, emit func(engine.PullProgress) error) error {
	x := &exchange{engine: e, pulls: name, stream: true}
	var empty emptiness
	whole := false
	err := e.client(x).Pull(ctx, &api.PullRequest{Model: name}, func(p api.ProgressResponse) error {
		if p.Status == "" && p.Digest == "" {
			return empty.more(e.base.Host)
		}
		empty = 0
		if err := emit(sum.add(p)); err != nil {
			return err
		}
		if p.Status == pulledWhole {
			whole = true
			return errDone
		}
		return nil
	})
	if whole || errors.Is(err, remote.ErrLeft) {
		return nil
	}
	return x.pullCut(ctx, err)
}

// transfer adds up the files of a model. The server tells of them one by one, as
// they come along.
type transfer struct {
	files map[string]api.ProgressResponse // by their digest
}

// add takes what the server says of one file, and returns how far all are.
func (t *transfer) add(p api.ProgressResponse) engine.PullProgress {
	if p.Digest != "" {
		if t.files == nil {
			t.files = map[string]api.ProgressResponse{}
		}
		t.files[p.Digest] = p
	}
	return t.tell(remote.OneLine(p.Status))
}

// tell says how far all files are.
func (t *transfer) tell(status string) engine.PullProgress {
	sum := engine.PullProgress{Status: status}
	for _, f := range t.files {
		sum.Done += f.Completed
		sum.Total += f.Total
	}
	return sum
}

// pullCut says why a pull ended before the server called it a success.
func (x *exchange) pullCut(ctx context.Context, err error) error {
	var known *engine.Error
	switch {
	case ctx.Err() != nil:
		return remote.Stopped(ctx)
	case errors.As(err, &known):
	case x.resp == nil:
		return err
	case errors.As(remote.Err(x.resp), &known):
	case err == nil, broken(err):
		known = &engine.Error{Kind: engine.AnswerCut, Err: err, Temporary: true, Message: fmt.Sprintf("the server at %s ended it", x.engine.base.Host)}
	default:
		return x.notPulled(remote.OneLine(err.Error()))
	}
	if known.Kind == engine.AnswerCut {
		return &engine.Error{
			Kind: engine.AnswerCut, Err: known, Temporary: known.Temporary,
			Message: fmt.Sprintf("%s is not there yet, and the Ollama at %s has stopped telling how far it is", remote.OneLine(x.pulls), x.engine.base.Host),
			Hint:    "pull it again: it goes on where it was",
		}
	}
	return known
}

var (
	unknownName = remote.Words(`(?i)file does not exist|not found|invalid model (name|path)`)
	offline     = remote.Words(`(?i)no such host|dial tcp|lookup |connection (refused|reset)|timeout|network is unreachable|server misbehaving`)
)

// notPulled sorts the server's words about a pull that failed.
func (x *exchange) notPulled(said string) *engine.Error {
	name := remote.OneLine(x.pulls)
	switch {
	case offline(said):
		return &engine.Error{
			Kind:    engine.Unreachable,
			Message: fmt.Sprintf("the Ollama at %s can't reach where %s would come from: %s", x.engine.base.Host, name, said),
			Hint:    "check that machine's network",
		}
	case unknownName(said):
		return &engine.Error{
			Kind:    engine.ModelNotFound,
			Message: fmt.Sprintf("there is no model %s to be pulled: %s", name, said),
			Hint:    "ollama.com/library has the names",
		}
	}
	return &engine.Error{Kind: engine.Failed, Message: fmt.Sprintf("the Ollama at %s did not pull %s: %s", x.engine.base.Host, name, said)}
}
