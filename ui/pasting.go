package ui

import (
	"context"
	"encoding/base64"
	"os"

	tea "charm.land/bubbletea/v2"
	uv "github.com/charmbracelet/ultraviolet"

	"github.com/vlmchat/vlmchat/images/clipboard"
)

// pasting is the clipboard being read. Whoever reads it may ask the terminal, which
// is the chat's: what is asked goes out as a command, and what comes back is heard
// with the keys.
type pasting struct {
	attachment *attachment // in whose place pictures go
	ctx        context.Context
	cancel     context.CancelFunc
	questions  chan string
	asked      bool // one of them
	answers    chan string
}

// manyAnswers is how many wait while nobody reads them, so that the chat need not.
const manyAnswers = 1024

type (
	// askTerminalMsg is what the terminal is to be sent.
	askTerminalMsg struct {
		from     *pasting
		sequence string
	}
	// pastedMsg says what the clipboard holds, or why that can't be had.
	pastedMsg struct {
		from   *pasting
		copied Copied
		shots  []*shot
		err    error
	}
)

// pasteClipboard begins to read the clipboard.
func (m *model) pasteClipboard(string) tea.Cmd {
	if m.pasting != nil {
		if m.attachments.has(m.pasting.attachment) {
			return nil // it is being read
		}
		m.pasting.cancel() // nobody waits for it any more
	}
	a := &attachment{source: clipboardSource, from: &request{}}
	m.attachments = append(m.attachments, a)
	p := &pasting{attachment: a, questions: make(chan string), answers: make(chan string, manyAnswers)}
	p.ctx, p.cancel = context.WithCancel(m.ctx)
	a.cancel = p.cancel
	m.pasting = p
	return tea.Batch(p.asks, func() tea.Msg { return p.read(m.options.Clipboard) })
}

// read reads the clipboard to an end.
func (p *pasting) read(from func(context.Context, clipboard.Terminal, func(string) string) (Copied, error)) tea.Msg {
	defer p.cancel()
	ask := func(sequence string) error {
		select {
		case p.questions <- sequence:
			return nil
		case <-p.ctx.Done():
			return p.ctx.Err()
		}
	}
	msg := pastedMsg{from: p}
	msg.copied, msg.err = from(p.ctx, clipboard.Terminal{Ask: ask, Answers: p.answers}, os.Getenv)
	for _, picture := range msg.copied.Pictures {
		msg.shots = append(msg.shots, newShot(picture))
	}
	return msg
}

// asks waits for what is to be asked next.
func (p *pasting) asks() tea.Msg {
	select {
	case sequence := <-p.questions:
		return askTerminalMsg{p, sequence}
	case <-p.ctx.Done():
		return nil
	}
}

// ask sends the terminal what it is to be asked.
func (p *pasting) ask(sequence string) tea.Cmd {
	p.asked = true
	return tea.Batch(tea.Raw(sequence), p.asks)
}

// terminalSays hands on what the terminal says that may be an answer.
func (m *model) terminalSays(msg tea.Msg) {
	if m.pasting == nil || !m.pasting.asked {
		return
	}
	var answer string
	switch msg := msg.(type) {
	case uv.UnknownOscEvent:
		answer = string(msg)
	case uv.PrimaryDeviceAttributesEvent:
		answer = "\x1b[?c"
	case tea.ClipboardMsg:
		answer = "\x1b]52;c;" + base64.StdEncoding.EncodeToString([]byte(msg.Content)) + "\x1b\\"
	}
	select {
	case m.pasting.answers <- answer:
	case <-m.pasting.ctx.Done():
	}
}

// pasted takes what the clipboard holds: pictures are attached, and a text is
// treated as one that the terminal pasted.
func (m *model) pasted(msg pastedMsg) tea.Cmd {
	if m.pasting == msg.from {
		m.pasting = nil
	}
	a := msg.from.attachment
	if !m.attachments.has(a) {
		return nil // taken back
	}
	if msg.err == nil && msg.shots == nil {
		m.attachments = m.attachments.without(a.from)
		return tea.Batch(m.paste(msg.copied.Text), m.take(), m.post())
	}
	return m.attached(attachedMsg{attachment: a, source: a.source, shots: msg.shots, err: msg.err})
}
