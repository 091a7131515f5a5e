package ui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/termtext"
)

// place is which one of several branches is seen.
type place struct{ at, of int }

// String is "‹2/3›", and nothing if there is one only.
func (p place) String() string {
	if p.of < 2 {
		return ""
	}
	return fmt.Sprintf("‹%d/%d›", p.at, p.of)
}

// placeOf tells which of several an exchange is.
func placeOf(ex *exchange, among []*exchange) place {
	return place{slices.Index(among, ex) + 1, len(among)}
}

// append puts an exchange behind another, nil for the beginning, as the end of the
// conversation.
func (m *model) append(ex, behind *exchange) {
	before := m.talk.path()
	m.talk.add(ex, behind)
	m.retrace(before)
}

// travel makes an exchange the end of the conversation, nil its beginning, and the
// transcript what leads there. What is on the screen stays as far as it is the same,
// the notes of what is not go with it.
func (m *model) travel(to *exchange) {
	before := m.talk.path()
	m.talk.goTo(to)
	m.retrace(before)
}

// retrace makes the transcript what the path is, which was another one before.
func (m *model) retrace(before []*exchange) {
	path, same := m.talk.path(), 0
	for same < min(len(before), len(path)) && before[same] == path[same] {
		same++
	}
	if same < len(before) {
		m.transcript.cutAt(before[same].question)
	}
	for _, ex := range path[same:] {
		m.transcript.add(ex.question)
		m.transcript.add(ex.answer)
	}
	m.mark()
	if f, ok := m.dialog.(*finder); ok {
		f.found.look(m.transcript, f.found.query, m.transcript.top) // what was found may be gone
	}
	if m.draft != nil && m.transcript.index(m.draft) < 0 {
		m.transcript.add(m.draft)
	}
	m.transcript.toEnd()
	m.status.usage = nil
	if m.talk.leaf != nil {
		m.status.usage = m.talk.leaf.answer.usage
	}
}

// mark tells the messages of the path which of several they are.
func (m *model) mark() {
	for _, ex := range m.talk.path() {
		if p := placeOf(ex, m.talk.questions(ex)); p != ex.question.branch {
			ex.question.branch = p
			ex.question.changes++
		}
		if signs := m.talk.signs(ex); signs != ex.answer.signed {
			ex.answer.signed = signs
			ex.answer.changes++
		}
		if p := placeOf(ex, m.talk.answers(ex)); p != ex.answer.branch {
			ex.answer.branch = p
			ex.answer.changes++
		}
	}
}

// settled reports whether the conversation can be taken elsewhere: not while a
// question is on its way to an answer. Otherwise it says so.
func (m *model) settled() bool {
	if m.busy() {
		m.status.flash = busyHint
		return false
	}
	m.leaveEdit()
	return true
}

// branch goes on from an earlier message, or from one of another branch; without a
// number it shows them all.
func (m *model) branch(argument string) tea.Cmd {
	switch {
	case argument == "":
		return m.openBranches()
	case !m.settled():
		return nil
	}
	ex := m.numbered(argument)
	if ex == nil {
		return nil
	}
	m.goOnFrom(ex)
	return nil
}

// numbered returns the exchange that a person means by its number. If there is none
// it says so.
func (m *model) numbered(argument string) *exchange {
	n, err := strconv.Atoi(argument)
	if ex := m.talk.find(n); ex != nil && err == nil {
		return ex
	}
	if m.talk.count == 0 {
		m.say(&note{text: "Nothing was asked yet."})
	} else {
		m.say(&note{text: fmt.Sprintf("There is no message %s.", termtext.Line(argument)), hint: "/branch shows them with their numbers."})
	}
	return nil
}

// goOnFrom makes the next question one behind an exchange.
func (m *model) goOnFrom(ex *exchange) {
	m.travel(ex)
	m.status.flash = fmt.Sprintf("the conversation goes on behind message %d", ex.number)
	if len(ex.children) > 0 {
		m.status.flash += "; what came then is kept: /branch"
	}
}

