package termimg

import (
	"image"
	"image/color"
	"reflect"
	"strings"
	"testing"
)

// What real terminals answer.
const (
	answersOfKitty = "\x1b_Gi=31;OK\x1b\\\x1bP>|kitty(0.26.5)\x1b\\\x1b]11;rgb:0000/0000/0000\x1b\\\x1b[6;18;9t\x1b[4;432;720t\x1b[?62;c"
	answersOfXterm = "\x1bP>|XTerm(379)\x1b\\\x1b]11;rgb:ffff/ffff/ffff\x07\x1b[6;19;9t\x1b[4;456;720t\x1b[?1;0;256S\x1b[?63;1;2;4;6;9;15;16;22;28c"
)

func TestReadAnswers(t *testing.T) {
	t.Parallel()
	black, white := color.RGBA{A: 0xff}, color.RGBA{0xff, 0xff, 0xff, 0xff}
	for name, test := range map[string]struct {
		input string
		want  Answers
	}{
		"kitty":                        {answersOfKitty, Answers{Name: "kitty(0.26.5)", Attributes: []int{62, 0}, Kitty: true, Cell: image.Pt(9, 18), Window: image.Pt(720, 432), Background: black}},
		"xterm":                        {answersOfXterm, Answers{Name: "XTerm(379)", Attributes: []int{63, 1, 2, 4, 6, 9, 15, 16, 22, 28}, Cell: image.Pt(9, 19), Window: image.Pt(720, 456), Registers: 256, Background: white}},
		"a query that is refused":      {"\x1b_Gi=31;ENOTSUPPORTED:no\x1b\\\x1b[?6c", Answers{Attributes: []int{6}}},
		"another's image":              {"\x1b_Gi=7;OK\x1b\\", Answers{}},
		"keys between":                 {"q\x1b[A\x1b[?62;4c\r\x1bOP", Answers{Attributes: []int{62, 4}}},
		"DA2 and another report":       {"\x1b[>1;2;3c\x1b[8;24;80t\x1b[?2;0;9S", Answers{}},
		"no numbers":                   {"\x1b[6t\x1b[4;;t\x1b[?S\x1b[?1S", Answers{}},
		"numbers beyond all measure":   {"\x1b[6;99999999999999999999;2t", Answers{Cell: image.Pt(2, 1<<15)}},
		"registers that it can't tell": {"\x1b[?1;3;0S", Answers{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var whole Answers
			if rest := whole.Read([]byte(test.input)); len(rest) > 0 {
				t.Errorf("%q is left", rest)
			}
			if whole.Background != nil {
				whole.Background = color.RGBAModel.Convert(whole.Background)
			}
			if !reflect.DeepEqual(whole, test.want) {
				t.Errorf("got %+v, want %+v", whole, test.want)
			}
			// Byte by byte, as over a slow line.
			var slow Answers
			var rest []byte
			for i := range len(test.input) {
				rest = slow.Read(append(rest, test.input[i]))
			}
			if slow.Background != nil {
				slow.Background = color.RGBAModel.Convert(slow.Background)
			}
			if !reflect.DeepEqual(slow, test.want) {
				t.Errorf("byte by byte: got %+v, want %+v", slow, test.want)
			}
		})
	}
}

// Who sends no end has no memory of ours to fill.
func TestAnswerWithoutEnd(t *testing.T) {
	t.Parallel()
	var a Answers
	var rest []byte
	for range 100 {
		rest = a.Read(append(rest, strings.Repeat("x", 1000)...))
		if rest = a.Read(append(rest, "\x1b_G"+strings.Repeat("x", 1000)...)); len(rest) > longest {
			t.Fatalf("%d bytes are kept", len(rest))
		}
	}
}

// The terminals that print what they don't know are not asked.
func TestQuestions(t *testing.T) {
	t.Parallel()
	for term, asked := range map[string]bool{"xterm-256color": true, "tmux-256color": true, "dumb": false, "linux": false, "": false} {
		env := func(name string) string { return map[string]string{"TERM": term}[name] }
		if got := Questions(env); (got != "") != asked {
			t.Errorf("%q is asked %q", term, got)
		}
	}
	for _, env := range []map[string]string{
		{"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"},
		{"TERM": "xterm-256color", "TMUX": "x"}, {"TERM": "tmux-256color"}, {"TERM": "screen.xterm"},
	} {
		if got := Questions(func(name string) string { return env[name] }); strings.Contains(got, "\x1b_") || !strings.HasSuffix(got, "\x1b[c") {
			t.Errorf("%v is asked %q", env, got)
		}
	}
}

func FuzzAnswers(f *testing.F) {
	f.Add([]byte(answersOfKitty))
	f.Add([]byte(answersOfXterm))
	f.Add([]byte("\x1b_G\x1b]11;\x1bP>|\x1b[?;;c\x1b[6;"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var a Answers
		if rest := a.Read(data); len(rest) > longest || len(rest) > len(data) {
			t.Errorf("%d of %d bytes are left", len(rest), len(data))
		}
		terminal, why := Choose(Facts{Env: func(string) string { return "" }, Cells: image.Pt(80, 24), Answers: a}, "")
		if terminal.Cell.X < 0 || terminal.Cell.Y < 0 || strings.ContainsAny(why, "\x1b\n") {
			t.Errorf("%+v, %q", terminal, why)
		}
		New([]byte{1, 2, 3}, 1, 1).Size(10, 10, terminal)
	})
}

func TestParseTmux(t *testing.T) {
	t.Parallel()
	for out, want := range map[string]Tmux{
		"3.4\nkitty(0.32.2)\nxterm-kitty\n1\n256,RGB,sixel,title\n9 18\n": {Version: "3.4", Outer: "kitty(0.32.2)", Passthrough: true, Sixel: true, Cell: image.Pt(9, 18)},
		"3.4\n\nxterm-kitty\nall\n256,sixellike\n9 18\n":                  {Version: "3.4", Outer: "xterm-kitty", Passthrough: true, Cell: image.Pt(9, 18)},
		"3.3a\n\n\n0\n\n \n": {Version: "3.3a"},
		"":                   {},
	} {
		if got := parseTmux(out); got != want {
			t.Errorf("%q: %+v", out, got)
		}
	}
}

func FuzzTmux(f *testing.F) {
	f.Add("3.4\nkitty(0.32.2)\nxterm-kitty\n1\n256,RGB,sixel,title\n9 18\n")
	f.Fuzz(func(t *testing.T, out string) {
		tmux := parseTmux(out)
		_, why := Choose(Facts{Env: func(string) string { return "x" }, Tmux: &tmux}, "")
		if strings.ContainsAny(why, "\x1b\n\r") {
			t.Errorf("%q", why)
		}
	})
}
