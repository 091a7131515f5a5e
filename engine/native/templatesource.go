package native

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/vlmchat/vlmchat/lazyregexp"
)

// plainTemplate rewrites a template so that nothing in it is left to the engine
// that jinja2 would see another way: which space around tags counts, what a
// string's escapes mean, and several variables set at once. Text between tags
// becomes strings in tags, {{ "text" }}. It follows jinja2's lexer.py with
// transformers' settings, trim_blocks and lstrip_blocks. A template that it can't
// read to its end stays as it is, for the engine to refuse.
func plainTemplate(source string) string {
	source = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(source)
	r := rewriting{source: strings.TrimSuffix(source, "\n"), lineStart: true}
	if !r.run() {
		return source
	}
	return r.out.String()
}

type rewriting struct {
	source    string
	at        int  // what of source is done
	lineStart bool // what was done last ends a line
	line      int  // newlines in what is done
	out       strings.Builder
	lines     int // newlines in out
}

// jinja2's raw blocks and their ends, with the sign that says what becomes of the
// space before the end.
var (
	rawBegin = lazyregexp.New(`^\s*raw\s*(?:-%\}\s*|%\})`)
	rawEnd   = lazyregexp.New(`\{%([-+]?)\s*endraw\s*(?:\+%\}|-%\}\s*|%\}\n?)`)
)

// run rewrites the whole source. It reports whether it understood it.
func (r *rewriting) run() bool {
	for {
		start := tagStart(r.source, r.at)
		if start < 0 {
			r.text(r.source[r.at:])
			return true
		}
		text, kind := r.source[r.at:start], r.source[start+1]
		sign, body := signAt(r.source, start+2)
		r.text(r.before(text, sign, kind != '{'))
		r.line += strings.Count(text, "\n")
		r.at = body
		var ok bool
		switch {
		case kind == '#':
			ok = r.comment()
		case kind == '%' && rawBegin().MatchString(r.source[body:]):
			ok = r.raw()
		default:
			ok = r.tag(kind)
		}
		if !ok {
			return false
		}
		r.lineStart = r.source[r.at-1] == '\n'
		r.line += strings.Count(r.source[body:r.at], "\n")
	}
}

// tagStart is where the next tag begins, -1 for nowhere.
func tagStart(s string, from int) int {
	for i := from; i+1 < len(s); i++ {
		if s[i] == '{' && (s[i+1] == '{' || s[i+1] == '%' || s[i+1] == '#') {
			return i
		}
	}
	return -1
}

// signAt returns the sign of a tag's beginning, 0 for none, and where the tag
// goes on.
func signAt(s string, at int) (byte, int) {
	if at < len(s) && (s[at] == '-' || s[at] == '+') {
		return s[at], at + 1
	}
	return 0, at
}

// before returns what is left of the text before a tag: without the space at its
// end if the tag says so, and without the indentation of a block's line.
func (r *rewriting) before(text string, sign byte, block bool) string {
	switch {
	case sign == '-':
		return strings.TrimRight(text, whitespace)
	case sign == '+' || !block:
		return text
	}
	line := strings.LastIndexByte(text, '\n') + 1
	if (line > 0 || r.lineStart) && strings.Trim(text[line:], whitespace) == "" {
		return text[:line]
	}
	return text
}

const whitespace = " \t\n\v\f\r"

// text writes text that is to be shown as it is.
func (r *rewriting) text(text string) {
	if text != "" {
		r.write("{{ " + quoted(text) + " }}")
	}
}

func (r *rewriting) write(s string) {
	r.out.WriteString(s)
	r.lines += strings.Count(s, "\n")
}

// quoted is a string of the engine's that has the text.
func quoted(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}

// comment skips a comment.
func (r *rewriting) comment() bool {
	n := strings.Index(r.source[r.at:], "#}")
	if n < 0 {
		return false
	}
	sign := byte(0)
	if n > 0 {
		sign = r.source[r.at+n-1]
	}
	r.at += n + 2
	r.after(sign, true)
	return true
}

// after skips what the end of a tag takes of the space after it.
func (r *rewriting) after(sign byte, block bool) {
	rest := r.source[r.at:]
	switch {
	case sign == '-':
		r.at += len(rest) - len(strings.TrimLeft(rest, whitespace))
	case sign != '+' && block && strings.HasPrefix(rest, "\n"):
		r.at++
	}
}

// raw writes a raw block's text.
func (r *rewriting) raw() bool {
	r.at += len(rawBegin().FindString(r.source[r.at:]))
	rest := r.source[r.at:]
	end := rawEnd().FindStringSubmatchIndex(rest)
	if end == nil {
		return false
	}
	sign := byte(0)
	if end[2] < end[3] {
		sign = rest[end[2]]
	}
	r.lineStart = r.source[r.at-1] == '\n'
	r.text(r.before(rest[:end[0]], sign, true))
	r.at += end[1]
	return true
}

