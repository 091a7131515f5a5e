package ui

import (
	"slices"

	"github.com/vlmchat/vlmchat/termimg"
)

// transcript is a scrolling column of blocks. It knows where it is by a block
// and a line in it, not by a line's number, so only blocks in view are drawn and
// a resize keeps the place.
type transcript struct {
	frame  frame
	height int
	items  []*item
	hung   []hanging // the pictures in view

	selected block  // marked; nil if none is
	found    *found // what is looked for is marked; nil if nothing is

	// follow keeps the end in view as it grows. Otherwise the line offset of
	// item top is the first one in view.
	follow      bool
	top, offset int
}

// item is a block with what it last drew.
type item struct {
	block   block
	lines   []string
	version int
	drawn   bool
}

func newTranscript() *transcript { return &transcript{follow: true} }

// resize takes a new frame; what was drawn in another one is drawn again when it
// comes into view.
func (t *transcript) resize(f frame, height int) {
	t.height = max(0, height)
	if t.frame == f {
		return
	}
	before := 0
	if t.frame.width != f.width && t.top < len(t.items) && t.items[t.top].drawn {
		before = len(t.items[t.top].lines)
	}
	t.frame = f
	for _, it := range t.items {
		it.drawn = false
	}
	if before > 0 && t.offset > 0 && !t.follow {
		// In other lines, the same part of the text is as far in it.
		t.offset = t.offset * len(t.lines(t.top)) / before
	}
}

func (t *transcript) add(b block) { t.items = append(t.items, &item{block: b}) }

func (t *transcript) clear() {
	t.items, t.follow, t.top, t.offset, t.selected = nil, true, 0, 0, nil
}

// remove takes a block out.
func (t *transcript) remove(b block) {
	i := t.index(b)
	if i < 0 {
		return
	}
	t.items = slices.Delete(t.items, i, i+1)
	if t.selected == b {
		t.selected = nil
	}
	if len(t.items) > 0 {
		t.items[0].drawn = false // it may have drawn a blank line above itself
	}
	if t.top > i || t.top == len(t.items) {
		t.top, t.offset = max(0, t.top-1), 0
	}
}

// cutAt takes out a block and all behind it.
func (t *transcript) cutAt(b block) {
	i := t.index(b)
	if i < 0 {
		return
	}
	t.items = slices.Delete(t.items, i, len(t.items))
	if t.index(t.selected) < 0 {
		t.selected = nil
	}
	if t.top >= i {
		t.top, t.offset = max(0, i-1), 0
	}
}

func (t *transcript) index(b block) int {
	return slices.IndexFunc(t.items, func(it *item) bool { return it.block == b })
}

// lines returns what item i draws, a blank line before all but the first.
func (t *transcript) lines(i int) []string {
	it := t.items[i]
	if v := it.block.version(); !it.drawn || it.version != v {
		it.lines, it.version, it.drawn = it.block.draw(t.frame), v, true
		if i > 0 {
			it.lines = append([]string{""}, it.lines...)
		}
	}
	return it.lines
}

// view returns at most height lines, and finds the pictures in them.
func (t *transcript) view() []string {
	t.settle()
	t.hung = nil
	var out []string
	for i, skip := t.top, t.offset; i < len(t.items) && len(out) < t.height; i, skip = i+1, 0 {
		lines := t.lines(i)
		if q, ok := t.items[i].block.(*question); ok {
			above := len(lines) - q.height // the blank line
			t.hang(q, len(out)-skip+above)
		}
		out = append(out, t.dressed(t.items[i], lines)[min(skip, len(lines)):]...)
	}
	return out[:min(len(out), t.height)]
}

// hang adds those pictures of a question that are in view, when its first line is
// at a row, which may be above the first one.
func (t *transcript) hang(q *question, row int) {
	for _, h := range q.hung {
		h.row += row
		h.seen = termimg.Rows{From: max(0, -h.row), To: min(len(h.lines), t.height-h.row)}
		if h.seen.From < h.seen.To && h.col+h.cols <= t.frame.width { // on a screen of two columns the bar has both
			t.hung = append(t.hung, h)
		}
	}
}

// shots returns all pictures, in view or not.
func (t *transcript) shots() []*shot {
	var all []*shot
	for _, it := range t.items {
		if q, ok := it.block.(*question); ok {
			all = append(all, q.shots...)
		}
	}
	return all
}

// settle makes top and offset true: at the end when following, and never so far
// down that there would be less than a screen to see.
func (t *transcript) settle() {
	top, offset := t.end()
	below := t.top > top || t.top == top && t.offset >= offset
	if t.follow || below {
		t.top, t.offset = top, offset
	}
	if t.top < len(t.items) {
		t.offset = min(t.offset, max(0, len(t.lines(t.top))-1))
	}
}

