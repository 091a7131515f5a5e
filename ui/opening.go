package ui

import (
	"context"
	"errors"
	"strconv"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/images/viewer"
	"github.com/vlmchat/vlmchat/termtext"
)

// viewedMsg says how it went to open a picture.
type viewedMsg struct {
	name string
	err  error
}

// open opens a picture in the system's viewer: that of a number, or the one that one
// would mean without it.
func (m *model) open(number string) tea.Cmd {
	s := m.choosePicture(number)
	if s == nil {
		return m.noSuchPicture("/open " + number)
	}
	return m.openShot(s)
}

// openMessage opens the picture of the message that is selected, the first if it has
// several: the view of it goes through all.
func (m *model) openMessage(b block) tea.Cmd { return m.openShot(b.(*question).shots[0]) }

func (m *model) openShot(s *shot) tea.Cmd {
	if m.options.View == nil {
		m.say(&note{text: "There is no viewer to open pictures in.", hint: "/zoom looks closer here."})
		return nil
	}
	m.status.flash = "opening " + s.name
	ctx, view := m.ctx, m.options.View
	return m.errand(func() tea.Msg { return viewedMsg{s.name, view(ctx, s.picture)} })
}

// viewed says what came of opening a picture.
func (m *model) viewed(msg viewedMsg) {
	none := (*viewer.NoAccess)(nil)
	switch {
	case errors.Is(msg.err, context.Canceled):
	case msg.err == nil:
		m.status.flash = "opened " + msg.name
	case errors.As(msg.err, &none):
		m.status.flash = "not opened: the conversation's end says why"
		m.say(&note{text: msg.name + " can't be opened in a viewer: " + termtext.Line(none.Detail) + ".", hint: "/zoom looks closer here."})
	default:
		m.status.flash = "not opened: the conversation's end says why"
		m.say(&note{bad: true, text: msg.name + " could not be opened: " + termtext.Line(msg.err.Error()) + ".", hint: "/zoom looks closer here."})
	}
}

// numberOf is the number by which a person means a picture.
func (m *model) numberOf(s *shot) string {
	for i, o := range m.shots() {
		if o.picture.SHA256 == s.picture.SHA256 {
			return strconv.Itoa(i + 1)
		}
	}
	return ""
}
