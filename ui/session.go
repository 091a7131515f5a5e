package ui

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/sessions"
)

// session is the conversation as it is kept: what of it is written already.
type session struct {
	id       string
	title    string // empty if it is the first words
	titleBy  sessions.TitleBy
	titlings int         // how often a model was asked for a title
	tags     []string    // in their order
	before   []string    // models that answered when it was opened, until it is known which one goes on
	begun    bool        // there is something of it in the store
	leaf     *exchange   // that was written last
	system   string      // likewise
	alive    []*exchange // whose answers are not at their end yet
	seen     map[*answer]int
	unsent   unsent // that was written last, as its draft
	place    string // of that draft: the session's, or beside it where another process has that

	kept *kept
}

// kept is what those who write know of a session; it is touched in their turn alone.
type kept struct {
	ids     map[any]int64 // of each *question and *answer
	hold    *sessions.Hold
	shared  bool           // another process has the session open, or had when it was asked last
	beside  *sessions.Hold // of the place of this process's own draft then
	removed bool
}

func newSession() *session {
	return sessionOf(sessions.NewID())
}

func sessionOf(id string) *session {
	return &session{id: id, place: id, seen: map[*answer]int{}, kept: &kept{ids: map[any]int64{}}}
}

// answerFacts is what is kept of how an answer came about, beside the columns for it.
type answerFacts struct {
	Info    *engine.Info     `json:"info,omitempty"`
	Limit   int              `json:"limit,omitempty"`    // of tokens
	LeftOut bool             `json:"left_out,omitempty"` // its question is not for later requests
	Kind    engine.ErrorKind `json:"kind,omitempty"`     // of the error
	Seed    *uint32          `json:"seed,omitempty"`     // in place of the settings'
	Thought time.Duration    `json:"thought,omitempty"`  // for how long the model thought
}

// writes is the job that writes an exchange: its question, if that is not written yet,
// and the beginning of its answer.
func (s *session) writes(ex *exchange, system string) job {
	k, to := s.kept, sessions.Session{ID: s.id, System: system, Title: s.title, TitleBy: s.titleBy}
	q, a, parent := messageOf(ex.question), messageFrom(ex), ex.parent
	q.Created, a.Created = ex.asked, ex.asked
	return job{do: func(ctx context.Context, store *sessions.Store) error {
		if k.removed {
			return nil
		}
		if k.hold == nil {
			_ = s.take(store) // another process may have ended, or the disk be there; if not, it is tried again
		}
		if parent != nil {
			q.Parent = k.ids[parent.answer]
		}
		if k.ids[ex.question] == 0 {
			id, err := store.Append(ctx, to, q)
			if err != nil {
				return k.gone(err)
			}
			k.ids[ex.question] = id
		}
		a.Parent = k.ids[ex.question]
		id, err := store.Append(ctx, to, a)
		if err != nil {
			return k.gone(err)
		}
		k.ids[ex.answer] = id
		return nil
	}}
}

// updates is the job that writes what has become of an answer.
func (s *session) updates(ex *exchange) job {
	k, m := s.kept, messageFrom(ex)
	return job{about: ex.answer, do: func(ctx context.Context, store *sessions.Store) error {
		id := k.ids[ex.answer]
		if k.removed || id == 0 {
			return nil
		}
		return k.gone(store.Update(ctx, id, m))
	}}
}

// moves is the job that writes where in the conversation one is.
func (s *session) moves(to *exchange) job {
	k, id := s.kept, s.id
	return job{about: k, do: func(ctx context.Context, store *sessions.Store) error {
		if k.removed {
			return nil
		}
		leaf := int64(0)
		if to != nil {
			leaf = k.ids[to.answer]
		}
		return k.gone(store.SetLeaf(ctx, id, leaf))
	}}
}

// instructs is the job that writes the system message.
func (s *session) instructs(system string) job {
	k, id := s.kept, s.id
	return job{do: func(ctx context.Context, store *sessions.Store) error {
		if k.removed {
			return nil
		}
		return k.gone(store.SetSystem(ctx, id, system))
	}}
}

// gone takes a session that is not there any more for removed: nothing more of it is
// written.
func (k *kept) gone(err error) error {
	if errors.Is(err, sessions.ErrNotFound) {
		k.removed = true
		return nil
	}
	return err
}

// messageOf is a question as it is kept.
func messageOf(q *question) sessions.Message {
	m := sessions.Message{Role: sessions.User, State: sessions.Whole, By: q.terms.keep()}
	for _, s := range q.shots {
		m.Parts = append(m.Parts, sessions.Part{Picture: PictureOf(s.picture)})
	}
	if q.text != "" || len(m.Parts) == 0 {
		m.Parts = append(m.Parts, sessions.Part{Text: q.text})
	}
	for _, p := range q.terms.pictures() {
		m.Needs = append(m.Needs, PictureOf(p))
	}
	return m
}

// PictureOf is a picture as it is kept.
func PictureOf(p *images.Picture) *sessions.Picture {
	k := p.Keep()
	facts, _ := json.Marshal(k) // it has nothing that JSON has not
	format := k.Format
	if k.Pixels {
		format = "png"
	}
	return &sessions.Picture{SHA256: k.SHA256, Source: k.Source, Format: format, Width: k.Width, Height: k.Height, Facts: facts,
		Bytes: func() ([]byte, error) {
			if err := p.Load(context.Background()); err != nil {
				return nil, err
			}
			return p.Bytes()
		}}
}

// messageFrom is an exchange's answer as it is kept.
func messageFrom(ex *exchange) sessions.Message {
	a := ex.answer
	m := sessions.Message{Role: sessions.Assistant, Thinking: a.thought.said(), Cost: a.cost, Finish: string(a.finish),
		Parts: []sessions.Part{{Text: a.raw.String()}}}
	switch a.state {
	case waiting:
		m.State = sessions.Asked
	case running:
		m.State = sessions.Partial
	case answered:
		m.State = sessions.Whole
	case stopped, abandoned:
		m.State = sessions.Stopped
	case failed:
		m.State = sessions.Failed
		m.Error, m.Hint = explain(a.err)
	}
	facts := answerFacts{Info: a.by, Limit: a.limit, LeftOut: a.leftOut, Seed: ex.seed, Thought: a.thought.lasted()}
	if a.err != nil {
		facts.Kind = engine.KindOf(a.err)
	}
	m.By, _ = json.Marshal(facts)
	if a.by != nil {
		m.Engine, m.Model = a.by.Engine, a.by.Model
	}
	if a.sampling != nil {
		m.Sampling, _ = json.Marshal(a.sampling)
	}
	if a.usage != nil {
		m.Usage, _ = json.Marshal(a.usage)
	}
	if a.from != nil {
		m.Provenance, _ = json.Marshal(a.from)
	}
	return m
}
