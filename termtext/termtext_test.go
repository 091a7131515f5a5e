package termtext

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestSanitize(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, want string }{
		{"plain text", "A red circle.\n\tIndented.", "A red circle.\n\tIndented."},
		{"other scripts and emoji", "猫 café 👩‍👩‍👧 مرحبا", "猫 café 👩‍👩‍👧 مرحبا"},
		{"colours", "\x1b[1;31mred\x1b[0m", "red"},
		{"private and intermediate parameters", "a\x1b[?1049hb\x1b[2 qc", "abc"},
		{"window title, BEL", "a\x1b]0;owned\x07b", "ab"},
		{"window title, ST", "a\x1b]0;owned\x1b\\b", "ab"},
		{"clipboard", "\x1b]52;c;ZXZpbA==\x07x", "x"},
		{"hyperlink", "\x1b]8;;http://evil\x1b\\text\x1b]8;;\x1b\\", "text"},
		{"device control", "a\x1bP+q544e\x1b\\b", "ab"},
		{"kitty graphics", "a\x1b_Gf=24;AAAA\x1b\\b", "ab"},
		{"privacy message and start of string", "a\x1b^x\x1b\\b\x1bXy\x1b\\c", "abc"},
		{"character set", "a\x1b(0b", "ab"},
		{"two-character escape", "a\x1bcb\x1b7c", "abc"},
		{"escape at the end", "a\x1b", "a"},
		{"escape before a letter outside ASCII", "\x1bé", "é"},
		{"escape before escape", "\x1b\x1b[31mx", "x"},
		{"C0", "a\x00b\x07c\x08d\re\x0bf", "abcdef"},
		{"DEL", "a\x7fb", "ab"},
		{"C1 control sequence", "a\u009b31mb", "ab"},
		{"C1 string", "a\u009d0;title\u009cb", "ab"},
		{"other C1", "a\u0085b\u008ec", "abc"},
		{"bidi overrides", "cat\u202egnp.exe\u202c\u2066x\u2069", "catgnp.exex"},
		{"line separators", "a\u2028b\u2029c", "abc"},
		{"a string that never ends gives up at the line's end", "a\x1b]0;owned\nb", "a\nb"},
		{"a sequence cut by a newline", "\x1b[3\nx", "\nx"},
		{"a string aborted by a sequence", "\x1b]0;t\x1b[31mx", "x"},
		{"invalid UTF-8", "a\xffb", "a\uFFFDb"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := Sanitize(test.in); got != test.want {
				t.Errorf("Sanitize(%q) = %q, want %q", test.in, got, test.want)
			}
			// However a stream cuts it, the same comes out.
			for i := range test.in {
				if !utf8.ValidString(test.in) {
					break
				}
				var c Cleaner
				if got := c.Clean(test.in[:i]) + c.Clean(test.in[i:]); got != test.want {
					t.Errorf("cut at %d: %q, want %q", i, got, test.want)
				}
			}
			var c Cleaner
			var got strings.Builder
			for _, r := range test.in {
				got.WriteString(c.Clean(string(r)))
			}
			if got.String() != test.want {
				t.Errorf("one at a time: %q, want %q", got.String(), test.want)
			}
		})
	}
}

func TestSanitizeBoundsControlStrings(t *testing.T) {
	t.Parallel()
	const much = 1 << 20
	got := Sanitize("\x1b]" + strings.Repeat("x", much))
	if len(got) < much/2 {
		t.Errorf("an unended string swallowed all but %d bytes", len(got))
	}
}

func TestSanitizeLine(t *testing.T) {
	t.Parallel()
	if got := Line(" a\x1b[31m\nb\t c "); got != "a b c" {
		t.Errorf("got %q", got)
	}
}

func FuzzSanitize(f *testing.F) {
	f.Add("a\x1b]0;t\x1b\\b\u009b1m\u202e", 3)
	f.Add("\x1b[", 1)
	f.Fuzz(func(t *testing.T, s string, cut int) {
		whole := Sanitize(s)
		for _, r := range whole {
			bidi := r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069
			if unicode.IsControl(r) && r != '\n' && r != '\t' || bidi {
				t.Fatalf("%q came through in %q", r, whole)
			}
		}
		if again := Sanitize(whole); again != whole {
			t.Fatalf("%q became %q the second time", whole, again)
		}
		if !utf8.ValidString(s) || cut < 0 || cut >= len(s) || !utf8.RuneStart(s[cut]) {
			return
		}
		var c Cleaner
		if parts := c.Clean(s[:cut]) + c.Clean(s[cut:]); parts != whole {
			t.Fatalf("whole %q, in parts %q", whole, parts)
		}
	})
}
