package markdown

import (
	"html"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/vlmchat/vlmchat/lazyregexp"
	"github.com/vlmchat/vlmchat/termtext"
)

// inline reads what is within a paragraph, a heading or a cell: emphasis, code,
// links. It follows CommonMark, but for what a chat is better off without: HTML is
// text (only <br> ends a line), references to addresses elsewhere are text, a line
// ends where the model ended it, and formulas stay as they are written.
type inline struct {
	src    string
	at     int
	open   bool // more of it may follow: what is not closed yet counts as closed
	tokens []token
	runs   []int // those tokens that may begin or end emphasis, and are not used up
	marks  []int // those that are a bracket before what may be a link's text
}

// token is a piece of text, or what stands between such pieces.
type token struct {
	kind kind
	text string
	role Role
	href string // for an address, and where a link begins
	of   byte   // for a run: of what
	n    int    // how many of them are left
	size int    // and how many there were

	begins, ends   bool   // what the run may do to emphasis
	opened, closed [3]int // and what it does, by the bit in weight
	image          bool   // for a bracket and a link: it is a picture's
}

// kind is that of a token.
type kind uint8

const (
	words   kind = iota
	address      // text that is a link by itself
	run          // of delimiters
	bracket      // before what may be a link's text
	linkBegin
	linkEnd
)

// parse returns a text's spans, whose look is that of base unless they are more.
// If it is open, more of the text is about to come: of a run of delimiters at its end
// perhaps as well, which is not looked at before.
func parse(src string, base look, open bool) []span {
	if begun := strings.TrimRight(src, "*_~`"); open && !strings.HasSuffix(begun, `\`) {
		src = begun
	}
	p := inline{src: src, open: open}
	for p.at < len(p.src) {
		p.next()
	}
	p.emphasize(0)
	if open {
		p.suppose()
	}
	return p.spans(base)
}

// next reads a token.
func (p *inline) next() {
	rest := p.src[p.at:]
	switch c := rest[0]; c {
	case '\\':
		p.escape(rest)
	case '`':
		p.code(rest)
	case '*', '_', '~':
		p.delimiters(rest, c)
	case '!':
		if strings.HasPrefix(rest, "![") {
			p.bracket(2, true)
		} else {
			p.literal(1)
		}
	case '[':
		p.bracket(1, false)
	case ']':
		p.closeBracket(rest)
	case '<':
		p.angle(rest)
	case '&':
		p.entity(rest)
	case '$':
		p.formula(rest)
	case 'h':
		if link := bareAddress(rest); link != "" && !wordBefore(p.src[:p.at]) {
			p.tokens = append(p.tokens, token{kind: address, text: link, role: Link, href: link})
			p.at += len(link)
		} else {
			p.literal(1)
		}
	default:
		n := strings.IndexAny(rest, "\\`*_~![]<&$h")
		if n < 0 {
			n = len(rest)
		}
		p.literal(n)
	}
}

// literal takes n bytes as they are.
func (p *inline) literal(n int) {
	p.text(p.src[p.at:p.at+n], Text)
	p.at += n
}

func (p *inline) text(text string, role Role) {
	if n := len(p.tokens); n > 0 {
		last := &p.tokens[n-1]
		if last.kind == words && last.role == role {
			last.text += text
			return
		}
	}
	p.tokens = append(p.tokens, token{text: text, role: role})
}

// escape reads what follows a backslash: a formula, or a character that stands for
// itself.
func (p *inline) escape(rest string) {
	if len(rest) == 1 {
		p.literal(1)
		return
	}
	if end, ok := map[byte]string{'(': `\)`, '[': `\]`}[rest[1]]; ok && p.verbatim(rest, end) {
		return
	}
	switch c := rest[1]; {
	case c == '\n':
		p.at++ // a line's end
	case c < 0x80 && isPunctuation(rune(c)):
		p.text(rest[1:2], Text)
		p.at += 2
	default:
		p.literal(1)
	}
}

// verbatim reads a formula between two characters and an end, and reports whether
// there is one.
func (p *inline) verbatim(rest, end string) bool {
	n := strings.Index(rest[2:], end)
	switch {
	case n >= 0:
		p.literal(2 + n + len(end))
	case p.open:
		p.literal(len(rest))
	default:
		return false
	}
	return true
}

// formula reads what is between dollars, unless they are money.
func (p *inline) formula(rest string) {
	if strings.HasPrefix(rest, "$$") {
		if !p.verbatim(rest, "$$") {
			p.literal(2)
		}
		return
	}
	line, _, _ := strings.Cut(rest[1:], "\n")
	end := strings.IndexByte(line, '$')
	money := end+1 < len(line) && isDigit(line[end+1])
	if end > 0 && line[0] != ' ' && line[end-1] != ' ' && !money {
		p.literal(end + 2)
		return
	}
	p.literal(1)
}

