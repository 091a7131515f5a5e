package ui

import (
	"fmt"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/termtext"
)

const (
	busyHint = "an answer is on its way" + stops
	// leaveTime is how long the second Ctrl+C may take.
	leaveTime = 3 * time.Second
)

// press takes a key. Keys that the chat does not use go to the composer.
func (m *model) press(msg tea.KeyPressMsg) tea.Cmd {
	if key.Matches(msg, m.keys.redraw) {
		return tea.ClearScreen // something else may have written on it
	}
	if m.zoom != nil {
		return m.zoomKey(msg)
	}
	if key.Matches(msg, m.keys.interrupt) {
		return m.interrupt()
	}
	if key.Matches(msg, m.keys.suspend) {
		return m.suspend()
	}
	if m.dialog != nil {
		m.disarm()
		return m.dialog.press(m, msg)
	}
	m.disarm()
	if m.transcript.selected != nil {
		if cmd, taken := m.pressSelected(msg); taken {
			return cmd
		}
	}
	if m.chips.selected != nil {
		if cmd, taken := m.pressChip(msg); taken {
			return cmd
		}
	}
	if key.Matches(msg, m.keys.historyPrev) {
		if cmd, done := m.editLast(); done {
			return cmd
		}
	}
	if cmd, done := m.completeKey(msg); done {
		return cmd
	}
	page := max(1, m.transcript.height-1)
	switch {
	case key.Matches(msg, m.keys.stop):
		m.escape()
	case key.Matches(msg, m.keys.send):
		return m.submit()
	case key.Matches(msg, m.keys.zoom):
		return m.openZoom("")
	case key.Matches(msg, m.keys.paste):
		return m.pasteClipboard("")
	case key.Matches(msg, m.keys.pageUp):
		m.transcript.scroll(-page)
	case key.Matches(msg, m.keys.pageDown):
		m.transcript.scroll(page)
	case key.Matches(msg, m.keys.top):
		m.transcript.toTop()
	case key.Matches(msg, m.keys.home) && m.composer.empty():
		m.transcript.toTop()
	case key.Matches(msg, m.keys.bottom), key.Matches(msg, m.keys.end) && m.composer.empty():
		m.transcript.toEnd()
	case key.Matches(msg, m.keys.historyPrev) && m.composer.older():
	case key.Matches(msg, m.keys.historyNext) && m.composer.newer():
	case key.Matches(msg, m.keys.branchPrev):
		m.otherBranch(-1)
	case key.Matches(msg, m.keys.branchNext):
		m.otherBranch(1)
	case key.Matches(msg, m.keys.editor):
		return m.openEditor("")
	case key.Matches(msg, m.keys.search):
		return m.searchHistory("")
	case key.Matches(msg, m.keys.selectPrev):
		m.selectNext(-1)
	case key.Matches(msg, m.keys.selectNext):
		m.selectNext(1)
	case key.Matches(msg, m.keys.find):
		return m.find("")
	case key.Matches(msg, m.keys.copyAnswer):
		return m.copy("")
	case key.Matches(msg, m.keys.thoughts):
		m.turnThoughts()
	case key.Matches(msg, m.keys.palette):
		return m.openPalette()
	case key.Matches(msg, m.keys.help) && m.composer.empty():
		return m.help("")
	case key.Matches(msg, m.keys.chip) && m.selectChip(-1):
	case key.Matches(msg, m.keys.chipLeft) && m.composer.empty() && m.selectChip(-1):
	case key.Matches(msg, m.keys.chipRight) && m.composer.empty() && m.selectChip(0):
	case key.Matches(msg, m.keys.dropChip) && m.composer.empty():
		m.dropLast()
	default:
		before := m.composer.value()
		m.composer.press(msg)
		if m.composer.value() != before {
			return m.suggest(false)
		}
		m.unsuggest()
	}
	return nil
}

// interrupt is Ctrl+C: it stops an answer, and leaves when pressed twice.
func (m *model) interrupt() tea.Cmd {
	if m.armed != 0 {
		return tea.Quit
	}
	m.escape()
	m.presses++
	m.armed = m.presses
	m.status.flash = m.leaveHint()
	armed := disarmMsg(m.armed)
	return tea.Tick(leaveTime, func(time.Time) tea.Msg { return armed })
}

// leaveHint says which key leaves when it is pressed once more.
func (m *model) leaveHint() string {
	interrupt := "Ctrl+C"
	if keys := m.keys.interrupt.Keys(); len(keys) > 0 && !m.plain {
		interrupt = shownKey(keys[0])
	}
	return "press " + interrupt + " again to quit"
}

// suspend gives the terminal to the shell, where there is one to go back to.
func (m *model) suspend() tea.Cmd {
	if !canSuspend() {
		return nil
	}
	return tea.Suspend
}

// disarm makes the next Ctrl+C a first one, and takes back what was said once.
func (m *model) disarm() {
	m.armed = 0
	m.status.flash = ""
}

// paste takes a text from the terminal: one that only names pictures, as a file
// dragged there does, attaches them.
func (m *model) paste(text string) tea.Cmd {
	m.disarm()
	m.unselect()
	m.unselectChip()
	text = termtext.Sanitize(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text))
	if pictures := pastedPictures(text); pictures != nil {
		return m.attach(pictures, &request{original: strings.TrimSpace(text)})
	}
	m.unsuggest()
	if !m.composer.insert(text) {
		m.say(&note{text: fmt.Sprintf("What was pasted is too long for a message, which can have %s, and was left out.", bytesOf(mostMessage)), bad: true})
	}
	return nil
}

// submit sends what is in the composer, or does what it says.
func (m *model) submit() tea.Cmd {
	m.unsuggest()
	in := understand(m.composer.value())
	in.pictures = m.unattached(in.pictures)
	switch {
	case in.isCommand:
		m.composer.take()
		return m.runCommand(in.command, in.argument)
	case in.pictures != nil && in.text == "":
		return m.attach(in.pictures, &request{original: m.composer.take()})
	case in.text == "" && len(m.attachments) == 0:
		m.composer.take()
		return nil
	case m.busy() && !m.makesWay():
		m.status.flash = busyHint
		return nil
	case in.pictures != nil || m.attachments.reading():
		m.outbox = &outbox{text: in.text, original: m.composer.take(), from: &request{}}
		m.linksAreWords(in.links)
		return m.attach(in.pictures, m.outbox.from)
	}
	m.composer.take()
	m.linksAreWords(in.links)
	return m.ask(in.text)
}

// linksAreWords says of web addresses that the model gets no more than their letters.
func (m *model) linksAreWords(links []string) {
	for _, link := range links {
		m.sentAsWords(link, "/attach reads one that is")
	}
}
