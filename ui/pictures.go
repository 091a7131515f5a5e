package ui

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/termtext"
)

// pictureFolder is the picker of a folder's pictures; what is marked may be in other folders,
// too.
type pictureFolder struct {
	dir string
	pictureChoice
}

// mostPictures is how many entries of a folder are listed. Of more, names are completed.
const mostPictures = 5000

// openPictures lets the person pick pictures of a folder, and of those in and above it.
func (m *model) openPictures(dir string) tea.Cmd {
	return m.browse(&pictureFolder{dir: absolutely(dir, "")}, "")
}

// browse opens a folder, at one of its entries if that is named.
func (m *model) browse(g *pictureFolder, at string) tea.Cmd {
	p := &picker{
		empty: "There are no pictures here.", doing: "reading the folder",
		fetch: g.list,
		begin: at,
		pick:  func(m *model, e entry) tea.Cmd { return g.pick(m, e.value.(folderEntry)) },
		keys: []pickerKey{
			{binding: m.keys.folderInto, unwritten: true, does: func(m *model, _ *picker, e entry) tea.Cmd { return g.into(m, e.value.(folderEntry)) }},
			{binding: m.keys.folderUp, unwritten: true, does: func(m *model, _ *picker, _ entry) tea.Cmd { return g.into(m, folderAbove) }},
		},
	}
	if m.plain {
		p.command = "attach" // and a number picks; with a screen one moves to it
	}
	source := func(e entry) string {
		if chosen := e.value.(folderEntry); chosen.kind == pictureFile {
			return g.path(chosen)
		}
		return ""
	}
	return m.openPicker(g.with(p, m.keys, source, g.place()))
}

// folderAbove is the entry of a folder that leads out of it.
var folderAbove = folderEntry{name: "..", kind: subfolder}

func (g *pictureFolder) path(e folderEntry) string { return filepath.Join(g.dir, e.name) }

// place names the folder, by its end where that is long.
func (g *pictureFolder) place() string {
	const most = 30
	shown := []rune(termtext.Line(g.dir))
	if len(shown) > most {
		shown = append([]rune("…"), shown[len(shown)-most:]...)
	}
	return "in " + string(shown)
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

// pick attaches a picture, or goes into a folder.
func (g *pictureFolder) pick(m *model, e folderEntry) tea.Cmd {
	switch e.kind {
	case subfolder:
		return g.into(m, e)
	case pictureFile:
		return m.attachAll([]string{g.path(e)})
	}
	m.composer.set("/attach " + g.dir + string(filepath.Separator))
	return m.suggest(true)
}

// at is another folder, with what is marked so far.
func (g *pictureFolder) at(dir string) *pictureFolder {
	return &pictureFolder{dir, pictureChoice{marked: g.marked}}
}

// into goes into a folder. Out of one, it goes to where it was.
func (g *pictureFolder) into(m *model, e folderEntry) tea.Cmd {
	to := g.path(e)
	switch {
	case e.kind != subfolder || to == g.dir:
		return nil
	case e == folderAbove:
		return m.browse(g.at(to), filepath.Base(g.dir)+"/")
	}
	return m.browse(g.at(to), "")
}
