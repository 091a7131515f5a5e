package ui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/history"
)

// past is the history that outlives the chat: a file, which commands read and write.
type past struct {
	file    *history.File
	upTo    int  // how many messages of the composer's history are in the file, or on their way
	writing bool // to it
	failed  bool // and that was said
}

type (
	// pastMsg is what was sent in earlier runs.
	pastMsg struct {
		messages []string
		err      error
	}
	// keptMsg says how keeping some messages went.
	keptMsg struct{ err error }
)

// load begins to read what was sent before.
func (p *past) load(file *history.File) tea.Cmd {
	if p.file = file; file == nil {
		return nil
	}
	return func() tea.Msg {
		messages, err := file.Load()
		return pastMsg{messages, err}
	}
}

// recall takes what was sent before.
func (m *model) recall(msg pastMsg) {
	m.composer.recall(msg.messages)
	m.past.upTo += len(msg.messages)
	m.past.wrong(m, msg.err)
}

// keepHistory writes down what was sent since it last did, one after the other.
func (m *model) keepHistory() tea.Cmd {
	p, all := &m.past, m.composer.history
	if p.file == nil || p.writing || p.upTo == len(all) {
		return nil
	}
	file, fresh := p.file, slices.Clone(all[p.upTo:])
	p.upTo, p.writing = len(all), true
	return func() tea.Msg {
		for _, message := range fresh {
			if err := file.Append(message); err != nil {
				return keptMsg{err}
			}
		}
		return keptMsg{}
	}
}

func (m *model) kept(msg keptMsg) {
	m.past.writing = false
	m.past.wrong(m, msg.err)
}

// wrong says once that there is something wrong with the file: the chat goes on.
func (p *past) wrong(m *model, err error) {
	if err == nil || p.failed {
		return
	}
	p.failed = true
	m.say(&note{text: "History: " + err.Error() + ".", hint: "The chat goes on without. --no-history keeps none, VLMCHAT_STATE_DIR names another place for it."})
}

// mostRead is how much of the history is listed where it is read out.
const mostRead = 20

// searchHistory lets the person find something that was sent before, the newest first, of
// what has some words. Without a screen, what is picked by its number is sent again.
func (m *model) searchHistory(words string) tea.Cmd {
	if cmd, is := m.pickNumber("history", words); is {
		return cmd
	}
	p := &picker{heading: "What was sent before", command: "history", empty: "Nothing was sent yet.",
		pick: func(m *model, e entry) tea.Cmd {
			m.composer.set(e.value.(string))
			if m.plain {
				return m.submit()
			}
			return nil
		}}
	if words != "" {
		p.empty = "Nothing that was sent has these words."
	}
	seen := map[string]bool{}
	for _, text := range slices.Backward(m.composer.history) {
		if understand(text).command == "history" || m.plain && len(p.entries) == mostRead {
			continue // the one would find itself
		}
		if !seen[text] && strings.Contains(strings.ToLower(text), strings.ToLower(words)) {
			seen[text] = true
			first, rest, _ := strings.Cut(strings.TrimSpace(text), "\n")
			p.entries = append(p.entries, entry{name: first, about: rest, value: text})
		}
	}
	return m.openPicker(p)
}
