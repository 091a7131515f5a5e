package markdown

import (
	"fmt"
	"strings"
)

// bracket reads what may stand before a link's text, or a picture's.
func (p *inline) bracket(n int, image bool) {
	p.marks = append(p.marks, len(p.tokens))
	p.tokens = append(p.tokens, token{kind: bracket, text: p.src[p.at : p.at+n], image: image})
	p.at += n
}

// closeBracket reads what may stand behind a link's text.
func (p *inline) closeBracket(rest string) {
	if len(p.marks) == 0 {
		p.literal(1)
		return
	}
	mark := p.marks[len(p.marks)-1]
	p.marks = p.marks[:len(p.marks)-1]
	href, n, ok := destination(rest[1:], p.open)
	if !ok {
		p.literal(1)
		return
	}
	begin := &p.tokens[mark]
	begin.kind, begin.text, begin.href = linkBegin, "", href
	from := len(p.runs)
	for from > 0 && p.runs[from-1] > mark {
		from--
	}
	p.emphasize(from)
	p.tokens = append(p.tokens, token{kind: linkEnd})
	if !begin.image {
		p.marks = nil // there are no links in links
	}
	p.at += 1 + n
}

// destination reads an address in parentheses, perhaps with a title that nobody
// sees, and returns how long that is. In a text that is still open its end may be
// to come: what there is of it then is no address yet.
func destination(s string, open bool) (href string, n int, ok bool) {
	if !strings.HasPrefix(s, "(") {
		return "", 0, false
	}
	blanks := func() {
		for n < len(s) && (s[n] == ' ' || s[n] == '\n') {
			n++
		}
	}
	n = 1
	blanks()
	if n < len(s) && s[n] == '<' {
		end := strings.IndexAny(s[n:], ">\n")
		if end < 0 || s[n+end] == '\n' {
			return "", len(s), open && end < 0
		}
		href = s[n+1 : n+end]
		n += end + 1
	} else {
		from, depth := n, 0
		for ; n < len(s) && s[n] > ' '; n++ {
			if s[n] == '(' {
				depth++
			} else if s[n] == ')' {
				if depth == 0 {
					break
				}
				depth--
			}
		}
		href = s[from:n]
	}
	blanks()
	if n < len(s) && (s[n] == '"' || s[n] == '\'') {
		end := strings.IndexByte(s[n+1:], s[n])
		if end < 0 {
			return "", len(s), open
		}
		n += end + 2
		blanks()
	}
	switch {
	case n == len(s):
		return "", n, open
	case s[n] != ')':
		return "", 0, false
	}
	return href, n + 1, true
}

// bareAddress returns the address that a text begins with, without what is rather
// the sentence's.
func bareAddress(s string) string {
	if !strings.HasPrefix(s, "https://") && !strings.HasPrefix(s, "http://") {
		return ""
	}
	if end := strings.IndexAny(s, " \n<>\"`|。，、；：！？）】」』》"); end >= 0 {
		s = s[:end]
	}
	for {
		trimmed := strings.TrimRight(s, "?!.,:;*_~'\\]")
		if strings.HasSuffix(trimmed, ")") && strings.Count(trimmed, ")") > strings.Count(trimmed, "(") {
			trimmed = trimmed[:len(trimmed)-1]
		}
		if trimmed == s {
			break
		}
		s = trimmed
	}
	if strings.HasSuffix(s, "://") {
		return ""
	}
	return s
}

// same reports whether a link's text tells its address.
func same(text, href string) bool {
	plain := func(s string) string {
		for _, scheme := range []string{"https://", "http://", "mailto:"} {
			s = strings.TrimPrefix(s, scheme)
		}
		return strings.TrimSuffix(s, "/")
	}
	return plain(strings.TrimSpace(text)) == plain(href)
}

// longest is what an address may have to be a link for the terminal.
const longest = 2000

// safe returns an address as terminals take it: one of the web or of mail, in plain
// characters. Others are text only.
func safe(href string) string {
	scheme, _, _ := strings.Cut(strings.ToLower(href[:min(len(href), len("https:"))]), ":")
	if scheme != "https" && scheme != "http" && scheme != "mailto" || len(href) > longest {
		return ""
	}
	var b strings.Builder
	for _, c := range []byte(href) {
		if c <= ' ' || c >= 0x7F {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
