package ui

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/termimg"
	"github.com/vlmchat/vlmchat/termtext"
)

// pictureFolder is the picker of a folder's pictures, with a preview of the one that would be
// picked. It is read when one stays at it, and given up when one moves on.
type pictureFolder struct {
	dir      string
	marked   []string            // files that are to be attached together, of other folders too
	previews map[string]*preview // of files by their names; nil for one that is being read
	recent   []string            // those that were read, the last one last
	cancel   context.CancelFunc  // ends the reading
}

// preview is a picture that was read to be seen, or why it can't be.
type preview struct {
	shot  *shot
	about string // its format, and from when it is
	err   error
}

// previewMsg is a preview that was made.
type previewMsg struct {
	from *pictureFolder
	name string
	preview
}

const (
	// linger is for how long one stays at a picture before it is read.
	linger = 100 * time.Millisecond
	// mostPreviews is how many pictures are kept for when one comes back to them.
	mostPreviews = 4
	// mostPictures is how many entries of a folder are listed. Of more, names are completed.
	mostPictures = 5000
)

// openPictures lets the person pick pictures of a folder, and of those in and above it.
func (m *model) openPictures(dir string) tea.Cmd {
	return m.browse(&pictureFolder{dir: absolutely(dir, "")}, "")
}

// browse opens a folder, at one of its entries if that is named.
func (m *model) browse(g *pictureFolder, at string) tea.Cmd {
	g.previews, g.cancel = map[string]*preview{}, func() {}
	p := &picker{
		heading: g.heading(), does: g.does(), empty: "There are no pictures here.", doing: "reading the folder",
		fetch:   g.list,
		begin:   at,
		preview: g.draw,
		moved:   func(m *model, e entry) tea.Cmd { return g.look(m, e.value.(folderEntry)) },
		left:    func() { g.cancel() },
		marked:  func(e entry) bool { return slices.Contains(g.marked, g.path(e.value.(folderEntry))) },
		pick:    func(m *model, e entry) tea.Cmd { return g.pick(m, e.value.(folderEntry)) },
		keys: []pickerKey{
			{binding: m.keys.pictureMark, does: func(m *model, p *picker, e entry) tea.Cmd { return g.mark(m, p, e.value.(folderEntry)) }},
			{binding: m.keys.folderInto, unwritten: true, does: func(m *model, _ *picker, e entry) tea.Cmd { return g.into(m, e.value.(folderEntry)) }},
			{binding: m.keys.folderUp, unwritten: true, does: func(m *model, _ *picker, _ entry) tea.Cmd { return g.into(m, folderAbove) }},
		},
	}
	if m.plain {
		p.command = "attach" // and a number picks; with a screen one moves to it
	}
	return m.openPicker(p)
}

// folderAbove is the entry of a folder that leads out of it.
var folderAbove = folderEntry{name: "..", kind: subfolder}

func (g *pictureFolder) path(e folderEntry) string { return filepath.Join(g.dir, e.name) }

// heading names the folder, by its end where that is long, and what is marked so far.
func (g *pictureFolder) heading() string {
	const most = 30
	shown := []rune(termtext.Line(g.dir))
	if len(shown) > most {
		shown = append([]rune("…"), shown[len(shown)-most:]...)
	}
	if n := len(g.marked); n > 0 {
		return fmt.Sprintf("%d marked%s%s", n, dot, string(shown))
	}
	return "Pictures in " + string(shown)
}

func (g *pictureFolder) does() string {
	if n := len(g.marked); n > 0 {
		return fmt.Sprintf("attaches %d", n)
	}
	return "attaches"
}