// end returns the place from which exactly the last screen is seen.
func (t *transcript) end() (top, offset int) { return t.endingWith(len(t.items) - 1) }

// endingWith returns the place from which an item's last line is the last one seen.
func (t *transcript) endingWith(last int) (top, offset int) {
	room := t.height
	for i := last; i >= 0; i-- {
		n := len(t.lines(i))
		if n >= room {
			return i, n - room
		}
		room -= n
	}
	return 0, 0
}

// atEnd reports whether the last line is in view.
func (t *transcript) atEnd() bool {
	t.settle()
	top, offset := t.end()
	return t.top == top && t.offset == offset
}

// mostCounted is how many blocks below the screen are drawn to count their lines.
const mostCounted = 64

// below returns how many lines there are below those in view, or, where it would take
// long to count them, how many blocks.
func (t *transcript) below() (lines, blocks int) {
	t.settle()
	lines = -t.offset - t.height
	for i := t.top; i < len(t.items); i++ {
		if lines > 0 && len(t.items)-i > mostCounted {
			return 0, len(t.items) - i
		}
		lines += len(t.lines(i))
	}
	return max(0, lines), 0
}

// at returns the block that is seen at a row of the view, and which of its lines is;
// nil and a negative line where there is none.
func (t *transcript) at(row int) (b block, line int) {
	t.settle()
	row += t.offset
	for i := t.top; i < len(t.items) && row >= 0; i++ {
		n := len(t.lines(i))
		if row < n {
			return t.items[i].block, row - t.above(i)
		}
		row -= n
	}
	return nil, -1
}

// above is how many blank lines an item has above it.
func (t *transcript) above(i int) int { return min(i, 1) }

// reveal brings a block into view without going farther than it takes: all of it, or
// its beginning if it is taller than the screen. One that fills the screen stays.
func (t *transcript) reveal(b block) {
	i := t.index(b)
	if i < 0 {
		return
	}
	t.settle()
	if above := t.above(i); i < t.top || i == t.top && t.offset > above {
		if i < t.top || len(t.lines(i))-t.offset < t.height {
			t.goTo(i, above)
		}
		return
	}
	bottom := -t.offset
	for n := t.top; n <= i; n++ {
		bottom += len(t.lines(n))
		if bottom > t.height && n < i {
			bottom = t.height + 1 // however far it is
			break
		}
	}
	switch {
	case bottom <= t.height:
	case len(t.lines(i))-t.above(i) >= t.height:
		t.goTo(i, t.above(i))
	default:
		t.goTo(t.endingWith(i))
	}
}

// revealLine brings a line of a block into view, with some above it if it is not seen
// yet.
func (t *transcript) revealLine(b block, line int) {
	i := t.index(b)
	if i < 0 {
		return
	}
	t.settle()
	line = min(line+t.above(i), len(t.lines(i))-1)
	row := line - t.offset
	for n := t.top; n < i && row < t.height; n++ {
		row += len(t.lines(n))
	}
	if i < t.top || row < 0 || row >= t.height {
		t.top, t.offset = i, line-t.height/3
		t.normalise()
		t.goTo(t.top, t.offset)
	}
}

// goTo makes a line of an item the first in view, as far as that is possible.
func (t *transcript) goTo(i, line int) {
	t.follow, t.top, t.offset = false, i, line
	t.follow = t.atEnd()
}

// steady does something that changes how much of a block is seen above its end, and
// keeps in view what was.
func (t *transcript) steady(change func()) {
	t.settle()
	if t.follow || t.top >= len(t.items) {
		change()
		return
	}
	before := len(t.lines(t.top))
	change()
	t.offset = max(0, t.offset+len(t.lines(t.top))-before)
}

// scroll moves by n lines, up if n is negative. Reaching the end follows it.
func (t *transcript) scroll(n int) {
	t.settle()
	t.follow = false
	t.offset += n
	t.normalise()
	t.follow = t.atEnd()
}

// normalise makes the offset one within its item.
func (t *transcript) normalise() {
	for t.offset < 0 && t.top > 0 {
		t.top--
		t.offset += len(t.lines(t.top))
	}
	t.offset = max(0, t.offset)
	for t.top < len(t.items)-1 && t.offset >= len(t.lines(t.top)) {
		t.offset -= len(t.lines(t.top))
		t.top++
	}
}

// show brings a block's beginning into view: for one that is taller than the
// screen, that is its first line at the top.
func (t *transcript) show(b block) {
	t.follow = true
	if i := t.index(b); i >= 0 && len(t.lines(i)) > t.height {
		t.follow, t.top, t.offset = false, i, min(i, 1) // 1 skips the blank line
	}
}

func (t *transcript) toTop() {
	t.goTo(0, 0)
}

func (t *transcript) toEnd() { t.follow = true }
