package ui

import (
	"context"
	"errors"
	"slices"
	"sync"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/termtext"
)

// attachment is a picture that goes with the next message, or is being read to
// do so.
type attachment struct {
	name
	source string
	shot   *shot // nil while it is being read
	from   *request
	taken  bool            // the engine has no objection
	of     *shot           // whose region it is; nil of a picture that came otherwise
	kept   *images.Picture // of one that comes back from a draft

	cancel context.CancelFunc // ends its reading; nil if it came as it is
	doing  string             // what takes long in it

	drafted bool // it is shown above the conversation already
}

// request is a set of pictures that were named together: if one of them can't be
// had, none is attached, and what was written goes back to where it can be put
// right.
type request struct {
	original string // for the composer; empty if it came by a command
}

// attachedMsg says how reading an attachment went.
type attachedMsg struct {
	attachment *attachment
	source     string   // the way in which the name was meant
	shots      []*shot  // in place of the attachment; none if its name is but words
	notes      []string // what the person should know
	err        error
}

// readingMsg says what takes long in reading an attachment.
type readingMsg struct {
	attachment *attachment
	doing      string
	next       tea.Cmd // waits for more of it
}

// attachments are the pictures of the next message, in the order in which the model is sent
// them.
type attachments []*attachment

// read returns the command that reads an attachment: what its name means in the
// first of its ways in which there is such a file.
func (a *attachment) read(ctx context.Context, attach func(context.Context, string) ([]*images.Picture, error)) tea.Cmd {
	ctx, a.cancel = context.WithCancel(ctx)
	doings := make(chan string)
	var hear tea.Cmd
	hear = func() tea.Msg {
		select {
		case doing := <-doings:
			return readingMsg{a, doing, hear}
		case <-ctx.Done():
			return nil
		}
	}
	return tea.Batch(hear, func() tea.Msg {
		defer a.cancel()
		msg := attachedMsg{attachment: a}
		var writing sync.Mutex
		ctx := images.Listen(ctx, images.Listener{
			Note: func(text string) {
				writing.Lock()
				defer writing.Unlock()
				msg.notes = append(msg.notes, text)
			},
			Doing: func(text string) {
				select {
				case doings <- text:
				case <-ctx.Done():
				}
			},
		})
		for _, way := range a.ways {
			pictures, err := attach(ctx, way)
			if err != nil && (isMissing(err) || a.mentioned && isFolder(err)) {
				if msg.err == nil && !a.perhaps {
					msg.err = err // of the likeliest way
				}
				continue
			}
			msg.source, msg.err = way, err
			for _, p := range pictures {
				msg.shots = append(msg.shots, newShot(p))
			}
			break
		}
		return msg
	})
}

// drop ends the reading of an attachment that nobody wants any more.
func (a *attachment) drop() {
	if a.cancel != nil {
		a.cancel()
	}
}

// isMissing tells whether there is no file of a name.
func isMissing(err error) bool {
	e, ok := errors.AsType[*images.Error](err)
	return ok && (e.Reason == images.Missing || e.Reason == images.NoMatch)
}

// isFolder tells whether a name is a folder's.
func isFolder(err error) bool {
	e, ok := errors.AsType[*images.Error](err)
	return ok && e.Reason == images.Directory
}

func (as attachments) reading() bool {
	return slices.ContainsFunc(as, func(a *attachment) bool { return a.shot == nil || !a.taken })
}

// unread returns the first of those that are still being read; nil if there are none
// that a person knows of.
func (as attachments) unread() *attachment {
	i := slices.IndexFunc(as, func(a *attachment) bool { return a.shot == nil && !a.perhaps })
	if i < 0 {
		return nil
	}
	return as[i]
}

// activity says what takes long, and that it can be stopped.
func (as attachments) activity() string {
	a := as.unread()
	switch {
	case a == nil:
		return ""
	case a.doing == "":
		return "reading " + shortName(a.source) + stops
	}
	return termtext.Line(a.doing) + stops
}

func (as attachments) has(a *attachment) bool { return slices.Contains(as, a) }

func (as attachments) shots() []*shot {
	var shots []*shot
	for _, a := range as {
		if a.shot != nil {
			shots = append(shots, a.shot)
		}
	}
	return shots
}

// replaced puts an attachment for each of the shots in the place of one that was
// read.
func (as attachments) replaced(a *attachment, shots []*shot) attachments {
	var all attachments
	for _, s := range shots {
		all = append(all, &attachment{source: s.picture.Source, shot: s, from: a.from, of: a.of, drafted: a.drafted})
	}
	i := slices.Index(as, a)
	return slices.Replace(as, i, i+1, all...)
}

// without leaves out the attachments of a request.
func (as attachments) without(r *request) attachments {
	return slices.DeleteFunc(as, func(a *attachment) bool {
		if a.from == r {
			a.drop()
		}
		return a.from == r
	})
}

// place returns where a region of a picture goes: behind it and its other regions,
// or at the end if it is none of the attachments.
func (as attachments) place(of *shot) int {
	i := slices.IndexFunc(as, func(a *attachment) bool { return a.shot == of })
	if i < 0 {
		return len(as)
	}
	for i++; i < len(as) && as[i].of != nil; i++ {
	}
	return i
}