// list finds what can be picked: pictures, then folders. What is hidden is not listed.
func (g *pictureFolder) list(ctx context.Context, found func(...entry)) error {
	f, err := readFolder(ctx, g.dir)
	if err != nil {
		f = &folder{}
		if reason := (*fs.PathError)(nil); errors.As(err, &reason) {
			err = fmt.Errorf("%s can't be read: %w", g.dir, reason.Err)
		}
	}
	of := func(e folderEntry) entry {
		if e.kind == subfolder {
			return entry{name: e.name + "/", value: e}
		}
		return entry{name: e.name, value: e}
	}
	var all []entry
	above, more := g.path(folderAbove) != g.dir, 0
	up := func() {
		if above {
			all, above = append(all, entry{name: "../", about: "the folder above", value: folderAbove}), false
		}
	}
	for _, e := range f.entries {
		switch {
		case e.kind == otherFile || strings.HasPrefix(e.name, "."):
			continue
		case len(all) >= mostPictures:
			more++
			continue
		case e.kind == subfolder:
			up()
		}
		all = append(all, of(e))
	}
	up()
	if more > 0 {
		all = append(all, entry{name: fmt.Sprintf("… and %d more", more), about: "to be found by their names", unfit: true, value: folderEntry{kind: otherFile}})
	}
	found(all...)
	return err
}

// pick attaches what is marked, or else a picture, or goes into a folder.
func (g *pictureFolder) pick(m *model, e folderEntry) tea.Cmd {
	switch {
	case len(g.marked) > 0:
		var all []name
		for _, path := range g.marked {
			all = append(all, just(path))
		}
		return m.attach(all, &request{})
	case e.kind == subfolder:
		return g.into(m, e)
	case e.kind == pictureFile:
		return m.attach([]name{just(g.path(e))}, &request{})
	}
	m.composer.set("/attach " + g.dir + string(filepath.Separator))
	return m.suggest(true)
}

// into goes into a folder. Out of one, it goes to where it was.
func (g *pictureFolder) into(m *model, e folderEntry) tea.Cmd {
	to := g.path(e)
	switch {
	case e.kind != subfolder || to == g.dir:
		return nil
	case e == folderAbove:
		return m.browse(&pictureFolder{dir: to, marked: g.marked}, filepath.Base(g.dir)+"/")
	}
	return m.browse(&pictureFolder{dir: to, marked: g.marked}, "")
}

// mark marks a picture, or takes its mark, and goes on to the next.
func (g *pictureFolder) mark(m *model, p *picker, e folderEntry) tea.Cmd {
	if e.kind != pictureFile {
		return nil
	}
	path := g.path(e)
	if i := slices.Index(g.marked, path); i >= 0 {
		g.marked = slices.Delete(slices.Clone(g.marked), i, i+1)
	} else {
		g.marked = append(slices.Clip(g.marked), path)
	}
	p.heading, p.does = g.heading(), g.does()
	p.move(1)
	return p.look(m)
}

// look begins to read a picture.
func (g *pictureFolder) look(m *model, e folderEntry) tea.Cmd {
	g.cancel()
	if e.kind != pictureFile || g.previews[e.name] != nil {
		return nil
	}
	ctx, cancel := context.WithCancel(m.ctx)
	g.cancel = cancel
	attach, path := m.options.Attach, g.path(e)
	return func() tea.Msg {
		defer cancel()
		select {
		case <-time.After(linger):
		case <-ctx.Done():
			return nil
		}
		pictures, err := attach(ctx, path)
		if ctx.Err() != nil {
			return nil
		}
		msg := previewMsg{from: g, name: e.name, preview: preview{err: err}}
		if err != nil {
			return msg
		}
		p := pictures[0]
		format := p.Format
		if format == "" {
			format = strings.TrimPrefix(filepath.Ext(path), ".") // of which it is a page, or a frame
		}
		msg.shot, msg.about = newShot(p), strings.ToUpper(format)
		if info, err := os.Stat(path); err == nil {
			msg.about += dot + info.ModTime().Format("2 January 2006, 15:04")
		}
		if n := len(pictures); n > 1 {
			msg.about += dot + fmt.Sprintf("the first of %d", n)
		}
		return msg
	}
}

// previewed takes a preview that was made. Pictures are large, so few are kept.
func (g *pictureFolder) previewed(msg previewMsg) {
	g.previews[msg.name] = &msg.preview
	g.recent = append(g.recent, msg.name)
	if len(g.recent) > mostPreviews {
		delete(g.previews, g.recent[0])
		g.recent = g.recent[1:]
	}
}

// draw draws the picture that would be picked.
func (g *pictureFolder) draw(e entry, f frame, height int) panel {
	chosen := e.value.(folderEntry)
	switch seen := g.previews[chosen.name]; {
	case chosen.kind != pictureFile:
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
