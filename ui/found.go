package ui

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/vlmchat/vlmchat/termtext"
)

// passage is a text that words can be found in, and the lines in which it is drawn.
type passage struct {
	text string
	rows rows // of what was drawn last; empty while it is folded
}

// searched is a block in which words can be found.
type searched interface {
	block
	passages() []passage
}

func (q *question) passages() []passage {
	var all []passage
	for _, h := range q.hung {
		all = append(all, passage{h.shot.caption(), rows{h.row + len(h.lines), h.row + len(h.lines) + h.caption}})
	}
	if q.hung == nil {
		for _, s := range q.shots { // not drawn yet
			all = append(all, passage{text: s.caption()})
		}
	}
	return append(all, passage{termtext.Sanitize(q.text), rows{q.height - q.said, q.height}})
}

func (a *answer) passages() []passage {
	return []passage{{a.thought.said(), a.drawn.thought}, {a.source(), a.drawn.said}}
}

func (n *note) passages() []passage {
	return []passage{{termtext.Sanitize(n.text + "\n" + n.hint), everything}}
}

// found is where some words are in a conversation. They are looked for in texts, and
// only what is in view is drawn to mark them; so a text's matches are counted in the
// text, and found again in its lines.
type found struct {
	query  string
	cased  bool // capitals differ from small letters, as the query has some
	total  int
	at     int // which match is the current one
	in     []matches
	needle []rune
	texts  map[block]script // of all blocks, as they were when they were looked through
}

// matches are those of one passage.
type matches struct {
	block   searched
	passage int
	count   int
}

// script is what a block says, ready to be looked through.
type script struct {
	version      int
	plain, small []string // its passages, and those without capitals
}

// of returns what a block says.
func (f *found) of(b searched) script {
	if t, ok := f.texts[b]; ok && t.version == b.version() {
		return t
	}
	t := script{version: b.version()}
	for _, p := range b.passages() {
		plain := string(readable(p.text))
		t.plain, t.small = append(t.plain, plain), append(t.small, small(plain))
	}
	if f.texts == nil {
		f.texts = map[block]script{}
	}
	f.texts[b] = t
	return t
}

// look looks for something. The current match is the first one from an item on, or
// else the last one before.
func (f *found) look(t *transcript, query string, from int) {
	f.query, f.in, f.total, f.at = query, nil, 0, 0
	f.cased = strings.ContainsFunc(query, unicode.IsUpper)
	needle := strings.TrimSpace(string(readable(query)))
	if !f.cased {
		needle = small(needle)
	}
	if f.needle = []rune(needle); needle == "" {
		return
	}
	first := -1
	for i, it := range t.items {
		b, ok := it.block.(searched)
		if !ok {
			continue
		}
		says := f.of(b)
		passages := says.small
		if f.cased {
			passages = says.plain
		}
		for p, text := range passages {
			n := strings.Count(text, needle)
			if n == 0 {
				continue
			}
			if first < 0 && i >= from {
				first = f.total
			}
			f.in = append(f.in, matches{b, p, n})
			f.total += n
		}
	}
	if f.at = first; first < 0 {
		f.at = max(0, f.total-1)
	}
}

func (f *found) step(by int) {
	if f.total > 0 {
		f.at = (f.at + by + f.total) % f.total
	}
}

// current returns the passage that the current match is in, and which one it is there.
func (f *found) current() (in matches, n int) {
	n = f.at
	for _, in = range f.in {
		if n < in.count {
			return in, n
		}
		n -= in.count
	}
	return matches{passage: -1}, 0
}

// block is the one with the current match; nil if there is none.
func (f *found) block() block {
	if in, _ := f.current(); in.block != nil {
		return in.block
	}
	return nil
}

// excerpt is the first match in a passage, with some of what is around it.
func (f *found) excerpt(in matches) string {
	says := f.of(in.block)
	text := []rune(says.plain[in.passage])
	lower := says.small[in.passage]
	if f.cased {
		lower = says.plain[in.passage]
	}
	const around = 30
	before, _, _ := strings.Cut(lower, string(f.needle))
	at := utf8.RuneCountInString(before)
	from, to := max(0, at-around), min(len(text), at+len(f.needle)+around)
	excerpt := string(text[from:to])
	if from > 0 {
		excerpt = "…" + excerpt
	}
	if to < len(text) {
		excerpt += "…"
	}
	return excerpt
}

// inThought reports whether the current match is in what a model thought.
func (f *found) inThought() bool {
	in, _ := f.current()
	_, ok := in.block.(*answer)
	return ok && in.passage == 0
}

