package ui

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

var keyCtrlP = tea.KeyPressMsg{Code: 'p', Mod: tea.ModCtrl}

// The palette finds a command by what it does, and the composer keeps what is in it.
func TestPalette(t *testing.T) {
	t.Parallel()
	p := open(t, Options{Setup: Setup{Engine: &fake{reply: say("yes")}}})
	p.idle()
	p.write("half a question")
	p.press(keyCtrlP)
	p.sees("/attach [PATH]")
	p.write("begin new")
	p.sees("/clear")
	p.press(keyEnter)
	p.sees("A new conversation")
	p.sees("half a question")
	p.press(keyCtrlP)
	p.write("nothing of this kind")
	p.sees("Nothing here matches")
	p.press(keyEnter, keyEsc)
	p.sees("half a question")
}

func TestMatching(t *testing.T) {
	t.Parallel()
	names := []string{"llama3.2-vision:11b", "gemma3:4b", "qwen2.5vl:3b", "qwen3-vl:8b", "old-vl", "İstanbul"}
	for written, want := range map[string]string{
		"":        "llama3.2-vision:11b gemma3:4b qwen2.5vl:3b qwen3-vl:8b old-vl İstanbul",
		"vl":      "qwen3-vl:8b old-vl qwen2.5vl:3b", // a word of its own, then within one
		"QWEN 8B": "qwen3-vl:8b",
		"qv3":     "qwen2.5vl:3b",
		"gm":      "", // two letters are scattered everywhere
		"sees":    "gemma3:4b",
		"bul":     "İstanbul",
	} {
		p := picker{}
		for _, name := range names {
			e := entry{name: name}
			if name == "gemma3:4b" {
				e.about = "Sees"
			}
			e.clean()
			p.entries = append(p.entries, e)
		}
		p.filter.SetValue(written)
		p.update()
		var got []string
		for _, found := range p.matches {
			got = append(got, found.entry.name)
			if written != "" && len(found.letter) != len([]rune(found.entry.name)) {
				t.Errorf("%q has %d letters marked", found.entry.name, len(found.letter))
			}
		}
		if all := strings.Join(got, " "); all != want {
			t.Errorf("%q finds %q, want %q", written, all, want)
		}
	}
}

// Whatever is written, only letters of the name are marked, and what is found has them.
func FuzzMatching(f *testing.F) {
	f.Add("qv3 vl", "qwen2.5vl:3b")
	f.Add("İ", "i̇stanbul…")
	f.Fuzz(func(t *testing.T, written, name string) {
		e := entry{name: name}
		e.clean()
		found, ok := matching(strings.Fields(written), e)
		if ok && len(found.letter) != len([]rune(e.name)) {
			t.Errorf("%q in %q: %v", written, e.name, found.letter)
		}
		if got := emphasise(e.name, found.letter, newStyles(true, 0, 0).plain); ok && ansi.Strip(got) != ansi.Strip(e.name) {
			t.Errorf("%q is drawn as %q", e.name, got)
		}
	})
}

// many is a picker of numbers, which tells what was picked.
func many(n int, picked *string) *picker {
	p := &picker{heading: "Numbers", command: "number", pick: func(_ *model, e entry) tea.Cmd { *picked = e.name; return nil }}
	for i := range n {
		p.entries = append(p.entries, entry{name: fmt.Sprintf("number-%02d", i), value: i, section: []string{"", "high"}[2*i/n]})
	}
	return p
}

func TestPickerKeys(t *testing.T) {
	t.Parallel()
	for want, press := range map[string][]tea.KeyPressMsg{
		"number-00": {keyDown, keyUp, keyUp},
		"number-02": {keyDown, keyDown},
		"number-59": {keyEnd},
		"number-58": {keyEnd, keyDown, keyUp},
		"number-12": {keyPgDown},
		"number-01": {keyPgDown, keyHome, keyDown},
		"number-07": {{Code: '7', Text: "7"}},
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			var picked string
			p := open(t, Options{Setup: Setup{Engine: &fake{reply: say("yes")}}})
			p.run(p.m.openPicker(many(60, &picked)))
			p.sees("› number-00")
			p.press(press...)
			p.press(keyEnter)
			if picked != want || p.m.dialog != nil {
				t.Errorf("picked %q, want %q", picked, want)
			}
		})
	}
}

