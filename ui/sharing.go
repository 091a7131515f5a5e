package ui

import (
	"context"
	"errors"

	"github.com/vlmchat/vlmchat/sessions"
)

// Several processes may have a conversation open. What each says becomes a branch of it,
// and each keeps its own draft. Only those that come later are told: who was there first is
// not disturbed.

// take tells other processes that the session is open here, unless another one has done so
// before. A question may have been written before the chat's beginning was done: then it is
// taken already.
func (s *session) take(store *sessions.Store) error {
	if s.kept.hold != nil {
		return nil
	}
	hold, err := store.Hold(s.id)
	if err != nil && !errors.Is(err, sessions.ErrHeld) {
		return err
	}
	s.kept.hold, s.kept.shared = hold, hold == nil
	return nil
}

// keepBeside has the draft kept beside that of the session, which another process writes.
func (s *session) keepBeside(store *sessions.Store) (err error) {
	s.place = sessions.BesideDraft(s.id)
	s.kept.beside, err = store.Hold(s.place)
	return err
}

// release lets other processes know that the session is not open here any more.
func (k *kept) release() {
	k.hold.Release()
	k.beside.Release()
	k.hold, k.beside = nil, nil
}

// releases is the job that does so in its turn.
func (s *session) releases() job {
	return job{do: func(context.Context, *sessions.Store) error {
		s.kept.release()
		return nil
	}}
}

// draftOf is what was being written when the session was closed last: here, or else by a
// process that had it open besides.
func (s *session) draftOf(ctx context.Context, store *sessions.Store) (sessions.Draft, error) {
	d, err := store.Draft(ctx, s.id)
	if err != nil || !d.Empty() {
		return d, err
	}
	return store.AdoptBeside(ctx, s.id)
}
