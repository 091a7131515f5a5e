package markdown

import (
	"strings"
	"testing"
)

// written writes spans with their looks in angle brackets.
func written(spans []span) string {
	names := map[Role]string{Text: "", Link: "link", Address: "address", Code: "code"}
	var b strings.Builder
	for _, s := range spans {
		look := names[s.look.role]
		for i, name := range []string{"b", "i", "s"} {
			if s.look.weight&(1<<i) != 0 {
				look += name
			}
		}
		if s.link != "" {
			look += "→" + s.link
		}
		if look == "" {
			b.WriteString(s.text)
		} else {
			b.WriteString("<" + look + ":" + s.text + ">")
		}
	}
	return b.String()
}

func TestInline(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, want string }{
		{"plain", "A disc.", "A disc."},
		{"emphasis", "*a* _b_ **c** __d__ ~~e~~", "<i:a> <i:b> <b:c> <b:d> <s:e>"},
		{"nested", "***a** b* and **c *d***", "<bi:a><i: b> and <b:c ><bi:d>"},
		{"arithmetic", "2 * 3 * 4, a*b*c, snake_case_name, ~5", "2 * 3 * 4, a<i:b>c, snake_case_name, ~5"},
		{"never closed", "**a and *b", "**a and *b"},
		{"lopsided", "***a**", "*<b:a>"},
		{"rule of three", "**a*b**", "<b:a*b>"},
		{"beside Chinese", "**“重点”**后面", "<b:“重点”>后面"},
		{"escapes", `\*a\* \_ \\ \a`, `*a* _ \ \a`},
		{"code", "`a*b*` ``c`d`` ` e `", "<code:a*b*> <code:c`d> <code:e>"},
		{"half of code", "a `b", "a `b"},
		{"a link", "[a *b*](https://x.org/y) c", "<link→https://x.org/y:a ><linki→https://x.org/y:b> <address→https://x.org/y:(https://x.org/y)> c"},
		{"a link that says where it leads", "[x.org/y](https://x.org/y/)", "<link→https://x.org/y/:x.org/y>"},
		{"a title is not seen", `[a](<http://x y> "t")`, "<link→http://x%20y:a> <address→http://x%20y:(http://x y)>"},
		{"parentheses", "[a](http://x/(b)) c", "<link→http://x/(b):a> <address→http://x/(b):(http://x/(b))> c"},
		{"an address of another kind is text", "[a](javascript:alert) [b](file:///etc)", "<link:a> <address:(javascript:alert)> <link:b> <address:(file:///etc)>"},
		{"no link", "[a] [b](c d) [1]", "[a] [b](c d) [1]"},
		{"no address", "[a]()", "<link:a>"},
		{"links are not in links", "[a [b](http://c) d](http://e)", "[a <link→http://c:b> <address→http://c:(http://c)> d](<link→http://e:http://e>)"},
		{"emphasis ends in a link", "*a [b*](c)", "*a <link:b*> <address:(c)>"},
		{"a picture", "![a disc](d.png) ![](e.png)", "<link:a disc> <address:(d.png)> <link:picture> <address:(e.png)>"},
		{"a picture in a link", "[![a](b.png)](http://c)", "<link:a><link→http://c: ><address→http://c:(b.png)> <address→http://c:(http://c)>"},
		{"bare addresses", "See https://x.org/a_b_c. (http://y.org/(z)) nohttps://x", "See <link→https://x.org/a_b_c:https://x.org/a_b_c>. (<link→http://y.org/(z):http://y.org/(z)>) nohttps://x"},
		{"before Chinese", "见https://x.org。", "见https://x.org。"},
		{"an address in stars", "**https://x.org**", "<linkb→https://x.org:https://x.org>"},
		{"in angle brackets", "<https://x.org> <a@b.org> <i>", "<link→https://x.org:https://x.org> <link→mailto:a@b.org:a@b.org> <i>"},
		{"lines end", "a<br>b<br/>c<BR />d", "a\nb\nc\nd"},
		{"entities", "&lt;b&gt; &amp;amp; &copy; &#65; &nope; AT&T", "<b> &amp; © A &nope; AT&T"},
		{"entities that are no text", "&#27;[31m&#x202E;a&#10;b", "[31ma b"},
		{"formulas", `$a_1*b_1*c$ \(x*y*z\) \[p_q_\] $$r*s*t$$`, `$a_1*b_1*c$ \(x*y*z\) \[p_q_\] $$r*s*t$$`},
		{"money", "$5 and *$10*, $5-$10", "$5 and <i:$10>, $5-$10"},
		{"backslash at the end", "a\\\nb \\", "a\nb \\"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := written(parse(test.in, look{}, false)); got != test.want {
				t.Errorf("%q: got %q, want %q", test.in, got, test.want)
			}
		})
	}
}

// What is still open looks as it will once it is closed.
func TestInlineWhileItComes(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, want string }{
		{"a **b", "a <b:b>"},
		{"a **b*", "a <b:b>"},
		{"a **b**", "a <b:b>"},
		{"a *b **c", "a <i:b ><bi:c>"},
		{"a *", "a "},
		{`a \*`, "a *"},
		{"a `b`", "a <code:b>"},
		{"a `b", "a <code:b>"},
		{"a ``b`", "a <code:b>"},
		{"a [b](http://", "a <link:b>"},
		{"a ~~b", "a <s:b>"},
		{`\(x_1*y*z`, `\(x_1*y*z`},
		{"2 * 3", "2 * 3"},
		{"a*b", "a*b"},
		{"**a\nb", "**a\nb"},
	}
	for _, test := range tests {
		if got := written(parse(test.in, look{}, true)); got != test.want {
			t.Errorf("%q: got %q, want %q", test.in, got, test.want)
		}
	}
}
