package ui

import (
	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textarea"
)

// keyMap is every key the chat itself listens to; the composer's editing keys
// are in composerKeys.
type keyMap struct {
	send        key.Binding
	newline     key.Binding
	historyPrev key.Binding
	historyNext key.Binding
	editor      key.Binding
	search      key.Binding
	stop        key.Binding
	interrupt   key.Binding
	suspend     key.Binding
	pageUp      key.Binding
	pageDown    key.Binding
	top         key.Binding
	bottom      key.Binding
	paste       key.Binding
	dropChip    key.Binding
	zoom        key.Binding
	palette     key.Binding
	help        key.Binding
	branchPrev  key.Binding
	branchNext  key.Binding
	selectText  key.Binding

	// In dialogs.
	leave        key.Binding
	pick         key.Binding
	pickPrev     key.Binding
	pickNext     key.Binding
	pickPageUp   key.Binding
	pickPageDown key.Binding
	pickFirst    key.Binding
	pickLast     key.Binding
}

var keys = keyMap{
	send:        bind("Enter", "send", "enter"),
	newline:     bind("Alt+Enter, Ctrl+J", "new line", "alt+enter", "shift+enter", "ctrl+j"),
	historyPrev: bind("↑ ↓", "earlier messages", "up"),
	historyNext: bind("", "", "down"),
	editor:      bind("", "", "ctrl+g"), // help has it with /editor
	search:      bind("", "", "ctrl+r"), // help has it with /history
	stop:        bind("Esc, Ctrl+C", "stop the answer; Ctrl+C twice: quit", "esc"),
	interrupt:   bind("", "", "ctrl+c"),
	suspend:     bind("", "", "ctrl+z"), // as everywhere, so help is silent on it
	pageUp:      bind("PgUp PgDn, wheel", "scroll", "pgup"),
	pageDown:    bind("", "", "pgdown"),
	top:         bind("Ctrl+Home, Ctrl+End", "first, last", "ctrl+home"),
	bottom:      bind("", "", "ctrl+end"),
	paste:       bind("", "", "ctrl+v"), // help has it with /paste
	zoom:        bind("", "", "ctrl+o"), // help has it with /zoom; the editor leaves it free
	dropChip:    bind("Backspace", "on an empty line: remove the last picture", "backspace"),
	palette:     bind("Ctrl+P", "find a command", "ctrl+p"),
	help:        bind("", "", "?"), // help has it with /help
	branchPrev:  bind("Alt+Shift+← →", "switch to another branch", "alt+shift+left"),
	branchNext:  bind("", "", "alt+shift+right"),
	selectText:  bind("Shift+drag", "select text (on a Mac: Option or Fn)"), // the terminal's own

	leave:        bind("Esc", "leave", "esc"),
	pick:         bind("Enter", "choose", "enter"),
	pickPrev:     bind("↑", "up", "up", "ctrl+p"),
	pickNext:     bind("↓", "down", "down", "ctrl+n"),
	pickPageUp:   bind("PgUp", "a page up", "pgup"),
	pickPageDown: bind("PgDn", "a page down", "pgdown"),
	pickFirst:    bind("Home", "the first", "home"),
	pickLast:     bind("End", "the last", "end"),
}

// shown lists the bindings in the order in which help shows them.
func (k keyMap) shown() []key.Binding {
	return []key.Binding{
		k.send, k.newline, k.historyPrev, k.stop,
		k.pageUp, k.top, k.palette, k.branchPrev, k.selectText, k.dropChip,
	}
}

// composerKeys is the textarea's own map without what the chat uses itself, and
// without its clipboard, which would read another program's output in the way of
// the terminal's own paste.
func composerKeys() textarea.KeyMap {
	k := textarea.DefaultKeyMap()
	k.InsertNewline = keys.newline
	k.LinePrevious = bind("", "", "up")
	k.LineNext = bind("", "", "down")
	k.InputBegin = bind("", "", "alt+<")
	k.InputEnd = bind("", "", "alt+>")
	for _, b := range []*key.Binding{&k.Paste, &k.CopySelection, &k.SelectAll, &k.PageUp, &k.PageDown} {
		b.SetEnabled(false)
	}
	return k
}

func bind(shown, does string, names ...string) key.Binding {
	return key.NewBinding(key.WithKeys(names...), key.WithHelp(shown, does))
}
