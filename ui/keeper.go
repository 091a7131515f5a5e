package ui

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/vlmchat/vlmchat/sessions"
)

// keeper writes what is said to the store, off the chat's goroutine and in the order in
// which it was said. What can't be written waits, and is tried again with what comes
// next: a disk that was full for a while costs nothing.
type keeper struct {
	open func() (*sessions.Store, error)

	waiting sync.Mutex // guards queue
	queue   []job

	turn  sync.Mutex      // of who writes; guards store, and what jobs know of sessions
	store *sessions.Store // nil until it is open
	read  *sessions.Store // that was open before it, and could only be read: others may still do
	over  bool            // the chat has ended: it is not opened again
}

// job is something to be written.
type job struct {
	// about is what it says the latest of: it takes the place of one that waits and is
	// about the same thing, unless that is nil.
	about any
	do    func(ctx context.Context, s *sessions.Store) error
}

// add has things written, in their order, when settle is called next.
func (k *keeper) add(jobs ...job) {
	k.waiting.Lock()
	defer k.waiting.Unlock()
	for _, j := range jobs {
		k.put(j)
	}
}

func (k *keeper) put(j job) {
	if j.about != nil && len(k.queue) > 1 {
		// The first one may be at work.
		rest := slices.DeleteFunc(k.queue[1:], func(other job) bool { return other.about == j.about })
		k.queue = k.queue[:1+len(rest)]
	}
	k.queue = append(k.queue, j)
}

// settle writes all that waits. When it returns without an error, that is on the disk.
// What is being written is written to its end, however the chat ends.
func (k *keeper) settle() error {
	k.turn.Lock()
	defer k.turn.Unlock()
	ctx := context.Background()
	for {
		k.waiting.Lock()
		var next job
		if len(k.queue) > 0 {
			next = k.queue[0]
		}
		k.waiting.Unlock()
		if next.do == nil {
			return nil
		}
		if _, err := k.opened(); err != nil {
			return err
		}
		k.reopen()
		if err := next.do(ctx, k.store); err != nil {
			return err
		}
		k.waiting.Lock()
		k.queue = k.queue[1:]
		k.waiting.Unlock()
	}
}

// write writes all that waits, and tells how that went for a session.
func (k *keeper) write(s *session) savedMsg {
	err := k.settle()
	k.turn.Lock()
	defer k.turn.Unlock()
	if err == nil && k.store != nil {
		err = k.store.Writable()
	}
	return savedMsg{err, s.kept.removed, s}
}

// opened returns the store. Whose turn it is may call it.
func (k *keeper) opened() (*sessions.Store, error) {
	if k.over {
		return nil, context.Canceled
	}
	if k.store == nil {
		s, err := k.open()
		if err != nil {
			return nil, err
		}
		k.store = s
	}
	return k.store, nil
}

// reopen opens a store anew that could only be read, if it can be written to by now. Whose
// turn it is may call it.
func (k *keeper) reopen() {
	if k.store.Writable() == nil {
		return
	}
	if again, err := k.store.Reopened(); err == nil {
		k.read, k.store = k.store, again
	}
}

// look does something with the store that changes nothing in this conversation.
func (k *keeper) look(do func(s *sessions.Store) error) error {
	k.turn.Lock()
	s, err := k.opened()
	k.turn.Unlock()
	if err != nil {
		return err
	}
	return do(s)
}

// close lets go of the store.
func (k *keeper) close() error {
	k.turn.Lock()
	defer k.turn.Unlock()
	k.over = true
	if k.store == nil {
		return nil
	}
	err := k.store.Close()
	if k.read != nil {
		err = errors.Join(err, k.read.Close())
	}
	k.store, k.read = nil, nil
	return err
}

// errRemoved says that the session that is open was removed by another process.
var errRemoved = errors.New("another vlmchat has removed this conversation")
