package cli

import (
	"bufio"
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/tasks/index"
	"github.com/vlmchat/vlmchat/termimg"
	"github.com/vlmchat/vlmchat/termtext"
)

// searched is what was searched for and found.
type searched struct {
	words string
	dir   string // of the index
	state index.State
	found index.Found
}

// searchJSON is it for programs.
type searchJSON struct {
	documentHead
	Query   string       `json:"query"`
	Images  []string     `json:"images"`
	Not     []string     `json:"not"`
	Index   string       `json:"index"`
	Space   engine.Space `json:"space"`
	Hits    []index.Hit  `json:"hits"`
	Gone    []string     `json:"gone"`            // would have been among them, and are not there any more
	Damaged int          `json:"damaged_vectors"` // that were left out
}

// printFound prints what was found, as who is there to read it wants it.
func (a *app) printFound(ctx context.Context, flags searchFlags, s searched) error {
	if note := s.state.Space.Note; note != "" {
		newStatus(a.stderr).note(termtext.Line(note))
	}
	a.tellLeftOut(s.found)
	switch {
	case flags.asJSON:
		return printJSON(a.stdout, searchJSON{
			documentHead{"vlmchat-search", 1}, s.words, notNil(flags.images), notNil(flags.not),
			s.dir, s.state.Space, notNil(s.found.Hits), notNil(s.found.Gone), s.found.Damaged,
		})
	case flags.null || !isTerminal(a.stdout):
		end := "\n"
		if flags.null {
			end = "\x00"
		}
		out := bufio.NewWriter(a.stdout)
		for _, h := range s.found.Hits {
			fmt.Fprint(out, h.Source(), end)
		}
		return unread(out.Flush())
	}
	if len(s.found.Hits) == 0 {
		fmt.Fprintln(a.stderr, "Nothing was found.")
	}
	if s.state.Space.Demo {
		fmt.Fprintln(a.stderr, "The built-in model knows coloured shapes and digits. --encoder names one for photographs: docs/models.md.")
	}
	return a.drawFound(ctx, flags, s.found.Hits)
}

// tellLeftOut says what would have been found, and could not be.
func (a *app) tellLeftOut(f index.Found) {
	for _, note := range leftOutOf(f) {
		fmt.Fprintln(a.stderr, "vlmchat: "+termtext.Line(note))
	}
}

// leftOutOf says what would have been found, and could not be.
func leftOutOf(f index.Found) (notes []string) {
	if n := len(f.Gone); n > 0 {
		notes = append(notes, fmt.Sprintf("%s left out, as not there any more: %s", counted(n, "picture"), listedPaths(f.Gone)))
	}
	if f.Damaged > 0 {
		notes = append(notes, counted(f.Damaged, "picture")+" left out, as their vectors are damaged; 'vlmchat index' makes them anew")
	}
	return notes
}

// listedPaths names the first few of several files.
func listedPaths(paths []string) string {
	const few = 3
	if len(paths) > few {
		return strings.Join(paths[:few], ", ") + " " + andMore(len(paths), few)
	}
	return strings.Join(paths, ", ")
}

// hitRows is how many rows of the terminal a picture that was found takes at most.
const hitRows = 10

// drawFound shows what was found on the terminal.
func (a *app) drawFound(ctx context.Context, flags searchFlags, hits []index.Hit) error {
	if flags.noPictures {
		for _, h := range hits {
			if _, err := fmt.Fprintln(a.stdout, hitLine(h)); err != nil {
				return unread(err)
			}
		}
		return nil
	}
	s, err := a.openSurface(ctx, a.stdout)
	if err != nil {
		return err
	}
	defer s.Close()
	cols, rows := showFlags{height: hitRows}.room(s, len(hits))
	for _, h := range hits {
		loaded, err := a.loader.Load(ctx, h.Source())
		if ctx.Err() != nil {
			return ctx.Err()
		}
		line := hitLine(h)
		if err != nil { // it was there a moment ago
			line += " · " + termtext.Line(err.Error())
			_, err = fmt.Fprintln(a.stdout, line)
		} else {
			err = s.draw(termimg.New(loaded[0].RGB(), loaded[0].Width, loaded[0].Height), cols, rows, line)
		}
		if err != nil {
			return unread(err)
		}
	}
	return nil
}

// hitLine is what is said of a picture that was found: 0.281  photos/a.jpg · 2024-05-03 · 4032×3024
func hitLine(h index.Hit) string {
	return fmt.Sprintf("%.3f  %s · %s", orZero(h.Score, 3), termtext.Line(fromHere(h.Path)+h.Part), aboutHit(h))
}

// fromHere is a path as it is written from where one is, if it lies below.
func fromHere(path string) string {
	if here, err := filepath.Abs("."); err == nil {
		if rel, err := filepath.Rel(here, path); err == nil && filepath.IsLocal(rel) {
			return rel
		}
	}
	return path
}
