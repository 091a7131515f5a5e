package ui

import (
	"image"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	uv "github.com/charmbracelet/ultraviolet"

	"github.com/vlmchat/vlmchat/termimg"
)

func asked(t *testing.T, forced termimg.Method, env map[string]string) *terminal {
	t.Helper()
	known := &terminal{forced: forced, facts: termimg.Facts{Env: func(name string) string { return env[name] }}}
	if known.ask(t.Context()) == nil && env["TERM"] != "linux" {
		t.Fatal("nothing was asked")
	}
	return known
}

// A picture is drawn as the answers say, once all of them are there.
func TestAnswersChooseTheMethod(t *testing.T) {
	t.Parallel()
	window := image.Pt(80, 24)
	xterm := map[string]string{"TERM": "xterm-256color"}
	sixel := []tea.Msg{uv.CellSizeEvent{Width: 9, Height: 18}, uv.PrimaryDeviceAttributesEvent{64, 4}}
	tests := []struct {
		name    string
		forced  termimg.Method
		env     map[string]string
		profile colorprofile.Profile
		answers []tea.Msg
		want    termimg.Method
	}{
		{"nothing has come yet", "", xterm, colorprofile.TrueColor, nil, termimg.Blocks},
		{"the last answer is missing", "", xterm, colorprofile.TrueColor, []tea.Msg{uv.KittyGraphicsEvent{Payload: []byte("OK")}}, termimg.Blocks},
		{"nothing ever comes", "", xterm, colorprofile.TrueColor, []tea.Msg{silentMsg{1}}, termimg.Blocks},
		{"nothing ever comes, no colours", "", xterm, colorprofile.ASCII, []tea.Msg{silentMsg{1}}, termimg.ASCII},
		{"sixel", "", xterm, colorprofile.TrueColor, sixel, termimg.Sixel},
		{"late", "", xterm, colorprofile.TrueColor, append([]tea.Msg{silentMsg{1}}, sixel...), termimg.Sixel},
		{"kitty", "", xterm, colorprofile.TrueColor, []tea.Msg{
			uv.KittyGraphicsEvent{Payload: []byte("OK")}, tea.TerminalVersionMsg{Name: "kitty(0.26.5)"}, uv.PrimaryDeviceAttributesEvent{62}}, termimg.Kitty},
		{"no graphics, whatever the locale", "", map[string]string{"TERM": "xterm", "LANG": "C"}, colorprofile.ANSI256,
			[]tea.Msg{uv.PrimaryDeviceAttributesEvent{62}}, termimg.Blocks},
		{"forced, not answered yet", termimg.Sixel, xterm, colorprofile.TrueColor, nil, termimg.Blocks},
		{"forced", termimg.Sixel, xterm, colorprofile.TrueColor, []tea.Msg{silentMsg{1}}, termimg.Sixel},
		{"forced to be text", termimg.ASCII, xterm, colorprofile.TrueColor, nil, termimg.ASCII},
		{"off", termimg.Off, xterm, colorprofile.TrueColor, sixel, termimg.Off},
		{"forced where nothing is asked", termimg.Kitty, map[string]string{"TERM": "linux"}, colorprofile.ANSI, nil, termimg.Kitty},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			known := asked(t, test.forced, test.env)
			for _, msg := range test.answers {
				known.hear(msg, window)
			}
			if got := known.shows(test.profile, true); got.Method != test.want {
				t.Errorf("pictures are drawn by %v, want %v", got.Method, test.want)
			}
		})
	}
}

// The window's size belongs to the number of cells that it had when it was told.
func TestCellSizeFollowsTheWindow(t *testing.T) {
	t.Parallel()
	known := asked(t, "", map[string]string{"TERM": "xterm"})
	if known.askCell() != nil {
		t.Error("a cell's size is asked for again that was never told")
	}
	known.hear(uv.PixelSizeEvent{Width: 800, Height: 480}, image.Pt(80, 24))
	known.hear(uv.PrimaryDeviceAttributesEvent{4}, image.Pt(80, 24))
	if known.askCell() == nil {
		t.Error("a cell's size is not asked for again")
	}
	if got := known.shows(colorprofile.TrueColor, true).Cell; got != image.Pt(10, 20) {
		t.Errorf("a cell has %v", got)
	}
	known.hear(uv.PixelSizeEvent{Width: 800, Height: 480}, image.Pt(40, 12))
	if got := known.shows(colorprofile.TrueColor, true).Cell; got != image.Pt(20, 40) {
		t.Errorf("a larger cell has %v", got)
	}
}

// What a terminal answers when the chat is over would stand in the shell's line.
func TestLeavingWaitsForAnswers(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]tea.Msg{
		"answered":  uv.PrimaryDeviceAttributesEvent{62},
		"silent":    silentMsg{1},
		"long over": farewellMsg{tea.QuitMsg{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			known := asked(t, "", map[string]string{"TERM": "xterm"})
			leave, ok := known.hold(tea.QuitMsg{}).(leaveMsg)
			if !ok {
				t.Fatal("the chat leaves at once")
			}
			known.hear(leave, image.Point{})
			if cmd := known.hear(uv.CellSizeEvent{Width: 9, Height: 18}, image.Point{}); cmd != nil {
				t.Fatal("the chat leaves before the last answer")
			}
			cmd := known.hear(end, image.Point{})
			if cmd == nil {
				t.Fatal("the chat stays")
			}
			if msg := cmd(); known.hold(msg) != (tea.QuitMsg{}) {
				t.Errorf("then %T comes", msg)
			}
		})
	}
	var idle terminal
	if idle.hold(tea.QuitMsg{}) != (tea.QuitMsg{}) {
		t.Error("a chat that asked nothing does not leave")
	}
}
