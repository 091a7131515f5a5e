package ui

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/sessions"
)

// resumedMsg is a session that was read from the store.
type resumedMsg struct {
	session *session
	talk    *sessions.Conversation // nil if it is a new one
	draft   sessions.Draft
	notices []string // of the store
	held    bool     // by another process, too
	err     error
}

// openStore is the command with which a chat begins to be kept: it reads the session
// that is gone on with, or else what was being written when the last chat ended.
func (m *model) openStore() tea.Cmd {
	if m.keeper == nil {
		return nil
	}
	s, id := m.session, m.options.Resume
	switch {
	case id != "":
		return m.resume(id)
	case m.unanswered():
		return m.beginSession(s) // the choice of who answers comes first
	}
	return tea.Batch(m.chooseSession(), m.beginSession(s))
}

// chooseSession opens the choice of a conversation once, if the chat begins with it.
func (m *model) chooseSession() tea.Cmd {
	if !m.options.Choose {
		return nil
	}
	m.options.Choose = false
	return m.openSessions("")
}

// beginSession is a command that makes a new session known to others, and finds what was
// being written when the last chat ended.
func (m *model) beginSession(s *session) tea.Cmd {
	if m.private {
		return nil
	}
	k := m.keeper
	return m.errand(func() tea.Msg {
		msg := resumedMsg{session: s}
		k.turn.Lock()
		defer k.turn.Unlock()
		store, err := k.opened()
		if err == nil {
			msg.notices = store.Notices()
			if err = s.take(store); err == nil {
				msg.draft, err = store.AdoptDraft(context.Background(), s.id)
			}
		}
		msg.err = err
		return msg
	})
}

// resume is a command that reads a session, to go on with it.
func (m *model) resume(id string) tea.Cmd {
	k, ctx, private := m.keeper, m.ctx, m.options.NoSave
	s := sessionOf(id)
	return m.errand(func() tea.Msg {
		msg := resumedMsg{session: s}
		_ = k.settle() // what it can't write, who writes it tells
		msg.err = k.look(func(store *sessions.Store) error {
			msg.notices = store.Notices()
			var err error
			if msg.talk, err = store.Load(ctx, id); err != nil {
				return err
			}
			if private {
				return nil
			}
			if err := s.take(store); err != nil {
				return err
			}
			if msg.held = s.kept.shared; msg.held {
				return s.keepBeside(store)
			}
			msg.draft, err = s.draftOf(ctx, store)
			return err
		})
		return msg
	})
}

// resumed takes a session that was read.
func (m *model) resumed(msg resumedMsg) tea.Cmd {
	for _, text := range msg.notices {
		m.say(&note{text: text, bad: true})
	}
	if msg.err != nil && msg.talk == nil && msg.session.id != m.session.id {
		if errors.Is(msg.err, sessions.ErrNotFound) {
			msg.err = &engine.Error{Kind: engine.Failed, Message: "This conversation is not there any more."}
		}
		m.complain(msg.err)
		return nil
	}
	var cmd tea.Cmd
	if msg.talk != nil {
		m.unfold(msg)
		cmd = tea.Batch(m.write(), m.take())
	}
	if msg.err == nil {
		cmd = tea.Batch(cmd, m.retire())
	} else {
		m.written(savedMsg{err: msg.err})
	}
	return tea.Batch(cmd, m.restore(msg.draft))
}

// unfold makes a session that was read the conversation.
func (m *model) unfold(msg resumedMsg) {
	m.stop()
	m.leaveEdit()
	m.leaveTalk()
	m.keep()
	old, c := m.session, msg.talk
	m.keeper.add(old.releases())
	s := msg.session
	m.session = s
	m.savesAgain()
	system := m.talk.system
	if m.setup.System == "" {
		system = "" // nobody asks for it here
	}
	m.talk, m.late = s.unfold(c, system, m.recallPicture)
	m.transcript.clear()
	m.status.cost = 0
	for ex := range m.talk.all {
		m.status.cost += ex.answer.cost
	}
	m.retrace(nil)
	if msg.held {
		m.say(&note{text: "Another vlmchat has this conversation open. What is said here becomes a branch of it: /branch shows them when it is opened again."})
	}
	m.sayWhoAnswers()
}

