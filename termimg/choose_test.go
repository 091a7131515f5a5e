package termimg

import (
	"image"
	"image/color"
	"strings"
	"testing"

	"github.com/charmbracelet/colorprofile"
)

func TestChoose(t *testing.T) {
	t.Parallel()
	sixel, none := []int{62, 4}, []int{62}
	for _, test := range []struct {
		name    string
		env     string // beside TERM=xterm-256color and a UTF-8 locale
		answers Answers
		tmux    *Tmux
		want    Method
		why     string
	}{
		{"kitty", "", Answers{Name: "kitty(0.32.2)", Kitty: true, Attributes: none}, nil, Placeholders, "kitty 0.32 has them"},
		{"kitty before placeholders", "", Answers{Name: "kitty(0.26.5)", Kitty: true, Attributes: none}, nil, Kitty, ""},
		{"kitty that does not tell its name", "TERM=xterm-kitty", Answers{Kitty: true, Attributes: none}, nil, Kitty, ""},
		{"ghostty", "", Answers{Name: "ghostty 1.0.0", Kitty: true, Attributes: none}, nil, Placeholders, "ghostty 1.0"},
		{"WezTerm", "", Answers{Name: "WezTerm 20240203-110809-5046fc22", Kitty: true, Attributes: sixel}, nil, Kitty, ""},
		{"WezTerm without kitty's", "", Answers{Name: "WezTerm 20240203-110809-5046fc22", Attributes: sixel}, nil, ITerm2, "WezTerm"},
		{"Konsole", "", Answers{Name: "Konsole 22.12.3", Kitty: true, Attributes: sixel}, nil, Kitty, ""},
		{"iTerm2", "", Answers{Name: "iTerm2 3.5.0", Attributes: sixel}, nil, ITerm2, "iTerm2"},
		{"iTerm2 over ssh", "LC_TERMINAL=iTerm2", Answers{Attributes: none}, nil, ITerm2, "iTerm2"},
		{"foot", "", Answers{Name: "foot(1.13.1)", Attributes: sixel}, nil, Sixel, "says"},
		{"xterm with sixel", "", Answers{Name: "XTerm(379)", Attributes: []int{63, 1, 2, 4, 6}}, nil, Sixel, ""},
		{"xterm without", "", Answers{Name: "XTerm(379)", Attributes: []int{64, 1, 2, 6}}, nil, Blocks, "has no graphics"},
		{"Windows Terminal", "WT_SESSION=1", Answers{Attributes: []int{61, 4, 6}}, nil, Sixel, ""},
		{"Visual Studio Code with pictures", "TERM_PROGRAM=vscode", Answers{Attributes: sixel}, nil, ITerm2, "vscode"},
		{"by its own name", "", Answers{Name: "xterm.js(5.5.0)", Attributes: sixel}, nil, ITerm2, "xterm.js"},
		{"and without", "TERM_PROGRAM=vscode", Answers{Attributes: none}, nil, Blocks, ""},
		{"mintty", "", Answers{Name: "mintty 3.6.4", Attributes: sixel}, nil, ITerm2, "mintty"},
		{"silence", "", Answers{}, nil, Blocks, "did not answer"},
		{"Linux console", "TERM=linux", Answers{}, nil, Blocks, "has no graphics"},
		{"no UTF-8", "LANG=C", Answers{Attributes: none}, nil, ASCII, "not UTF-8"},
		{"NO_COLOR", "NO_COLOR=1", Answers{Kitty: true, Attributes: none}, nil, ASCII, "NO_COLOR"},
		{"dumb", "TERM=dumb", Answers{}, nil, Off, "dumb"},
		{"tmux in kitty", "TMUX=x", Answers{Attributes: none}, &Tmux{Outer: "kitty(0.32.2)", Passthrough: true}, Placeholders, "tmux hands them on"},
		{"that does not pass", "TMUX=x", Answers{Attributes: none}, &Tmux{Outer: "kitty(0.32.2)"}, Blocks, "allow-passthrough"},
		{"tmux in an older kitty", "TMUX=x", Answers{Attributes: none}, &Tmux{Outer: "kitty(0.26.5)", Passthrough: true}, Blocks, ""},
		{"tmux with sixel", "TMUX=x", Answers{Name: "tmux 3.4", Attributes: []int{1, 2, 4}}, &Tmux{Outer: "foot(1.16)", Sixel: true}, Sixel, ""},
		{"in a terminal without", "TMUX=x", Answers{Name: "tmux 3.4", Attributes: []int{1, 2, 4}}, &Tmux{Outer: "XTerm(379)"}, Blocks, ""},
		{"tmux on another machine", "", Answers{Name: "tmux 3.4", Attributes: []int{1, 2, 4}}, nil, Blocks, "can't be asked"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			env := map[string]string{"TERM": "xterm-256color", "LANG": "C.UTF-8"}
			if name, value, set := strings.Cut(test.env, "="); set {
				env[name] = value
			}
			facts := Facts{Env: func(name string) string { return env[name] }, Profile: colorprofile.TrueColor, Answers: test.answers, Tmux: test.tmux}
			got, why := Choose(facts, "")
			if got.Method != test.want || !strings.Contains(why, test.why) {
				t.Errorf("%s, because %s", got.Method, why)
			}
			if got, why := Choose(facts, Sixel); got.Method != Sixel || why != "asked for" {
				t.Errorf("forced: %s, because %s", got.Method, why)
			}
		})
	}
}

