package markdown

import "strings"

// code is a block of code that lines are still added to.
type code struct {
	fence    byte // ` or ~, 0 for what is indented
	size     int  // of the fence
	indent   int  // columns that the fence is indented by, and what it holds as well
	language string
	colours  highlighter
	blanks   int // lines, of what is indented, that are drawn if code follows
}

// fence returns the code that a line begins.
func fence(line string) (code, bool) {
	c := code{indent: indentation(line)}
	line = strings.TrimSpace(line)
	if line == "" || line[0] != '`' && line[0] != '~' {
		return c, false
	}
	c.fence = line[0]
	info := strings.TrimLeft(line, line[:1])
	c.size = len(line) - len(info)
	if c.size < 3 || c.fence == '`' && strings.Contains(info, "`") {
		return c, false
	}
	if words := strings.Fields(info); len(words) > 0 {
		c.language = strings.Trim(words[0], "{}.")
	}
	c.colours = highlight(c.language)
	return c, true
}

// ends reports whether a line is the fence that the code ends with.
func (c *code) ends(line string) bool {
	line = strings.TrimSpace(line)
	return len(line) >= c.size && strings.Trim(line, string(rune(c.fence))) == ""
}

const (
	// codeIndent is by what code is told apart from text where there are no colours,
	// unless there is little room.
	codeIndent = "  "
	narrow     = 12
)

// beginCode draws what stands above code: which language it is in.
func (p *parser) beginCode(kind block, c code) {
	p.begin(kind)
	p.kind, p.code = kind, c
	if p.codes != nil {
		p.codes.begin(c.language)
	}
	if name := p.code.language; name != "" {
		for _, r := range lay([]span{{text: name, look: look{role: Label}}}, p.room(), p.theme) {
			p.emit(r.text)
		}
	}
}

// codeLine reads a line of code, or if it is not whole a beginning of one.
func (p *parser) codeLine(line string, whole bool) {
	for ; p.code.blanks > 0; p.code.blanks-- {
		p.codePiece("", true)
	}
	if p.code.fence != 0 {
		line = outdent(line, p.code.indent)
	}
	p.codePiece(line, whole)
}

// codePiece draws a piece of code in lines of its own, broken where they are full.
func (p *parser) codePiece(piece string, whole bool) {
	if p.codes != nil {
		p.codes.add(piece, whole)
		return
	}
	room, margin := p.room(), codeIndent
	if room < narrow {
		margin = ""
	}
	l := layout{theme: p.theme, width: room - len(margin)}
	l.chop(p.code.colours.line(strings.ReplaceAll(piece, "\t", tab)))
	l.end()
	for _, r := range l.rows {
		if r.text != "" {
			r.text = margin + r.text
		}
		p.emit(r.text)
	}
}

// codes collects code instead of drawing it.
type codes struct {
	blocks []Block
	texts  []*strings.Builder
}

func (c *codes) begin(language string) {
	c.blocks = append(c.blocks, Block{Language: language})
	c.texts = append(c.texts, &strings.Builder{})
}

func (c *codes) add(piece string, whole bool) {
	text := c.texts[len(c.texts)-1]
	text.WriteString(piece)
	if whole {
		text.WriteByte('\n')
	}
}

func (c *codes) all() []Block {
	for i, text := range c.texts {
		c.blocks[i].Text = text.String()
	}
	return c.blocks
}
