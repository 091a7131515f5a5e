package ui

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/charmbracelet/colorprofile"

	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/lazyregexp"
	"github.com/vlmchat/vlmchat/termimg"
	"github.com/vlmchat/vlmchat/termtext"
)

// shot is a picture with what is needed to draw it, made once.
type shot struct {
	picture *images.Picture
	image   *termimg.Image
	name    string
	id      termimg.ID // in the terminal, for kitty's graphics; 0 before it is needed

	// Of a picture that is loaded late, which has no image before.
	wanted bool   // it has come into view
	lost   string // why it can't be had
}

// newShot makes a picture ready to be drawn.
func newShot(p *images.Picture) *shot {
	s := lateShotOf(p)
	s.image = termimg.New(p.RGB(), p.Width, p.Height)
	return s
}

// whole reports whether a picture is no region of another.
func (s *shot) whole() bool { of, _ := s.picture.Part(); return of == "" }

// shortName is what a person recognises a source by: a file's name without its
// folders, and without what a terminal did to it to drag it in, or the web to have
// it in an address.
func shortName(source string) string {
	if isFileURL(source) || images.IsURL(source) {
		if plain, err := url.PathUnescape(source); err == nil {
			source = plain
		}
	}
	name := termtext.Line(escaped().ReplaceAllString(source, "$1"))
	if i := strings.LastIndexAny(name, `/\`); i >= 0 && i+1 < len(name) {
		name = name[i+1:]
	}
	if name == "" || name == "/" || name == `\` {
		return "picture"
	}
	return name
}

// isFileURL tells whether a source is a file's address.
func isFileURL(source string) bool { return strings.HasPrefix(strings.ToLower(source), "file://") }

// escaped is a character behind a shell's backslash. One before a letter or a
// digit is rather Windows's, between folders.
var escaped = lazyregexp.New(`\\([^\\\pL\pN._])`)

func (s *shot) caption() string { return s.name + s.about() }

// about says what a picture has besides its name: of what it is a part, and its size.
func (s *shot) about() string {
	about := ""
	if _, where := s.picture.Part(); where != "" {
		about = dot + where
	}
	return about + fmt.Sprintf("%s%d×%d", dot, s.picture.Width, s.picture.Height)
}

// maxPictureCols keeps a picture from filling a wide terminal.
const maxPictureCols = 64

// draw returns the picture's rows, which are hanging in them, and its caption.
func (s *shot) draw(f frame) (lines []string, h hanging) {
	if s.image == nil {
		return append(s.stand(f), f.styles.captioned(s, f.width)...), h
	}
	if s.id == 0 && graphical(f.terminal) {
		s.id = termimg.NewID(f.terminal)
	}
	cols, rows := s.image.Size(min(f.width, maxPictureCols), f.pictureRows, f.terminal)
	lines = s.image.Lines(cols, rows, f.beneath(), s.id)
	h = hanging{shot: s, image: s.image, cols: cols, lines: lines[:len(lines):len(lines)]}
	return append(lines, f.styles.captioned(s, f.width)...), h
}

// captioned returns a picture's caption in lines.
func (st *styles) captioned(s *shot, width int) []string {
	var lines []string
	for _, line := range st.wrap(s.caption(), width) {
		lines = append(lines, st.faint.Render(line))
	}
	return lines
}

// beneath returns how the text is drawn where a picture is. What scrolls without
// its pixels, as they are sent only when it has come to rest, is seen in half
// blocks, unless sixteen colours would make another picture of it.
func (f frame) beneath() termimg.Terminal {
	t := f.terminal
	if (t.Method == termimg.Sixel || t.Method == termimg.ITerm2) && t.Profile >= colorprofile.ANSI256 {
		t.Method = termimg.Blocks
	}
	return t
}