// tag writes a block, or an expression that is shown.
func (r *rewriting) tag(kind byte) bool {
	closer := map[byte]string{'{': "}}", '%': "%}"}[kind]
	var body strings.Builder
	depth := 0
	for r.at < len(r.source) {
		rest := r.source[r.at:]
		if depth == 0 {
			sign, closes := closingSign(rest, closer, kind == '%')
			if closes {
				if r.at += len(closer); sign != 0 {
					r.at++
				}
				r.after(sign, kind == '%')
				r.statement(kind, body.String())
				return true
			}
		}
		switch c := rest[0]; c {
		case '\'', '"':
			value, n, ok := stringLiterals(rest)
			if !ok {
				return false
			}
			body.WriteString(quoted(value))
			r.at += n
			continue
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			if depth--; depth < 0 {
				return false
			}
			// The engine takes two braces for the end of a tag.
			body.WriteByte(' ')
		}
		body.WriteByte(rest[0])
		r.at++
	}
	return false
}

// closingSign reports whether a tag ends here, and with which sign.
func closingSign(rest, closer string, block bool) (sign byte, closes bool) {
	if strings.HasPrefix(rest, closer) {
		return 0, true
	}
	if rest[0] == '-' || rest[0] == '+' && block {
		return rest[0], strings.HasPrefix(rest[1:], closer)
	}
	return 0, false
}

// statement writes a tag, on the line that it had if that is still to come: the
// engine's errors name lines.
func (r *rewriting) statement(kind byte, body string) {
	opener, closer := "{{", "}}"
	if kind == '%' {
		opener, closer = "{%", "%}"
	}
	if r.line > r.lines {
		r.write("{#" + strings.Repeat("\n", r.line-r.lines) + "#}")
	}
	r.write(opener + " ")
	targets, value, several := severalTargets(body)
	if kind != '%' || !several {
		r.write(body + " " + closer)
		return
	}
	r.write("set vlmchat_values = [" + value + "] %}")
	if !hasComma(value) {
		// One value that is to be taken apart itself.
		r.write("{% set vlmchat_values = vlmchat_values[0] %}")
	}
	for i, target := range targets {
		r.write(fmt.Sprintf("{%% set %s = vlmchat_values[%d] %%}", target, i))
	}
}

var targetsPattern = lazyregexp.New(`(?s)^\s*set\s+([a-zA-Z_]\w*(?:\s*,\s*[a-zA-Z_]\w*)+)\s*=([^=].*)$`)

// severalTargets takes a statement apart that sets several variables at once.
func severalTargets(body string) (targets []string, value string, ok bool) {
	if !strings.Contains(body, ",") {
		return nil, "", false
	}
	m := targetsPattern().FindStringSubmatch(body)
	if m == nil {
		return nil, "", false
	}
	for target := range strings.SplitSeq(m[1], ",") {
		targets = append(targets, strings.TrimSpace(target))
	}
	return targets, m[2], true
}

// hasComma reports whether a value is several, with commas between them.
func hasComma(value string) bool {
	depth := 0
	for i := 0; i < len(value); i++ {
		switch value[i] {
		case '\'', '"':
			_, n, ok := stringLiteral(value[i:])
			if !ok {
				return false
			}
			i += n - 1
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		case ',':
			if depth == 0 {
				return true
			}
		}
	}
	return false
}

// stringLiterals reads strings that follow each other, which are one.
func stringLiterals(s string) (value string, n int, ok bool) {
	for {
		more, size, ok := stringLiteral(s[n:])
		if !ok {
			return "", 0, false
		}
		value, n = value+more, n+size
		next := strings.TrimLeft(s[n:], whitespace)
		if next == "" || next[0] != '\'' && next[0] != '"' {
			return value, n, true
		}
		n = len(s) - len(next)
	}
}

// stringLiteral reads a string with Python's escapes, as jinja2 does. It returns
// the string's value and how many bytes it takes.
func stringLiteral(s string) (value string, n int, ok bool) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case s[0]:
			return b.String(), i + 1, true
		case '\\':
			more, size := escape(s[i+1:])
			if size == 0 {
				return "", 0, false
			}
			b.WriteString(more)
			i += size
		default:
			b.WriteByte(s[i])
		}
	}
	return "", 0, false
}

var escapes = map[byte]string{
	'\n': "", '\\': `\`, '\'': "'", '"': `"`, 'a': "\a", 'b': "\b", 'f': "\f", 'n': "\n", 'r': "\r", 't': "\t", 'v': "\v",
}

// escape reads what follows a backslash. One that means nothing stays.
func escape(s string) (value string, size int) {
	if s == "" {
		return "", 0
	}
	if value, ok := escapes[s[0]]; ok {
		return value, 1
	}
	digits, base, from := 0, 16, 1
	switch s[0] {
	case 'x':
		digits = 2
	case 'u':
		digits = 4
	case 'U':
		digits = 8
	case '0', '1', '2', '3', '4', '5', '6', '7':
		base, from = 8, 0
		for digits < min(3, len(s)) && '0' <= s[digits] && s[digits] <= '7' {
			digits++
		}
	}
	if digits == 0 || len(s) < from+digits {
		return `\` + s[:1], 1
	}
	code, err := strconv.ParseUint(s[from:from+digits], base, 32)
	if err != nil {
		return `\` + s[:1], 1
	}
	return string(rune(code)), from + digits
}
