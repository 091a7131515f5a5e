package ui

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/vlmchat/vlmchat/images/clipboard"
	"github.com/vlmchat/vlmchat/termtext"
)

// maxTerminalCopy is how many characters of base64 a terminal is given to copy: more
// than some take.
const maxTerminalCopy = 100_000

// copiedMsg says how it went to copy a text by the system.
type copiedMsg struct {
	what string
	by   string // what has it now
	sent bool   // the terminal was given it too
	err  error
}

// copy copies a text of the conversation: the last answer, that to a question by its
// number, the code of the last answer, or everything.
func (m *model) copy(argument string) tea.Cmd {
	word := firstWord(argument)
	rest := strings.TrimSpace(argument[len(word):])
	path := m.talk.path()
	if len(path) == 0 {
		m.say(&note{text: "There is nothing yet to copy."})
		return nil
	}
	switch {
	case argument == "":
		return m.copyText("the last answer", m.lastAnswer().source())
	case argument == "all":
		return m.copyText("the conversation", m.talk.text())
	case word == "code":
		return m.copyCode(m.lastAnswer(), rest)
	}
	if _, err := strconv.Atoi(argument); err != nil {
		m.say(&note{text: fmt.Sprintf("/copy %s is not understood.", termtext.Line(argument)),
			hint: "/copy takes the last answer, /copy N that to message N, /copy code [N] its code, /copy all everything."})
		return nil
	}
	if ex := m.numbered(argument); ex != nil {
		return m.copyText(fmt.Sprintf("answer %d", ex.number), ex.answer.source())
	}
	return nil
}

// lastAnswer is the last one with text, or else the last one.
func (m *model) lastAnswer() *answer {
	for ex := m.talk.leaf; ex != nil; ex = ex.parent {
		if ex.answer.source() != "" {
			return ex.answer
		}
	}
	return m.talk.leaf.answer
}

// text returns the conversation as a person would write it down.
func (c *conversation) text() string {
	var all []string
	for _, ex := range c.path() {
		question := ex.question.source()
		for _, s := range ex.question.shots {
			question = strings.TrimSpace("[" + s.caption() + "]\n" + question)
		}
		all = append(all, "> "+strings.ReplaceAll(question, "\n", "\n> "), ex.answer.source())
	}
	return strings.Join(all, "\n\n")
}

// copyMessage copies the message that is selected.
func (m *model) copyMessage(b block) tea.Cmd { return m.copyText("the message", b.(message).source()) }

// copyNextCode copies the next block of code of the message that is selected.
func (m *model) copyNextCode(b block) tea.Cmd {
	a := b.(*answer)
	m.codes = m.codes%max(1, len(a.shown.Code())) + 1
	return m.copyCode(a, strconv.Itoa(m.codes))
}

// copyCode copies a block of code of an answer by its number, by default the first.
func (m *model) copyCode(a *answer, number string) tea.Cmd {
	blocks := a.shown.Code()
	n := 1
	if number != "" {
		n, _ = strconv.Atoi(number)
	}
	switch {
	case len(blocks) == 0:
		m.say(&note{text: "There is no block of code in it to copy."})
		return nil
	case n < 1 || n > len(blocks):
		m.say(&note{text: fmt.Sprintf("There is no such block of code: they have the numbers 1 to %d.", len(blocks))})
		return nil
	}
	what := "the code"
	if len(blocks) > 1 {
		what = fmt.Sprintf("code %d of %d", n, len(blocks))
	}
	if language := termtext.Line(blocks[n-1].Language); language != "" {
		what += " (" + language + ")"
	}
	return m.copyText(what, blocks[n-1].Text)
}

// copyText copies a text, in every way that there is: by the system, which says how it
// went, and by the terminal, which does not, and may be on another machine.
func (m *model) copyText(what, text string) tea.Cmd {
	if text == "" {
		m.status.flash = what + " has no text to copy"
		return nil
	}
	msg := copiedMsg{what: fmt.Sprintf("%s (%s)", what, plural(utf8.RuneCountInString(text), "character"))}
	m.status.flash = "copying " + msg.what
	var byTerminal tea.Cmd
	if sequence := m.terminal.copying(text); sequence != "" && !m.plain {
		msg.sent = true
		byTerminal = tea.Raw(sequence)
	}
	ctx, write := m.ctx, m.options.Copy
	return tea.Batch(byTerminal, m.errand(func() tea.Msg {
		msg.err = errNoClipboard
		if write != nil {
			msg.by, msg.err = write(ctx, text)
		}
		return msg
	}))
}

var errNoClipboard = &clipboard.NoAccess{Detail: "this machine's clipboard can't be written"}

// copying returns what has the terminal copy a text (OSC 52,
// https://invisible-island.net/xterm/ctlseqs/ctlseqs.html); empty if it is too long.
func (t *terminal) copying(text string) string {
	if base64.StdEncoding.EncodedLen(len(text)) > maxTerminalCopy || !clipboard.Speaks(t.facts.Env) {
		return ""
	}
	sequence := ansi.SetSystemClipboard(text)
	if t.facts.Tmux != nil && t.facts.Tmux.Passthrough {
		return ansi.TmuxPassthrough(sequence)
	}
	return sequence
}

// copied says what was copied, and who has it.
func (m *model) copied(msg copiedMsg) {
	none := (*clipboard.NoAccess)(nil)
	switch {
	case errors.Is(msg.err, context.Canceled):
	case msg.err == nil && msg.sent:
		m.status.flash = "copied " + msg.what + " by " + msg.by + " and the terminal"
	case msg.err == nil:
		m.status.flash = "copied " + msg.what + " by " + msg.by
	case msg.sent:
		m.status.flash = "copied " + msg.what + " by the terminal, if it takes it (OSC 52)"
	case errors.As(msg.err, &none) && !m.plain && clipboard.Speaks(m.terminal.facts.Env):
		m.notCopied(msg.what + " is too long for the terminal, and " + none.Detail)
	default:
		m.notCopied(msg.err.Error())
	}
}

func (m *model) notCopied(why string) {
	m.status.flash = "not copied: the conversation's end says why"
	m.say(&note{bad: true, text: "Not copied: " + termtext.Line(why) + ".", hint: "Shift+drag selects text on the screen."})
}
