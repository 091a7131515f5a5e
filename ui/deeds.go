package ui

import (
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// deed is what a key does with the message that is selected.
type deed struct {
	key  func(*messageKeys) key.Binding
	does string // in a word or two, for the screen's last line
	can  func(m *model, b block) bool
	run  func(m *model, b block) tea.Cmd
}

// deeds are those that there are, in the order in which the last line has them: where it
// is short, the last ones go first. It is filled at start, as some of them lead back to it.
var deeds []deed

func init() {
	deeds = []deed{
		{func(k *messageKeys) key.Binding { return k.copy }, "copy", hasText, (*model).copyMessage},
		{func(k *messageKeys) key.Binding { return k.edit }, "edit", canEdit, (*model).editMessage},
		{func(k *messageKeys) key.Binding { return k.again }, "ask again", canAskAgain, (*model).askMessageAgain},
		{func(k *messageKeys) key.Binding { return k.code }, "code", hasCode, (*model).copyNextCode},
		{func(k *messageKeys) key.Binding { return k.fold }, "thought", hasThought, (*model).turnThoughtOf},
		{func(k *messageKeys) key.Binding { return k.zoom }, "zoom", hasPicture, (*model).zoomOnMessage},
		{func(k *messageKeys) key.Binding { return k.branchPrev }, "branch", hasBranches, (*model).branchBefore},
		{func(k *messageKeys) key.Binding { return k.branchNext }, "branch", hasBranches, (*model).branchAfter},
		{func(k *messageKeys) key.Binding { return k.ground }, "ground", canGround, (*model).groundMessage},
		{func(k *messageKeys) key.Binding { return k.branch }, "go on here", canBranch, (*model).branchHere},
		{func(k *messageKeys) key.Binding { return k.open }, "open", hasPicture, (*model).openMessage},
	}
}

func hasText(_ *model, b block) bool { return b.(message).source() != "" }

func hasCode(_ *model, b block) bool {
	a, ok := b.(*answer)
	return ok && strings.Contains(a.said(), "```") // or nearly so: to read it all is for when it is asked for
}

func hasThought(_ *model, b block) bool {
	a, ok := b.(*answer)
	return ok && !a.thought.empty()
}

func hasPicture(_ *model, b block) bool {
	q, ok := b.(*question)
	return ok && len(q.shots) > 0
}

// canEdit: a question that was asked, which that of the start was not yet.
func canEdit(m *model, b block) bool {
	q, ok := b.(*question)
	return ok && m.talk.exchangeOf(q) != nil
}

func canAskAgain(m *model, b block) bool {
	ex := m.talk.exchangeOf(b)
	return ex != nil && ex.answer.over()
}

// canBranch: an answer that something follows upon; behind the last one the conversation
// goes on anyway.
func canBranch(m *model, b block) bool {
	a, ok := b.(*answer)
	if !ok {
		return false
	}
	ex := m.talk.exchangeOf(a)
	return ex != nil && ex != m.talk.leaf
}

func hasBranches(_ *model, b block) bool {
	switch b := b.(type) {
	case *question:
		return b.branch.of > 1
	case *answer:
		return b.branch.of > 1
	}
	return false
}

func canGround(m *model, b block) bool {
	a, ok := b.(*answer)
	return ok && a.over() && hasText(m, a) && len(m.talk.exchangeOf(a).shots()) > 0
}

// exchangeOf returns the exchange of the path that a question or an answer belongs to;
// nil if none has it.
func (c *conversation) exchangeOf(b block) *exchange {
	for ex := c.leaf; ex != nil; ex = ex.parent {
		if b == ex.question || b == ex.answer {
			return ex
		}
	}
	return nil
}

// shots returns the pictures of the conversation up to an exchange.
func (ex *exchange) shots() []*shot {
	var all []*shot
	for ; ex != nil; ex = ex.parent {
		all = append(all, ex.question.shots...)
	}
	return all
}

// mostWanted does what one wants most of a message: to see what was thought, to look
// closer at a picture, or to have the text.
func (m *model) mostWanted(b block) tea.Cmd {
	switch {
	case hasThought(m, b):
		return m.turnThoughtOf(b)
	case hasPicture(m, b):
		return m.zoomOnMessage(b)
	}
	return m.copyMessage(b)
}

// selectionHint says which keys act on the message that is selected, as many as there is
// room for beside the one that leaves it.
func (m *model) selectionHint() string {
	k := &m.keys.onMessage
	var all []string
	for i := 0; i < len(deeds); {
		same := i + 1
		for same < len(deeds) && deeds[same].does == deeds[i].does {
			same++
		}
		if deeds[i].can(m, m.transcript.selected) {
			var bindings []key.Binding
			for _, d := range deeds[i:same] {
				bindings = append(bindings, d.key(k))
			}
			all = append(all, hint(deeds[i].does, bindings...))
		}
		i = same
	}
	leaves := hint("leaves", k.leave)
	whole := append(slices.Clone(all), hint("others", k.previous, k.next), leaves)
	for n := len(all); m.styles.width(hints(whole...)) > m.width-2 && n > 0; n-- {
		whole = append(slices.Clone(all[:n]), leaves)
	}
	return hints(whole...)
}

func (m *model) editMessage(b block) tea.Cmd {
	m.unselect()
	return m.startEdit(m.talk.exchangeOf(b))
}

// askMessageAgain asks a question once more, from where it stands in the conversation.
func (m *model) askMessageAgain(b block) tea.Cmd {
	if !m.settled() {
		return nil
	}
	m.unselect()
	return m.askAgain(m.talk.exchangeOf(b))
}

func (m *model) branchHere(b block) tea.Cmd {
	if m.settled() {
		m.unselect()
		m.goOnFrom(m.talk.exchangeOf(b))
	}
	return nil
}

func (m *model) branchBefore(b block) tea.Cmd { return m.branchBeside(b, -1) }

func (m *model) branchAfter(b block) tea.Cmd { return m.branchBeside(b, 1) }

// branchBeside goes to another branch of a message, which is selected then.
func (m *model) branchBeside(b block, step int) tea.Cmd {
	depth := len(m.talk.exchangeOf(b).path()) - 1
	if !m.switchBranch(b, step) {
		return nil
	}
	ex := m.talk.path()[depth]
	if _, ok := b.(*question); ok {
		m.goToMessage(ex.question)
	} else {
		m.goToMessage(ex.answer)
	}
	return nil
}

func (m *model) groundMessage(b block) tea.Cmd { return m.groundAnswer(m.talk.exchangeOf(b)) }
