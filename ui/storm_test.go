package ui

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/sessions"
	"github.com/vlmchat/vlmchat/termimg"
)

// What people do at random with dialogs, finding, selection, zoom, pictures that are being
// read and screens of any size, while a conversation is steered: it stays whole, nothing is
// drawn beyond the screen, and nothing points to what is gone.
func TestAllAtRandom(t *testing.T) {
	t.Parallel()
	for seed := range uint64(40) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			setup := between(&fake{}, nil)
			setup.System = "Be brief."
			o := Options{Setup: setup, Attach: attachTest, Preview: []termimg.Method{termimg.Blocks, termimg.Kitty}[seed%2],
				Store:  func() (*sessions.Store, error) { return nil, errOdd },
				Recall: new(images.Loader).Recall}
			if seed%3 == 0 {
				o.Pictures = []*images.Picture{testPicture("a.png", 8, 8)}
			}
			h := &helm{stage: stage{newModel(t.Context(), o)}, r: rand.New(rand.NewPCG(seed, 9)), owner: map[*feed]*exchange{}}
			h.send(tea.WindowSizeMsg{Width: 60, Height: 20}, infoMsg{info: fakeInfo})
			var log []string
			for range 200 {
				if h.r.IntN(2) == 0 {
					log = append(log, h.act())
				} else {
					log = append(log, h.stir())
				}
				if f := h.m.fault; f != nil {
					t.Fatalf("%v\n%s\nafter %s", f, f.Stack, strings.Join(log, ", "))
				}
				if err := errors.Join(h.check(), h.fits()); err != nil {
					t.Fatalf("%v, after %s", err, strings.Join(log, ", "))
				}
			}
		})
	}
}

// stir does something that is not about what is said, and says what.
func (h *helm) stir() string {
	m := h.m
	pick := func(keys ...tea.KeyPressMsg) func() {
		return func() { h.send(keys[h.r.IntN(len(keys))]) }
	}
	acts := []struct {
		name string
		do   func()
	}{
		{"resize", func() { h.send(tea.WindowSizeMsg{Width: 1 + h.r.IntN(90), Height: 1 + h.r.IntN(30)}) }},
		{"shrink", func() { h.send(tea.WindowSizeMsg{Width: 1, Height: 1}) }},
		{"grow", func() { h.send(tea.WindowSizeMsg{Width: 60, Height: 20}) }},
		{"find", func() { h.send(keyCtrlF, letter('q'), letter('u')) }},
		{"dialog", pick(keyEnter, keyEsc, keyUp, keyDown, keyTab, keyPgDown, keyHome, keyEnd, letter('s'), keyBackspace)},
		{"select", pick(keyAltUp, keyAltDown)},
		{"deed", func() { h.send(keyAltUp, letter(rune("cerbtzo[]ngkj"[h.r.IntN(13)]))) }},
		{"zoom", pick(keyCtrlO)},
		{"in zoom", pick(keyPlus, keyMinus, keyRight, keyTab, keyEnter, keyEsc, letter('t'))},
		{"looked", func() {
			if z := m.zoom; z != nil {
				p := z.shots[z.at].picture
				h.send(detailMsg{of: z.shots[z.at], detail: termimg.NewDetail(p.RGB(), p.Width, p.Height)})
			}
		}},
		{"scroll", pick(keyPgUp, keyPgDown, keyCtrlHome, keyCtrlEnd)},
		{"mouse", func() {
			at := tea.Mouse{X: h.r.IntN(m.width), Y: h.r.IntN(m.height), Button: []tea.MouseButton{tea.MouseLeft, tea.MouseWheelUp, tea.MouseWheelDown}[h.r.IntN(3)]}
			switch {
			case at.Button != tea.MouseLeft:
				h.send(tea.MouseWheelMsg(at))
			default:
				h.send(tea.MouseClickMsg(at), tea.MouseReleaseMsg(at))
			}
		}},
		{"fold", pick(keyCtrlT)},
		{"think", func() { h.bring(func(string) batch { return batch{thought: "a question of taste\n"} }) }},
		{"palette", func() { h.send(tea.KeyPressMsg{Code: 'p', Mod: tea.ModCtrl}) }},
		{"branches", func() { h.enter("/branch") }},
		{"context", func() { h.enter("/context") }},
		{"paste", func() { h.send(tea.PasteMsg{Content: "/x/a.png"}) }},
		{"ask with", func() { h.enter("/x/b.png question?") }},
		{"read", func() {
			if a := m.attachments.unread(); a != nil {
				h.send(attachedMsg{attachment: a, source: a.source, shots: []*shot{newShot(testPicture(a.source, 20, 10))}})
			}
		}},
		{"not read", func() {
			if a := m.attachments.unread(); a != nil {
				h.send(attachedMsg{attachment: a, source: a.source, err: errOdd})
			}
		}},
		{"write", func() { h.send(letter('q'), letter('u')) }},
		{"a session", func() { h.send(resumedMsg{session: newSession(), talk: keptTalk()}) }},
	}
	a := acts[h.r.IntN(len(acts))]
	a.do()
	return a.name
}

