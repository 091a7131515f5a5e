package markdown

import (
	"strings"
	"testing"
)

// coloured writes code with the roles of what is coloured by a letter.
func coloured(language, code string) string {
	letters := map[Role]string{Keyword: "k", Name: "n", String: "s", Number: "0", Comment: "c", Inserted: "+", Deleted: "-"}
	h := highlight(language)
	var b strings.Builder
	for i, line := range strings.Split(code, "\n") {
		if i > 0 {
			b.WriteByte('\n')
		}
		for _, s := range h.line(line) {
			if letter := letters[s.look.role]; letter != "" {
				b.WriteString("<" + letter + " " + s.text + ">")
			} else {
				b.WriteString(s.text)
			}
		}
	}
	return b.String()
}

func TestHighlight(t *testing.T) {
	t.Parallel()
	tests := []struct{ language, in, want string }{
		{"go", `x := f("a\"b") // c`, `x := <n f>(<s "a\"b">) <c // c>`},
		{"go", "a /* b\nfunc */ return 0x1F + 1.5e3 + nil", "a <c /* b>\n<c func */> <k return> <0 0x1F> + <0 1.5e3> + <0 nil>"},
		{"Go", "x := `a\n// b` + c", "x := <s `a>\n<s // b`> + c"},
		{"python", "def f(x):  # don't\n    \"\"\"A\n    b\"\"\" + 'c'", "<k def> <n f>(x):  <c # don't>\n    <s \"\"\"A>\n<s     b\"\"\"> + <s 'c'>"},
		{"rust", "fn f<'a>(x: &'a str) -> u8 {", "<k fn> f<'a>(x: &'a str) -> u8 {"},
		{"sh", "echo $# \"a # b\" # c", "<k echo> $# <s \"a # b\"> <c # c>"},
		{"sql", "SELECT * FROM t -- all", "<k SELECT> * <k FROM> t <c -- all>"},
		{"json", `{"a": [1, true, "b: c"]}`, `{<n "a">: [<0 1>, <0 true>, <s "b: c">]}`},
		{"yaml", "- a-b: c # d\n  e: 'f'", "- <n a-b>: c <c # d>\n  <n e>: <s 'f'>"},
		{"toml", "[a]\nb = 1", "[a]\n<n b> = <0 1>"},
		{"html", "<p class=\"a\">b &amp; <!-- c\nd --></p>", "<k <p> <n class>=<s \"a\"><k >>b &amp; <c <!-- c>\n<c d -->><k </p>>"},
		{"diff", "@@ 1\n-a\n+b\n c", "<k @@ 1>\n<- -a>\n<+ +b>\n c"},
		{"go", "红 := \"色\" + é", "红 := <s \"色\"> + é"},
		{"brainf", "+[-]. // \"a\"", "+[-]. // \"a\""},
		{"", "func", "func"},
	}
	for _, test := range tests {
		if got := coloured(test.language, test.in); got != test.want {
			t.Errorf("%s %q: got\n%s\nwant\n%s", test.language, test.in, got, test.want)
		}
	}
}

// Whatever the code is, all of it is there.
func FuzzHighlight(f *testing.F) {
	for _, language := range []string{"go", "python", "html", "yaml", "sh", "diff", "css", "sql"} {
		f.Add(language, "a = \"b\" # c\n/* d <e f='g'> */ 1.2 'h")
	}
	f.Fuzz(func(t *testing.T, language, code string) {
		h := highlight(language)
		for _, line := range strings.Split(code, "\n") {
			var all strings.Builder
			for _, s := range h.line(line) {
				all.WriteString(s.text)
			}
			if all.String() != line {
				t.Fatalf("%q became %q", line, all.String())
			}
		}
	})
}
