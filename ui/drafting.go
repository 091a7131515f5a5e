package ui

import (
	"context"
	"path/filepath"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/sessions"
)

// unsent is what is being written and not sent: what is kept as the session's draft.
type unsent struct {
	text     string
	pictures []unsentPicture
}

// unsentPicture is a picture that is to go with what is being written. Its bytes are kept
// with the draft, as what was pasted or cut out of another picture is in no file.
type unsentPicture struct {
	source  string
	picture *images.Picture // nil as long as it is being read
}

func (u unsent) same(as unsent) bool {
	return u.text == as.text && slices.Equal(u.pictures, as.pictures)
}

// unsentNow is what is being written just now. Pictures that were named at the start are
// nothing that was written, as long as nothing else is there.
func (m *model) unsentNow() unsent {
	if m.edit != nil {
		return unsent{text: m.edit.draft}
	}
	u := unsent{text: m.composer.value()}
	if m.outbox != nil {
		u.text = m.outbox.original
	}
	written := u.text != ""
	for _, a := range m.attachments {
		if m.outbox != nil && a.from == m.outbox.from {
			continue // the text names it
		}
		p := unsentPicture{source: a.source, picture: a.kept}
		if a.shot != nil {
			p.picture = a.shot.picture
		}
		if p.picture == nil && (a.of != nil || a.source == clipboardSource) {
			continue // there is nothing yet by which it could be had again
		}
		u.pictures = append(u.pictures, p)
		written = written || !a.drafted
	}
	if !written {
		u.pictures = nil
	}
	return u
}

// clipboardSource is the source of pictures that are being pasted.
const clipboardSource = "clipboard"

// watchDraft has the draft written soon, if it has changed.
func (m *model) watchDraft() tea.Cmd {
	if m.drafting || m.unsentNow().same(m.session.unsent) {
		return nil
	}
	m.drafting = true
	return tea.Tick(draftPace, func(time.Time) tea.Msg { return draftPaceMsg{} })
}

// draftPaced writes the draft as it is by now.
func (m *model) draftPaced() tea.Cmd {
	m.drafting = false
	if m.keeper == nil || m.private {
		return nil
	}
	m.addDraft()
	return m.write()
}

// addDraft has the draft written.
func (m *model) addDraft() {
	u := m.unsentNow()
	if u.same(m.session.unsent) {
		return
	}
	m.session.unsent = u
	d := sessions.Draft{Session: m.session.place, Text: u.text}
	for _, p := range u.pictures {
		if p.picture == nil {
			d.Pictures = append(d.Pictures, &sessions.Picture{Source: absolute(p.source)})
			continue
		}
		d.Pictures = append(d.Pictures, PictureOf(p.picture))
	}
	m.keeper.add(job{about: m.session, do: func(ctx context.Context, s *sessions.Store) error { return s.SaveDraft(ctx, d) }})
}

// absolute names a file so that it is found from another folder.
func absolute(source string) string {
	if source == "" || source[0] == '~' || images.IsURL(source) || isFileURL(source) || filepath.IsAbs(source) {
		return source
	}
	path, err := filepath.Abs(source)
	if err != nil {
		return source
	}
	return path
}

// restore goes on with a draft that was kept. What is written or attached already stays.
func (m *model) restore(d sessions.Draft) tea.Cmd {
	if d.Empty() {
		return nil
	}
	if m.composer.empty() {
		m.composer.set(d.Text)
	}
	kept := unsent{text: d.Text}
	var commands []tea.Cmd
	for _, p := range d.Pictures {
		if slices.ContainsFunc(m.attachments, func(a *attachment) bool { return a.is(p) }) {
			continue // it was named at the start, again
		}
		if p.SHA256 == "" {
			commands = append(commands, m.attach([]name{just(p.Source)}, &request{}))
		} else {
			commands = append(commands, m.reattach(p))
		}
		a := m.attachments[len(m.attachments)-1]
		kept.pictures = append(kept.pictures, unsentPicture{a.source, a.kept})
	}
	m.session.unsent = kept
	return tea.Batch(commands...)
}

// is reports whether an attachment is the picture that was kept.
func (a *attachment) is(p *sessions.Picture) bool {
	if p.SHA256 == "" || a.shot == nil {
		return a.source != "" && absolute(a.source) == p.Source
	}
	return a.shot.picture.SHA256 == p.SHA256
}

// reattach attaches a picture that was kept with a draft.
func (m *model) reattach(p *sessions.Picture) tea.Cmd {
	picture := m.shotFrom(p).picture
	a := &attachment{source: p.Source, kept: picture, from: &request{}}
	m.attachments = append(m.attachments, a)
	var ctx context.Context
	ctx, a.cancel = context.WithCancel(m.ctx)
	return func() tea.Msg {
		defer a.cancel()
		if err := picture.Load(ctx); err != nil {
			return attachedMsg{attachment: a, err: err}
		}
		return attachedMsg{attachment: a, source: a.source, shots: []*shot{newShot(picture)}}
	}
}
