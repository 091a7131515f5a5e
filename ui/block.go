package ui

import (
	"github.com/vlmchat/vlmchat/termimg"
	"github.com/vlmchat/vlmchat/termtext"
)

// block is a piece of the transcript that draws itself to a width.
type block interface {
	// version is another number whenever the block would draw itself
	// differently in the same frame.
	version() int
	// draw returns lines of at most the frame's width.
	draw(f frame) []string
}

// frame is everything that what a block draws depends on, except itself.
type frame struct {
	width       int
	pictureRows int // at most, for each picture
	terminal    termimg.Terminal
	styles      *styles
	unfolded    bool   // thoughts are seen whole, unless the person folded them one by one
	noFooter    bool   // answers have no footer
	stop        string // says which key stops what goes on
	plain       bool   // it is read line by line: nothing stands beside something else
}

// indent stands before what the model and the program say, bar before what the
// person said: the two are told apart without a colour or a name.
const (
	indent = "  "
	bar    = "┃ "
)

// question is what the person said: pictures, then text.
type question struct {
	text    string
	shots   []*shot
	terms   *terms    // that hold for it alone; may be nil
	hung    []hanging // the shots, in the lines that were drawn last
	height  int       // how many lines that were
	branch  place     // among the questions asked here
	said    int       // how many of them, the last ones, have the text
	changes int
}

func (q *question) version() int { return q.changes }

func (q *question) draw(f frame) []string {
	edge := f.styles.bar.Render(bar)
	inner := f
	inner.width = max(1, f.width-len(indent))
	var lines []string
	q.hung = nil
	for _, s := range q.shots {
		more, h := s.draw(inner)
		if h.row, h.col, h.caption = len(lines), len(indent), len(more)-len(h.lines); h.image != nil {
			q.hung = append(q.hung, h)
		}
		lines = append(lines, more...)
	}
	above := len(lines)
	if q.text != "" {
		lines = append(lines, f.styles.wrap(termtext.Sanitize(q.text), inner.width)...)
	}
	lines = f.styles.beside(lines, q.branch.String(), inner.width)
	for i, line := range lines {
		lines[i] = edge + line
	}
	q.height, q.said = len(lines), len(lines)-above
	return lines
}

// note is something the program says.
type note struct {
	text string
	hint string // on lines of its own, fainter
	bad  bool   // an error
}

func (n *note) version() int { return 0 }

func (n *note) draw(f frame) []string {
	width := max(1, f.width-len(indent))
	return indented(n.lines(width, f.styles))
}

// lines returns the note without its indent.
func (n *note) lines(width int, st *styles) []string {
	style, mark := st.faint, ""
	if n.bad {
		style, mark = st.failure, "✗ "
	}
	var lines []string
	for _, line := range st.wrap(mark+termtext.Sanitize(n.text), width) {
		lines = append(lines, style.Render(line))
	}
	if n.hint != "" {
		for _, line := range st.wrap(termtext.Sanitize(n.hint), width) {
			lines = append(lines, st.faint.Render(line))
		}
	}
	return lines
}

func indented(lines []string) []string {
	for i, line := range lines {
		lines[i] = indent + line
	}
	return lines
}