// Few colours can't tell the id of a placeholder.
func TestChooseWithFewColours(t *testing.T) {
	t.Parallel()
	f := Facts{Env: func(string) string { return "C.UTF-8" }, Answers: Answers{Name: "kitty(0.32.2)", Kitty: true}}
	f.Env = func(name string) string {
		return map[string]string{"TERM": "x", "LANG": "C.UTF-8"}[name]
	}
	f.Profile = colorprofile.ANSI
	if got, _ := Choose(f, ""); got.Method != Kitty {
		t.Errorf("16 colours: %s", got.Method)
	}
	f.Answers.Kitty = false
	f.Profile = colorprofile.ASCII
	if got, why := Choose(f, ""); got.Method != ASCII || !strings.Contains(why, "colours") {
		t.Errorf("none: %s, because %s", got.Method, why)
	}
}

// Blocks without colours would all look the same, whoever asks for them.
func TestBlocksWithoutColours(t *testing.T) {
	t.Parallel()
	facts := Facts{Env: func(name string) string { return map[string]string{"NO_COLOR": "1", "LANG": "C.UTF-8"}[name] }, Profile: colorprofile.ASCII}
	if got, why := Choose(facts, Blocks); got.Method != ASCII || !strings.Contains(why, "no colours") {
		t.Errorf("%s, because %s", got.Method, why)
	}
	if got, _ := Choose(facts, Sixel); got.Method != Sixel {
		t.Errorf("sixel became %s", got.Method)
	}
}

func TestCellSize(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		facts Facts
		want  image.Point
	}{
		"the terminal's word":     {Facts{Cells: image.Pt(80, 24), Pixels: image.Pt(724, 460), Answers: Answers{Cell: image.Pt(9, 19)}}, image.Pt(9, 19)},
		"the system's":            {Facts{Cells: image.Pt(80, 24), Pixels: image.Pt(724, 460)}, image.Pt(9, 19)},
		"the window's":            {Facts{Cells: image.Pt(80, 24), Answers: Answers{Window: image.Pt(800, 480)}}, image.Pt(10, 20)},
		"tmux's":                  {Facts{Cells: image.Pt(80, 24), Tmux: &Tmux{Cell: image.Pt(7, 14)}}, image.Pt(7, 14)},
		"none":                    {Facts{}, image.Point{}},
		"fewer pixels than cells": {Facts{Cells: image.Pt(80, 24), Pixels: image.Pt(1, 1)}, image.Point{}},
	} {
		test.facts.Env = func(string) string { return "" }
		if got, _ := Choose(test.facts, ""); got.Cell != test.want {
			t.Errorf("%s: %v", name, got.Cell)
		}
	}
}

func TestBackground(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		background color.Color
		light      bool
	}{{color.White, true}, {color.Black, false}, {nil, false}, {color.RGBA{253, 246, 227, 255}, true}} {
		got, _ := Choose(Facts{Env: func(string) string { return "" }, Answers: Answers{Background: test.background}}, "")
		if got.Light != test.light {
			t.Errorf("%v is light: %v", test.background, got.Light)
		}
	}
}

func TestParseMethod(t *testing.T) {
	t.Parallel()
	if m, err := ParseMethod("sixel"); m != Sixel || err != nil {
		t.Errorf("%q, %v", m, err)
	}
	if m, err := ParseMethod(Auto); m != "" || err != nil {
		t.Errorf("%q, %v", m, err)
	}
	if _, err := ParseMethod("Kitty!"); err == nil || !strings.Contains(err.Error(), "auto, placeholders, kitty, iterm2, sixel, blocks, ascii or off") {
		t.Errorf("%v", err)
	}
}
