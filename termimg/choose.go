package termimg

import (
	"fmt"
	"image"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/charmbracelet/colorprofile"
)

// Facts is what is known of a terminal.
type Facts struct {
	Env     func(string) string
	Profile colorprofile.Profile // how many colours text has
	Cells   image.Point          // size of the window in cells, and
	Pixels  image.Point          // in pixels, from the system; zero if it does not know
	Answers Answers
	Tmux    *Tmux // nil: there is none, or it can't be asked
}

// Choose returns how pictures are shown, and why in words that follow "because" or a
// dash. A method that is not "" is taken as it is, but for blocks where there are no colours:
// they all look the same.
func Choose(f Facts, forced Method) (Terminal, string) {
	t := Terminal{Profile: f.Profile, Cell: f.cell(), Registers: f.Answers.Registers, Tmux: f.inTmux()}
	if b := f.Answers.Background; b != nil {
		t.Light = light(b.RGBA())
	}
	switch {
	case forced == "":
		method, why := f.choose()
		t.Method = method
		return t, why
	case forced == Blocks && f.Profile < colorprofile.ANSI:
		t.Method = ASCII
		return t, "blocks were asked for, and there are no colours"
	}
	t.Method = forced
	return t, "asked for"
}

// inTmux reports whether tmux draws what we write.
func (f Facts) inTmux() bool {
	return f.Env("TMUX") != "" || strings.HasPrefix(f.Answers.Name, "tmux")
}

// cell is a cell's size in pixels: as the terminal says, which knows best what it
// makes of pixels; as the system says; by the window.
func (f Facts) cell() image.Point {
	if c := f.Answers.Cell; c.X > 0 && c.Y > 0 {
		return c
	}
	for _, window := range []image.Point{f.Pixels, f.Answers.Window} {
		if f.Cells.X > 0 && f.Cells.Y > 0 && window.X >= f.Cells.X && window.Y >= f.Cells.Y {
			return image.Pt(window.X/f.Cells.X, window.Y/f.Cells.Y)
		}
	}
	if f.Tmux != nil {
		return f.Tmux.Cell
	}
	return image.Point{}
}

func (f Facts) choose() (Method, string) {
	switch {
	case f.Env("TERM") == "dumb":
		return Off, "TERM=dumb"
	case f.Env("NO_COLOR") != "":
		return ASCII, "NO_COLOR is set"
	case f.inTmux():
		return f.throughTmux()
	}
	name, sixel := f.program(), slices.Contains(f.Answers.Attributes, 4)
	switch {
	case name.is("iterm2"):
		return ITerm2, "the terminal is iTerm2"
	case f.Answers.Kitty && name.hasPlaceholders() && f.Profile >= colorprofile.ANSI256:
		return Placeholders, fmt.Sprintf("%s has them", name)
	case f.Answers.Kitty:
		return Kitty, "the terminal says that it has them"
	case name.is("wezterm"), name.is("mintty"), name.is("warp"), name.is("vscode") && sixel:
		return ITerm2, fmt.Sprintf("%s has them", name)
	case sixel:
		return Sixel, "the terminal says that it has them"
	case f.questionable() && !f.Answers.answered():
		return f.plain("the terminal did not answer whether it has graphics")
	}
	return f.plain("the terminal has no graphics")
}

// questionable reports whether the terminal can be asked.
func (f Facts) questionable() bool { return Questions(f.Env) != "" }

// throughTmux chooses in tmux. It draws sixel graphics itself. Kitty's it hands on,
// and as it does not know of them, only those in placeholders go where the text
// goes.
func (f Facts) throughTmux() (Method, string) {
	if f.Tmux == nil {
		return f.plain("it is in tmux, which can't be asked")
	}
	outer := parseProgram(f.Tmux.Outer)
	switch {
	case outer.hasPlaceholders() && f.Tmux.Passthrough && f.Profile >= colorprofile.ANSI256:
		return Placeholders, fmt.Sprintf("%s has them and tmux hands them on", outer)
	case f.Tmux.Sixel && slices.Contains(f.Answers.Attributes, 4):
		return Sixel, "tmux and its terminal have them"
	case outer.hasPlaceholders() && !f.Tmux.Passthrough:
		return f.plain("tmux hands no graphics on; let it with: tmux set -g allow-passthrough on")
	}
	return f.plain("tmux or its terminal has no graphics")
}

// plain draws with text.
func (f Facts) plain(why string) (Method, string) {
	switch {
	case !UTF8(f.Env):
		return ASCII, why + ", and text is not UTF-8"
	case f.Profile < colorprofile.ANSI:
		return ASCII, why + ", nor colours"
	}
	return Blocks, why
}

// program is a terminal's name and version.
type program struct {
	name         string
	major, minor int
}

// program knows the terminal by what it answered, or by what it set in the
// environment.
func (f Facts) program() program {
	if f.Answers.Name != "" {
		return parseProgram(f.Answers.Name)
	}
	switch {
	case f.Env("LC_TERMINAL") == "iTerm2", f.Env("TERM_PROGRAM") == "iTerm.app":
		return program{name: "iTerm2"}
	case f.Env("TERM_PROGRAM") == "WarpTerminal":
		return program{name: "Warp"}
	}
	return parseProgram(f.Env("TERM_PROGRAM") + " " + f.Env("TERM_PROGRAM_VERSION"))
}

// parseProgram reads "kitty(0.26.5)", "WezTerm 20240203-110809", "xterm-ghostty".
func parseProgram(text string) program {
	name, version, _ := strings.Cut(strings.ReplaceAll(text, "(", " "), " ")
	p := program{name: strings.TrimPrefix(name, "xterm-")}
	numbers := strings.FieldsFunc(version, func(r rune) bool { return r < '0' || r > '9' })
	for i, n := range []*int{&p.major, &p.minor} {
		if i < len(numbers) {
			*n, _ = strconv.Atoi(numbers[i]) // a number that is too large is no version
		}
	}
	return p
}

// is compares names, of which xterm.js is that of Visual Studio Code's terminal.
func (p program) is(name string) bool {
	own := strings.ToLower(p.name)
	return own == name || name == "vscode" && own == "xterm.js"
}

// hasPlaceholders knows who has them: there is no question that tells.
func (p program) hasPlaceholders() bool {
	return p.is("ghostty") || p.is("kitty") && (p.major > 0 || p.minor >= 28)
}

// String names a program, whose name is foreign text, in what a terminal can show.
func (p program) String() string {
	name := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, p.name)
	if p.major == 0 && p.minor == 0 {
		return name
	}
	return fmt.Sprintf("%s %d.%d", name, p.major, p.minor)
}

// light reports whether a colour is rather white than black.
func light(r, g, b, _ uint32) bool { return 299*r+587*g+114*b > 500*0xffff }

// UTF8 reports whether the environment says that text is UTF-8, by the rules of
// setlocale. Windows writes to consoles in Unicode in any case.
func UTF8(env func(string) string) bool {
	if runtime.GOOS == "windows" {
		return true
	}
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := env(name); v != "" {
			v = strings.ToLower(strings.ReplaceAll(v, "-", ""))
			return strings.Contains(v, "utf8")
		}
	}
	return false
}