// keptTalk is a conversation as the store has it, with a branch.
func keptTalk() *sessions.Conversation {
	said := func(text string) []sessions.Part { return []sessions.Part{{Text: text}} }
	return &sessions.Conversation{Leaf: 6, All: []sessions.Message{
		{ID: 1, Role: sessions.User, State: sessions.Whole, Parts: said("A question of old")},
		{ID: 2, Parent: 1, Role: sessions.Assistant, State: sessions.Whole, Thinking: "hm"},
		{ID: 3, Parent: 1, Role: sessions.Assistant, State: sessions.Failed, Error: "It failed."},
		{ID: 4, Parent: 2, Role: sessions.User, State: sessions.Whole, Parts: said("Another question")},
		{ID: 5, Parent: 2, Role: sessions.User, State: sessions.Whole, Parts: said("A third question")},
		{ID: 6, Parent: 5, Role: sessions.Assistant, State: sessions.Partial},
	}}
}

// fits looks whether what is seen is within the screen, and there.
func (h *helm) fits() error {
	m, t := h.m, h.m.transcript
	v := m.View()
	lines := strings.Split(v.Content, "\n")
	if len(lines) > m.height {
		return fmt.Errorf("%dx%d: %d lines", m.width, m.height, len(lines))
	}
	for _, line := range lines {
		if w := m.by.StringWidth(line); w > m.width {
			return fmt.Errorf("%dx%d: a line of %d cells: %q", m.width, m.height, w, line)
		}
	}
	if c := v.Cursor; c != nil && (c.X < 0 || c.X >= m.width || c.Y < 0 || c.Y >= m.height) {
		return fmt.Errorf("%dx%d: the cursor is at %+v", m.width, m.height, c)
	}
	for _, h := range m.scene(nil).pictures {
		if r := h.rows(); r.from < 0 || r.to > m.height || h.col < 0 || h.col+h.cols > m.width {
			return fmt.Errorf("%dx%d: a picture in rows %v, columns %d to %d", m.width, m.height, r, h.col, h.col+h.cols)
		}
	}
	if t.selected != nil && t.index(t.selected) < 0 {
		return errors.New("what is selected is gone")
	}
	if _, ok := m.dialog.(*finder); ok != (t.found != nil) {
		return fmt.Errorf("words are looked for: %v; marked: %v", ok, t.found != nil)
	}
	if t.found != nil {
		for _, in := range t.found.in {
			if t.index(in.block) < 0 {
				return errors.New("what was found is gone")
			}
		}
	}
	if m.edit != nil && m.talk.find(m.edit.of.number) != m.edit.of {
		return errors.New("what is edited is gone")
	}
	if last := m.talk.leaf; m.comparison.grows() && m.comparison.of.number > 0 && m.talk.find(m.comparison.of.number) != m.comparison.of {
		return fmt.Errorf("what is compared is gone, and the last one is %v", last)
	}
	return nil
}