// code reads code between backticks.
func (p *inline) code(rest string) {
	ticks := len(rest) - len(strings.TrimLeft(rest, "`"))
	inner, after, found := rest[ticks:], 0, false
	for from := ticks; from < len(rest); {
		i := strings.IndexByte(rest[from:], '`')
		if i < 0 {
			break
		}
		from += i
		n := len(rest[from:]) - len(strings.TrimLeft(rest[from:], "`"))
		if n == ticks {
			inner, after, found = rest[ticks:from], from+n, true
			break
		}
		from += n
	}
	switch {
	case found:
	case p.open:
		after = len(rest)
	default:
		p.literal(ticks)
		return
	}
	inner = strings.ReplaceAll(inner, "\n", " ")
	if strings.HasPrefix(inner, " ") && strings.HasSuffix(inner, " ") && strings.Trim(inner, " ") != "" {
		inner = inner[1 : len(inner)-1]
	}
	if inner != "" {
		p.text(inner, Code)
	}
	p.at += after
}

// angle reads an address between angle brackets, or the end of a line.
func (p *inline) angle(rest string) {
	inner, _, found := strings.Cut(rest[1:], ">")
	if found && !strings.ContainsAny(inner, " \n<") {
		switch {
		case strings.Trim(strings.ToLower(inner), "/") == "br":
			p.text("\n", Text)
			p.at += len(inner) + 2
			return
		case strings.Contains(inner, "://") || mail().MatchString(inner):
			link := inner
			if !strings.Contains(inner, "://") {
				link = "mailto:" + inner
			}
			p.tokens = append(p.tokens, token{kind: address, text: inner, role: Link, href: link})
			p.at += len(inner) + 2
			return
		}
	}
	if lower := strings.ToLower(rest[:min(len(rest), 6)]); lower == "<br />" {
		p.text("\n", Text)
		p.at += len(lower)
		return
	}
	p.literal(1)
}

var mail = lazyregexp.New(`^[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$`)

// entity reads a character that is written by its name or number. It may be one
// that must not reach a terminal.
func (p *inline) entity(rest string) {
	if end := strings.IndexByte(rest[:min(len(rest), 33)], ';'); end > 1 {
		if plain := html.UnescapeString(rest[:end+1]); plain != rest[:end+1] {
			p.text(strings.NewReplacer("\n", " ", "\t", " ").Replace(termtext.Sanitize(plain)), Text)
			p.at += end + 1
			return
		}
	}
	p.literal(1)
}

// spans draws the tokens up.
func (p *inline) spans(base look) []span {
	d := drawing{base: base}
	for _, t := range p.tokens {
		switch t.kind {
		case words, address:
			d.emit(t.text, t.role, t.href)
		case bracket:
			d.emit(t.text, Text, "")
		case run:
			for i, n := range t.closed {
				d.depth[i] -= n
			}
			d.emit(strings.Repeat(string(rune(t.of)), t.n), Text, "")
			for i, n := range t.opened {
				d.depth[i] += n
			}
		case linkBegin:
			d.links = append(d.links, link{t.href, t.image, d.said.Len()})
		case linkEnd:
			d.endLink()
		}
	}
	return d.all
}

// drawing is what is drawn of tokens so far.
type drawing struct {
	base  look
	all   []span
	depth [3]int // of emphasis, by its bit in weight
	links []link // that the text is in
	said  strings.Builder
}

// link is one whose text is being drawn.
type link struct {
	href  string
	image bool
	from  int // of its text, in what was said
}

func (d *drawing) emit(text string, role Role, href string) {
	if text == "" {
		return
	}
	l := d.base
	if role != Text {
		l.role = role
	}
	for i, n := range d.depth {
		if n > 0 {
			l.weight |= 1 << i
		}
	}
	if n := len(d.links); n > 0 {
		href = d.links[n-1].href
		if role == Text {
			l.role = Link
		}
	}
	d.said.WriteString(text)
	d.all = join(d.all, span{text, l, safe(href)})
}

// endLink ends a link's text. Where it leads, a person sees, unless it is the text.
func (d *drawing) endLink() {
	l := d.links[len(d.links)-1]
	if l.image && d.said.Len() == l.from {
		d.emit("picture", Text, "")
	}
	text := d.said.String()[l.from:]
	d.links = d.links[:len(d.links)-1]
	if l.href == "" || same(text, l.href) {
		return
	}
	if text != "" {
		d.emit(" ", Text, "")
	}
	d.emit("("+l.href+")", Address, l.href)
}

func wordBefore(s string) bool {
	r, size := utf8.DecodeLastRuneInString(s)
	return size > 0 && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isPunctuation(r rune) bool { return unicode.IsPunct(r) || unicode.IsSymbol(r) }