// openBranches shows the conversation as a tree, to choose where to go on.
func (m *model) openBranches() tea.Cmd {
	p := &picker{heading: "Branches", ofTalk: true, empty: "Nothing was asked yet.", does: "goes on from there", pick: func(m *model, e entry) tea.Cmd {
		if m.settled() {
			m.goOnFrom(e.value.(*exchange))
		}
		return nil
	}}
	path := m.talk.path()
	m.talk.outline(func(ex *exchange, tree string) {
		p.entries = append(p.entries, entry{
			lead:    tree,
			name:    fmt.Sprintf("%d %s", ex.number, ex.question.opening()),
			about:   ex.about(),
			current: slices.Contains(path, ex),
			value:   ex,
		})
	})
	if m.plain && len(p.entries) > 0 {
		m.say(&note{text: p.outline(), hint: "/branch and a number goes on from there."})
		return nil
	}
	return m.openPicker(p)
}

// outline writes the entries one under the other: they have numbers of their own.
func (p *picker) outline() string {
	var lines []string
	for _, e := range p.entries {
		line := e.lead + e.name + ": " + e.about
		if e.current {
			line += " •"
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// outline goes through the tree with what is drawn before each exchange of it: what
// follows upon another without a choice stands under it, branches a step further in.
func (c *conversation) outline(yield func(ex *exchange, tree string)) {
	var walk func(some []*exchange, edge string)
	walk = func(some []*exchange, edge string) {
		for i, ex := range some {
			mark, rest := "", edge
			switch {
			case len(some) == 1:
			case i < len(some)-1:
				mark, rest = "├ ", edge+"│ "
			default:
				mark, rest = "└ ", edge+"  "
			}
			yield(ex, edge+mark)
			walk(ex.children, rest)
		}
	}
	walk(c.firsts, "")
}

// about says in a few words what became of an exchange: how its answer begins, who
// gave it, and when.
func (ex *exchange) about() string {
	const most = 24 // cells of the answer, so that the rest is seen
	var all []string
	if said := opening(ex.answer.raw.String(), most); said != "" {
		all = append(all, said)
	} else {
		all = append(all, map[state]string{
			waiting: "…", running: "…", failed: "failed", abandoned: "stopped", answered: "(nothing)",
		}[ex.answer.state])
	}
	if ex.answer.by != nil {
		all = append(all, ex.answer.by.Model)
	}
	if !ex.asked.IsZero() {
		all = append(all, clock(ex.asked, time.Now()))
	}
	return strings.Join(all, dot)
}

// opening returns how a text begins, in one line of so many cells.
func opening(text string, most int) string {
	return cut(termtext.Line(strings.Join(strings.Fields(text), " ")), most, "…", 0)
}

// opening returns what a question is recognised by.
func (q *question) opening() string {
	const most = 48
	if q.text == "" && len(q.shots) > 0 {
		return "[" + q.shots[0].name + "]"
	}
	return opening(q.text, most)
}

// undo takes back the last exchange. Nothing is deleted: it is a branch.
func (m *model) undo(string) tea.Cmd {
	if !m.settled() {
		return nil
	}
	before := m.talk.path()
	ex := m.talk.undo()
	if ex == nil {
		m.say(&note{text: "There is nothing to take back."})
		return nil
	}
	m.retrace(before)
	m.status.flash = fmt.Sprintf("message %d is taken back: the model does not know of it; /redo brings it again", ex.number)
	return nil
}

// redo brings back what undo took back last.
func (m *model) redo(string) tea.Cmd {
	if !m.settled() {
		return nil
	}
	before := m.talk.path()
	if m.talk.redo() == nil {
		m.say(&note{text: "Nothing was taken back that could come again."})
		return nil
	}
	m.retrace(before)
	return nil
}

// switchBranch goes to the branch before the one that is seen, or behind it: of a
// message of the transcript, a question or an answer, or if that is nil of the last one
// that has several. It reports whether there is one.
func (m *model) switchBranch(b block, step int) bool {
	for _, ex := range slices.Backward(m.talk.path()) {
		for _, of := range []struct {
			block block
			among []*exchange
		}{{ex.answer, m.talk.answers(ex)}, {ex.question, m.talk.questions(ex)}} {
			if b != nil && b != of.block || len(of.among) < 2 {
				continue
			}
			if !m.settled() {
				return false
			}
			n := len(of.among)
			to := of.among[(slices.Index(of.among, ex)+step+n)%n]
			m.travel(m.talk.tip(to))
			m.transcript.show(to.question)
			return true
		}
	}
	return false
}

// otherBranch is switchBranch for a key.
func (m *model) otherBranch(step int) {
	if !m.switchBranch(nil, step) && m.status.flash == "" {
		m.status.flash = "there is one branch only: /retry and /edit make more"
	}
}
