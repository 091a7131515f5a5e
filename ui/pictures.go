package ui

import (
	"context"
	"path/filepath"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/termimg"
)

// pictureFolder is the picker of a folder's pictures, with a preview of the one that would be
// picked. It is read when one stays at it, and given up when one moves on.
type pictureFolder struct {
	dir    string
	cancel context.CancelFunc
	shots  map[string]*shot // that were read, by their files' names
	wrong  map[string]error // why others can't be
}

// previewMsg is a picture that was read to be seen.
type previewMsg struct {
	from *pictureFolder
	name string
	shot *shot
	err  error
}

// linger is for how long one stays at a picture before it is read.
const linger = 100 * time.Millisecond

// openPictures lets the person pick a picture of a folder.
func (m *model) openPictures(dir string) tea.Cmd {
	g := &pictureFolder{dir: dir, cancel: func() {}, shots: map[string]*shot{}, wrong: map[string]error{}}
	p := &picker{
		heading: "Pictures in " + dir, does: "attaches", empty: "There are no pictures here.", doing: "reading the folder",
		fetch: func(ctx context.Context, found func(...entry)) error {
			f, err := readFolder(ctx, dir)
			if err != nil {
				return err
			}
			found(entry{name: "../", about: "the folder above", value: folderEntry{name: "..", kind: subfolder}})
			var all []entry
			for _, e := range f.find("") {
				switch e.kind {
				case pictureFile:
					all = append(all, entry{name: e.name, value: e})
				case subfolder:
					all = append(all, entry{name: e.name + "/", value: e})
				}
			}
			found(all...)
			return nil
		},
		preview: g.preview,
		moved:   func(m *model, e entry) tea.Cmd { return g.look(m, e.value.(folderEntry)) },
		pick: func(m *model, e entry) tea.Cmd {
			g.cancel()
			chosen := e.value.(folderEntry)
			if chosen.kind == subfolder {
				return m.openPictures(filepath.Join(dir, chosen.name))
			}
			return m.attach([]name{just(absolutely(dir, chosen.name))}, &request{})
		},
	}
	return m.openPicker(p)
}

// look begins to read a picture.
func (g *pictureFolder) look(m *model, e folderEntry) tea.Cmd {
	g.cancel()
	if e.kind != pictureFile || g.shots[e.name] != nil || g.wrong[e.name] != nil {
		return nil
	}
	ctx, cancel := context.WithCancel(m.ctx)
	g.cancel = cancel
	attach, path := m.options.Attach, absolutely(g.dir, e.name)
	return func() tea.Msg {
		select {
		case <-time.After(linger):
		case <-ctx.Done():
			return nil
		}
		pictures, err := attach(ctx, path)
		if ctx.Err() != nil {
			return nil
		}
		msg := previewMsg{from: g, name: e.name, err: err}
		if err == nil {
			msg.shot = newShot(pictures[0])
		}
		return msg
	}
}

// previewed takes a picture that was read.
func (g *pictureFolder) previewed(msg previewMsg) {
	if g.shots[msg.name] = msg.shot; msg.err != nil {
		g.wrong[msg.name] = msg.err
	}
}

// preview draws the picture that would be picked.
func (g *pictureFolder) preview(e entry, f frame, height int) panel {
	chosen := e.value.(folderEntry)
	if err := g.wrong[chosen.name]; err != nil {
		text, _ := explain(err)
		return panel{lines: (&note{text: text, bad: true}).lines(f.width, f.styles)}
	}
	s := g.shots[chosen.name]
	if s == nil || f.terminal.Method == termimg.Off {
		return panel{}
	}
	f.pictureRows = max(1, min(f.pictureRows, height-1))
	lines, h := s.draw(f)
	h.seen = termimg.Rows{To: len(h.lines)}
	return panel{lines: lines, hung: []hanging{h}}
}