// unfold returns a conversation that was kept as it goes on, under the system message of
// the settings if they ask for one, and the pictures that are yet to be loaded.
func (s *session) unfold(c *sessions.Conversation, system string, recall func(images.Kept) *images.Picture) (conversation, []lateShot) {
	s.begun, s.tags, s.before, s.system = true, c.Tags, modelsOf(c), c.System
	if c.TitleBy != sessions.ByWords {
		s.title, s.titleBy = c.Title, c.TitleBy
	}
	talk := conversation{system: cmp.Or(system, c.System)}
	u := unfolding{talk: &talk, ids: s.kept.ids, recall: recall}
	s.leaf = u.tree(c)
	talk.fresh = nil // all of it is kept
	talk.goTo(s.leaf)
	return talk, u.late
}

func factsOf(msg *sessions.Message) answerFacts {
	var facts answerFacts
	_ = json.Unmarshal(msg.By, &facts) // what it has not stays unknown
	return facts
}

// answerFrom is an answer that was kept, to a question that wanted a JSON document or not.
func answerFrom(msg *sessions.Message, isJSON bool) *answer {
	facts := factsOf(msg)
	a := &answer{by: facts.Info, json: isJSON, limit: facts.Limit, leftOut: facts.LeftOut, cost: msg.Cost, finish: engine.Finish(msg.Finish), from: originOf(msg)}
	a.think(msg.Thinking)
	a.thought.doing.now = a.thought.doing.began.Add(facts.Thought)
	a.add(msg.Text())
	if usage := new(engine.Usage); json.Unmarshal(msg.Usage, usage) == nil {
		a.usage = usage
	}
	if sampling := new(engine.Sampling); json.Unmarshal(msg.Sampling, sampling) == nil {
		a.sampling = sampling
	}
	switch msg.State {
	case sessions.Whole:
		a.end(answered)
	case sessions.Failed:
		a.err = &engine.Error{Kind: facts.Kind, Message: msg.Error, Hint: msg.Hint}
		a.end(failed)
	default: // the process that wrote it is gone
		a.interrupted()
	}
	return a
}

// sayWhoAnswers tells that another model goes on than the one that answered last, as soon as
// it is known what goes on.
func (m *model) sayWhoAnswers() {
	s := m.session
	if s == nil || m.status.info == nil {
		return
	}
	if text := whoAnswers(s.before, *m.status.info); text != "" {
		m.say(&note{text: text})
	}
	s.before = nil
}

// whoAnswers says that another model goes on than the last of those that answered so far,
// "" if none does.
func whoAnswers(before []string, now engine.Info) string {
	if len(before) == 0 || now.Model == before[len(before)-1] {
		return ""
	}
	return fmt.Sprintf("So far %s answered. From here on it is %s.", strings.Join(before, ", "), describeInfo(now))
}

// modelsOf are the models that have answered in a conversation, the one of the last answer in
// view last.
func modelsOf(c *sessions.Conversation) []string {
	models := slices.Clone(c.Models)
	for _, msg := range slices.Backward(c.Path()) {
		if i := slices.Index(models, msg.Model); i >= 0 {
			return append(slices.Delete(models, i, i+1), msg.Model)
		}
	}
	return models
}

// lateShot is a picture of a conversation that was read, until it is loaded.
type lateShot struct {
	shot *shot
	of   *question
}

// shotFrom is a picture that was kept, as yet without its pixels.
func (m *model) shotFrom(p *sessions.Picture) *shot { return lateShotOf(m.recallPicture(keptOf(p))) }

// recallPicture is a picture that was kept, whose bytes come from the store when they are needed.
func (m *model) recallPicture(k images.Kept) *images.Picture {
	return m.keeper.recall(k, m.options.Recall)
}

// recall is a picture that was kept, whose bytes come from the store when they are needed.
func (k *keeper) recall(kept images.Kept, recall func(images.Kept, func() ([]byte, error)) *images.Picture) *images.Picture {
	return recall(kept, func() (data []byte, err error) {
		err = k.look(func(s *sessions.Store) error {
			data, err = s.Bytes(kept.SHA256)
			return err
		})
		if errors.Is(err, sessions.ErrNotFound) {
			err = errors.New("its file is not there any more")
		}
		return data, err
	})
}

// keptOf is what was kept of a picture.
func keptOf(p *sessions.Picture) images.Kept {
	k := images.Kept{Source: p.Source, Format: p.Format, SHA256: p.SHA256, Width: p.Width, Height: p.Height}
	var whole images.Kept
	if json.Unmarshal(p.Facts, &whole) == nil && whole.SHA256 == p.SHA256 {
		k = whole
	}
	return k
}
