package ui

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/termimg"
	"github.com/vlmchat/vlmchat/termtext"
)

// pictureChoice is what pickers of pictures have in common: several are marked, to be attached
// together, and the one that would be picked is seen. It is read when one stays at it, and
// given up when one moves on.
type pictureChoice struct {
	marked   []string            // names by which they are read, in the order in which they are sent
	previews map[string]*preview // by the same names; nil for one that is being read
	recent   []string            // those that were read, the last one last
	cancel   context.CancelFunc  // ends the reading; nil for none
}

// preview is a picture that was read to be seen, or why it can't be.
type preview struct {
	shot  *shot
	about string // its format, and from when it is
	err   error
}

// previewMsg is a preview that was made.
type previewMsg struct {
	from   *pictureChoice
	source string
	preview
}

const (
	// linger is for how long one stays at a picture before it is read.
	linger = 100 * time.Millisecond
	// mostPreviews is how many pictures are kept for when one comes back to them.
	mostPreviews = 4
)

// with has a picker choose pictures of some place. source is by what name an entry's is read,
// empty of one that is no picture.
func (c *pictureChoice) with(p *picker, keys *Keys, source func(entry) string, place string) *picker {
	pick := p.pick
	p.preview = func(e entry, f frame, height int) panel { return c.draw(source(e), f, height) }
	p.moved = func(m *model, e entry) tea.Cmd { return c.look(m, source(e)) }
	p.left = func() { c.leave() }
	p.marked = func(e entry) bool { return slices.Contains(c.marked, source(e)) }
	p.pick = func(m *model, e entry) tea.Cmd {
		if len(c.marked) > 0 {
			return m.attachAll(c.marked)
		}
		return pick(m, e)
	}
	label := func() {
		p.heading, p.does = "Pictures "+place, "attaches"
		if n := len(c.marked); n > 0 {
			p.heading, p.does = fmt.Sprintf("%d marked%s%s", n, dot, strings.TrimPrefix(place, "in ")), fmt.Sprintf("attaches %d", n)
		}
	}
	label()
	mark := pickerKey{binding: keys.pictureMark, does: func(m *model, p *picker, e entry) tea.Cmd {
		if source(e) == "" {
			return nil
		}
		c.mark(source(e))
		label()
		p.move(1)
		return p.look(m)
	}}
	p.keys = append([]pickerKey{mark}, p.keys...)
	return p
}

// attachAll attaches pictures by the names by which they are read.
func (m *model) attachAll(sources []string) tea.Cmd {
	var all []name
	for _, source := range sources {
		all = append(all, just(source))
	}
	return m.attach(all, &request{})
}

// mark marks a picture, or takes its mark.
func (c *pictureChoice) mark(source string) {
	if i := slices.Index(c.marked, source); i >= 0 {
		c.marked = slices.Delete(slices.Clone(c.marked), i, i+1)
	} else {
		c.marked = append(slices.Clip(c.marked), source)
	}
}

// leave gives up what is being read.
func (c *pictureChoice) leave() {
	if c.cancel != nil {
		c.cancel()
	}
}

// look begins to read a picture.
func (c *pictureChoice) look(m *model, source string) tea.Cmd {
	c.leave()
	if source == "" || c.previews[source] != nil {
		return nil
	}
	ctx, cancel := context.WithCancel(m.ctx)
	c.cancel = cancel
	attach := m.options.Attach
	return func() tea.Msg {
		defer cancel()
		select {
		case <-time.After(linger):
		case <-ctx.Done():
			return nil
		}
		pictures, err := attach(ctx, source)
		if ctx.Err() != nil {
			return nil
		}
		msg := previewMsg{from: c, source: source, preview: preview{err: err}}
		if err != nil {
			return msg
		}
		p := pictures[0]
		format := p.Format
		if format == "" {
			format = strings.TrimPrefix(filepath.Ext(source), ".") // of which it is a page, or a frame
		}
		msg.shot, msg.about = newShot(p), strings.ToUpper(format)
		if info, err := os.Stat(source); err == nil {
			msg.about += dot + info.ModTime().Format("2 January 2006, 15:04")
		}
		if n := len(pictures); n > 1 {
			msg.about += dot + fmt.Sprintf("the first of %d", n)
		}
		return msg
	}
}

// previewed takes a preview that was made. Pictures are large, so few are kept.
func (c *pictureChoice) previewed(msg previewMsg) {
	if c.previews == nil {
		c.previews = map[string]*preview{}
	}
	c.previews[msg.source] = &msg.preview
	c.recent = append(c.recent, msg.source)
	if len(c.recent) > mostPreviews {
		delete(c.previews, c.recent[0])
		c.recent = c.recent[1:]
	}
}

// draw draws the picture that would be picked.
func (c *pictureChoice) draw(source string, f frame, height int) panel {
	switch seen := c.previews[source]; {
	case source == "":
		return panel{}
	case seen == nil:
		return panel{lines: []string{f.styles.faint.Render("…")}}
	case seen.err != nil:
		text, hint := explain(seen.err)
		return panel{lines: (&note{text: text, hint: hint, bad: true}).lines(f.width, f.styles)}
	default:
		about := f.styles.wrap(termtext.Line(seen.about), f.width)
		f.pictureRows = max(1, min(f.pictureRows, height-1-len(about)))
		lines, h := seen.shot.draw(f)
		for _, line := range about {
			lines = append(lines, f.styles.faint.Render(line))
		}
		if h.image == nil || f.terminal.Method == termimg.Off {
			return panel{lines: lines}
		}
		h.seen = termimg.Rows{To: len(h.lines)}
		return panel{lines: lines, hung: []hanging{h}}
	}
}
