package markdown

import "strings"

// paragraph is one that lines are still added to.
type paragraph struct {
	src     string // what of it is not laid out
	layout  layout // of what was before
	settled bool   // there was something before
}

// beginText begins a paragraph.
func (p *parser) beginText(line string) {
	p.begin(text)
	p.kind = text
	p.para = paragraph{layout: layout{theme: p.theme, width: p.room()}}
	p.para.src = plain(line)
	p.settle()
}

func (t *paragraph) add(line string) { t.src += "\n" + plain(line) }

// plain returns a line of a paragraph as it is read.
func plain(line string) string {
	return strings.ReplaceAll(strings.TrimLeft(line, " \t"), "\t", tab)
}

// settle lays out what has become so long that it may not wait for its end. No
// emphasis reaches from there into what follows.
func (p *parser) settle() {
	for len(p.para.src) > piece {
		end := strings.LastIndexAny(p.para.src[:piece], " \n")
		if end <= 0 {
			end = piece
			for p.para.src[end]&0xC0 == 0x80 { // in the middle of a character
				end--
			}
		}
		p.para.layout.add(parse(p.para.src[:end], look{}, false))
		p.para.src, p.para.settled = p.para.src[end:], true
		p.emitRows(p.para.layout.rows)
		p.para.layout.rows = nil
	}
}

// endText draws the rest of a paragraph, of which in turn more may be about to come.
func (p *parser) endText(open bool) {
	l := p.para.layout
	l.add(parse(p.para.src, look{}, open))
	l.end()
	p.emitRows(l.rows)
}

func (p *parser) emitRows(rows []row) {
	for _, r := range rows {
		p.emit(r.text)
	}
}

// underlined takes a line below a paragraph that makes it a heading: "===", or
// "---" if it has but one line. More often those are a rule that lacks its blank
// line.
func (p *parser) underlined(line string) bool {
	line = strings.TrimSpace(line)
	src := p.para.src
	switch {
	case p.para.settled || len(line) < 2:
	case strings.Trim(line, "=") == "":
		p.kind = none
		p.heading(src, 1)
		return true
	case strings.Trim(line, "-") == "" && !strings.Contains(src, "\n"):
		p.kind = none
		p.heading(src, 2)
		return true
	}
	return false
}

// heading draws a heading, with or without its hashes.
func (p *parser) heading(line string, level int) {
	line = strings.TrimSpace(strings.TrimLeft(line, "#"))
	if inner := strings.TrimRight(line, "#"); strings.HasSuffix(inner, " ") {
		line = strings.TrimSpace(inner)
	}
	l := look{role: Heading}
	if level == 1 {
		l.role = Title
	}
	p.emitRows(lay(parse(plain(line), l, p.half), p.room(), p.theme))
	p.last = heading
}
