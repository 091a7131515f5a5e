package ui

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/termtext"
)

// The person's editor takes a message in a file of a folder that only they can enter,
// and has the terminal to itself until it ends.
type (
	// editorMsg is an editor that is ready to start, or why there is none.
	editorMsg struct {
		command *exec.Cmd
		path    string // of the message
		err     error
	}
	// editedMsg is what came of it.
	editedMsg struct {
		text string
		path string // of the message; empty if there is nothing to be lost
		err  error
	}
)

// longestEdited is how many bytes are read of what an editor leaves.
const longestEdited = mostMessage

// openEditor has what is in the composer written on in the person's editor. The chat
// stands still meanwhile, so an answer has to be there before.
func (m *model) openEditor(string) tea.Cmd {
	switch {
	case m.plain:
		return m.noScreen("Lines between two of \"\"\" are one message.")
	case m.inEditor:
		return nil
	case m.busy():
		m.status.flash = busyHint
		return nil
	}
	m.inEditor = true
	text := m.composer.value()
	return func() tea.Msg {
		words, err := Editor()
		if err != nil {
			return editorMsg{err: err}
		}
		path, err := writeMessage(text)
		if err != nil {
			return editorMsg{err: fmt.Errorf("the file for the editor can't be written: %w", err)}
		}
		return editorMsg{command: exec.Command(words[0], append(words[1:], path)...), path: path}
	}
}

// startEditor hands the terminal to the editor.
func (m *model) startEditor(msg editorMsg) tea.Cmd {
	if msg.err != nil {
		return m.edited(editedMsg{err: msg.err})
	}
	if terminal, ok := m.options.Output.(*os.File); ok {
		msg.command.Stdout = terminal // itself: editors look whether they write to one
	}
	return tea.ExecProcess(msg.command, func(err error) tea.Msg {
		if err != nil {
			return editedMsg{err: fmt.Errorf("the editor %s ended with an error (%w)", termtext.Line(msg.command.Args[0]), err), path: msg.path}
		}
		text, err := readMessage(msg.path)
		if err != nil {
			err = fmt.Errorf("what the editor left can't be read: %w", err)
		}
		return editedMsg{text, msg.path, err}
	})
}

// edited takes what was written in the editor.
func (m *model) edited(msg editedMsg) tea.Cmd {
	m.inEditor = false
	if msg.err == nil {
		m.composer.set(msg.text)
		return removing(msg.path)
	}
	n := &note{text: "Nothing was changed: " + msg.err.Error() + ".", hint: "VISUAL or EDITOR names the editor.", bad: true}
	if msg.path != "" {
		n.hint = "What the editor wrote is in " + msg.path + "."
	}
	m.say(n)
	return nil
}

// removing is a command that removes the folder of a message.
func removing(path string) tea.Cmd {
	return func() tea.Msg {
		os.RemoveAll(filepath.Dir(path))
		return nil
	}
}

// Editor returns the person's editor with its arguments, or why there is none.
func Editor() ([]string, error) { return chooseEditor(os.Getenv, exec.LookPath) }

// chooseEditor returns what VISUAL or EDITOR says, or else an editor that there usually is.
func chooseEditor(env func(string) string, look func(string) (string, error)) ([]string, error) {
	for _, name := range []string{"VISUAL", "EDITOR"} {
		words := splitWords(env(name))
		if len(words) == 0 {
			continue
		}
		if _, err := look(words[0]); err != nil {
			return nil, fmt.Errorf("there is no editor %s, which %s names", termtext.Line(words[0]), name)
		}
		return words, nil
	}
	usual := []string{"editor", "nano", "vim", "vi"}
	if runtime.GOOS == "windows" {
		usual = []string{"edit", "notepad"}
	}
	if i := slices.IndexFunc(usual, func(name string) bool { _, err := look(name); return err == nil }); i >= 0 {
		return usual[i : i+1], nil
	}
	return nil, errors.New("no editor was found")
}

// splitWords parts a command line at its blanks, but for those in quotes, as in
// emacsclient -c -a "" or "C:\Program Files\Notepad++\notepad++.exe" -multiInst.
func splitWords(line string) []string {
	var words []string
	var word strings.Builder
	var quote rune
	begun := false
	for _, r := range line {
		switch {
		case r == quote:
			quote = 0
		case quote == 0 && (r == '"' || r == '\''):
			quote, begun = r, true
		case quote == 0 && (r == ' ' || r == '\t'):
			if begun {
				words = append(words, word.String())
			}
			word.Reset()
			begun = false
		default:
			word.WriteRune(r)
			begun = true
		}
	}
	if begun {
		words = append(words, word.String())
	}
	return words
}

// writeMessage writes a message for the editor into a folder of its own, where what an
// editor keeps beside a file is private too.
func writeMessage(text string) (path string, err error) {
	dir, err := os.MkdirTemp("", "vlmchat-message-*") // of mode 0700
	if err != nil {
		return "", err
	}
	if text != "" {
		text += "\n"
	}
	path = filepath.Join(dir, "message.md")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		os.RemoveAll(dir)
		return "", err
	}
	return path, nil
}

// readMessage reads what an editor has left, without the newline at its end.
func readMessage(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if info.Size() > longestEdited {
		return "", fmt.Errorf("it has %s, and a message can have %s", bytesOf(info.Size()), bytesOf(longestEdited))
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	text := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.ToValidUTF8(string(content), "\uFFFD"))
	return strings.TrimSuffix(termtext.Sanitize(text), "\n"), nil
}