func TestPickerMouse(t *testing.T) {
	t.Parallel()
	var picked string
	p := open(t, Options{Setup: Setup{Engine: &fake{reply: say("yes")}}})
	p.run(p.m.openPicker(many(60, &picked)))
	p.press(keyEnd)
	lines := strings.Split(p.screen(), "\n")
	row := 0
	for i, line := range lines {
		if strings.Contains(line, "number-55") {
			row = i
		}
	}
	p.send(tea.MouseWheelMsg{Button: tea.MouseWheelUp, Y: row})
	p.send(tea.MouseClickMsg{Button: tea.MouseLeft, Y: row, X: 4})
	if picked != "number-55" {
		t.Errorf("picked %q from\n%s", picked, strings.Join(lines, "\n"))
	}
}

// What would be picked is told as it changes, and drawn: beside the entries, below
// them on a narrow screen, and not at all where there is no room.
func TestPickerPreview(t *testing.T) {
	t.Parallel()
	var picked string
	var looked []any
	opened := many(60, &picked)
	opened.preview = func(e entry, f frame, height int) panel {
		return panel{lines: []string{"more of " + e.name, fmt.Sprintf("%d×%d", f.width, height)}}
	}
	opened.moved = func(_ *model, e entry) tea.Cmd { looked = append(looked, e.value); return nil }
	p := open(t, Options{Setup: Setup{Engine: &fake{reply: say("yes")}}})
	p.run(p.m.openPicker(opened))
	p.press(keyDown, keyDown, keyUp)
	p.sees("more of number-01\n")
	if fmt.Sprint(looked) != "[0 1 2 1]" {
		t.Errorf("looked at %v", looked)
	}
	p.send(tea.WindowSizeMsg{Width: 40, Height: 24})
	p.sees("\n  more of number-01")
	p.send(tea.WindowSizeMsg{Width: 40, Height: 8})
	if strings.Contains(p.screen(), "more of") {
		t.Errorf("a preview without room:\n%s", p.screen())
	}
}

func TestPickerFurtherKeys(t *testing.T) {
	t.Parallel()
	var picked, dropped string
	opened := many(3, &picked)
	opened.keys = []pickerKey{{binding: key.NewBinding(key.WithKeys("ctrl+d"), key.WithHelp("Ctrl+D", "drops")), does: func(_ *model, _ *picker, e entry) tea.Cmd {
		dropped = e.name
		return nil
	}}}
	p := open(t, Options{Setup: Setup{Engine: &fake{reply: say("yes")}}})
	p.run(p.m.openPicker(opened))
	p.sees("Ctrl+D drops")
	p.press(tea.KeyPressMsg{Code: 'd', Mod: tea.ModCtrl})
	if dropped != "number-00" || p.m.dialog == nil {
		t.Errorf("dropped %q", dropped)
	}
}

// What is found stays chosen while more comes, before it and behind it.
func TestPickerExtends(t *testing.T) {
	t.Parallel()
	more := make(chan entry)
	opened := &picker{heading: "Things", pick: func(*model, entry) tea.Cmd { return nil }, doing: "looking",
		fetch: func(ctx context.Context, found func(...entry)) error {
			for e := range more {
				found(e)
			}
			return errOdd
		}}
	p := open(t, Options{Setup: Setup{Engine: &fake{reply: say("yes")}}})
	p.run(p.m.openPicker(opened))
	p.sees("looking …")
	more <- entry{name: "one", value: 1}
	more <- entry{name: "two", value: 2, unfit: true}
	p.sees("two")
	p.press(keyDown)
	p.sees("› two")
	more <- entry{name: "three", value: 3}
	p.sees("  one\n  three\n› two")
	close(more)
	p.sees("✗ something odd")
	p.sees("› two")
}