// line is the one of the block's with the current match.
func (f *found) line(t *transcript) int {
	in, n := f.current()
	i := t.index(in.block)
	if i < 0 {
		return 0
	}
	lines := t.lines(i)[t.above(i):]
	r := in.block.passages()[in.passage].rows
	all := f.spans(lines, r, t.frame.styles.by)
	if len(all) == 0 {
		return max(0, min(r.from, len(lines)-1))
	}
	return all[min(n, len(all)-1)][0].line
}

// span is a part of a line, in cells.
type span struct{ line, from, to int }

// mark puts marks over the matches in an item's lines. The current one is marked in
// another way, which is seen without colours.
func (f *found) mark(it *item, lines []string, fr frame) []string {
	b, ok := it.block.(searched)
	if !ok || len(f.needle) == 0 {
		return lines
	}
	above := 0
	if len(lines) > 0 && lines[0] == "" {
		above = 1
	}
	st := fr.styles
	in, n := f.current()
	out := append([]string(nil), lines...)
	for i, p := range b.passages() {
		all := f.spans(lines[above:], p.rows, st.by)
		for k := len(all) - 1; k >= 0; k-- { // from the end, so that cells before stay
			style := st.match
			if in.block == b && in.passage == i && min(n, len(all)-1) == k {
				style = st.current
			}
			for s := len(all[k]) - 1; s >= 0; s-- {
				at := all[k][s]
				out[at.line+above] = painted(out[at.line+above], at.from, at.to, style, st.by)
			}
		}
	}
	return out
}

// painted gives a part of a line another style. What is styled there keeps its own on
// both sides: to cut a line keeps the sequences of what is cut off.
func painted(line string, from, to int, style lipgloss.Style, by measure) string {
	part := by.TruncateLeft(cut(line, to, "", by), from, "")
	return cut(line, from, "", by) + style.Render(ansi.Strip(part)) + by.TruncateLeft(line, to, "")
}

// spans returns where the words are in some lines: each match is one span, or several
// if it goes over lines' ends.
func (f *found) spans(lines []string, r rows, by measure) [][]span {
	type cell struct {
		r    rune
		at   span
		ends bool // a line, where there may be a blank or not
	}
	var text []cell
	blank := func() bool { return len(text) == 0 || text[len(text)-1].r == ' ' }
	for i := max(0, r.from); i < min(r.to, len(lines)); i++ {
		column := 0
		for rest, state := ansi.Strip(lines[i]), byte(0); rest != ""; {
			cluster, width, n, next := by.DecodeSequenceInString(rest, state, nil)
			for k, r := range []rune(cluster) {
				at := span{i, column, column + width}
				if k > 0 {
					at.from = at.to // it takes no cell of its own
				}
				switch r = plain(r); {
				case r == skipped:
				case r != ' ':
					if !f.cased {
						r = unicode.ToLower(r)
					}
					text = append(text, cell{r: r, at: at})
				case !blank():
					text = append(text, cell{r: ' ', at: at})
				}
			}
			column += width
			rest, state = rest[n:], next
		}
		if !blank() {
			text = append(text, cell{r: ' ', at: span{i, column, column}})
		}
		if len(text) > 0 {
			text[len(text)-1].ends = true
		}
	}
	var all [][]span
	for i := 0; i < len(text); {
		var match []span
		k, n := i, 0
		for k < len(text) && n < len(f.needle) {
			c := text[k]
			switch {
			case c.r == f.needle[n]:
				n++
			case c.ends && n > 0: // a long word, or a text without blanks, goes on
				k++
				continue
			default:
				k = len(text)
				continue
			}
			if last := len(match) - 1; last >= 0 && match[last].line == c.at.line {
				match[last].to = max(match[last].to, c.at.to)
			} else if c.at.to > c.at.from {
				match = append(match, c.at)
			}
			k++
		}
		if n < len(f.needle) || match == nil {
			i++
			continue
		}
		all = append(all, match)
		i = k
	}
	return all
}

// readable returns a text as it is looked through: blanks as one, and without what
// markdown has for marks, which may be drawn in another way, or not at all.
func readable(text string) []rune {
	var out []rune
	for _, r := range text {
		switch r = plain(r); {
		case r == skipped:
		case r != ' ' || len(out) > 0 && out[len(out)-1] != ' ':
			out = append(out, r)
		}
	}
	return out
}

// skipped stands for a character that is not looked at.
const skipped = -1

func plain(r rune) rune {
	switch r {
	case '*', '_', '`', '~', '#', '>', '|', '│', '┃', '•', '┼', '─':
		return skipped
	case ' ', '\n', '\t':
		return ' '
	}
	if r > unicode.MaxASCII && unicode.IsSpace(r) {
		return ' '
	}
	return r
}

// small folds capitals, letter by letter.
func small(text string) string { return strings.Map(unicode.ToLower, text) }
