package images

import (
	"errors"
	"fmt"
	"image"
	"math"
	"path"
	"strconv"
	"strings"
)

// Region is a part of a picture, as people write it: x,y,width,height from the top
// left corner, each in pixels or, with a % behind it, in hundredths of the
// picture's width or height.
type Region struct{ X, Y, Width, Height Length }

// Length is a number of pixels, or of hundredths of what it is a part of.
type Length struct {
	Value   float64
	Percent bool
}

// in returns the length in pixels, of a side of so many.
func (l Length) in(side int) float64 {
	if l.Percent {
		return l.Value / 100 * float64(side)
	}
	return l.Value
}

// ParseRegion reads a region such as "100,50,640,480" or "25%,25%,50%,50%".
func ParseRegion(s string) (Region, error) {
	fields := strings.Split(s, ",")
	if len(fields) != 4 {
		return Region{}, fmt.Errorf("%q is no region: write x,y,width,height in pixels or percent, such as 100,50,640,480 or 25%%,25%%,50%%,50%%", s)
	}
	var r Region
	for i, to := range []*Length{&r.X, &r.Y, &r.Width, &r.Height} {
		text, percent := strings.CutSuffix(strings.TrimSpace(fields[i]), "%")
		v, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return Region{}, fmt.Errorf("%q is no region: %q is no number", s, fields[i])
		}
		if v < 0 || i >= 2 && v == 0 {
			return Region{}, fmt.Errorf("%q is no region: width and height are more than 0, and none of the numbers is below", s)
		}
		*to = Length{v, percent}
	}
	return r, nil
}

// Of returns the region's pixels of a picture. What lies beyond its edges is left
// out. The error says that nothing to see is left.
func (r Region) Of(p *Picture) (image.Rectangle, error) {
	edge := func(at, length Length, side int) (from, to int) {
		const beyond = 1e9 // of any picture
		a := min(at.in(side), beyond)
		return int(math.Round(a)), int(math.Round(min(a+length.in(side), beyond)))
	}
	x0, x1 := edge(r.X, r.Width, p.Width)
	y0, y1 := edge(r.Y, r.Height, p.Height)
	whole := image.Rect(0, 0, p.Width, p.Height)
	rect := image.Rect(x0, y0, x1, y1).Intersect(whole)
	if rect.Dx() < minSide || rect.Dy() < minSide {
		return image.Rectangle{}, &Error{Source: p.Source, Reason: TooSmall, Detail: fmt.Sprintf(
			"the region from %d,%d to %d,%d leaves %d×%d pixels of this picture, which is %d×%d; a model needs at least %d×%d to see anything", x0, y0, x1, y1, rect.Dx(), rect.Dy(), p.Width, p.Height, minSide, minSide)}
	}
	return rect, nil
}

// Grid is a number of tiles across and down.
type Grid struct{ Columns, Rows int }

// mostTiles bounds a grid: each tile is a picture for the model.
const mostTiles = 64

// ParseGrid reads a grid such as "2x2": columns, then rows.
func ParseGrid(s string) (Grid, error) {
	columns, rows, found := strings.Cut(strings.ToLower(strings.ReplaceAll(strings.TrimSpace(s), "×", "x")), "x")
	c, err1 := strconv.Atoi(columns)
	r, err2 := strconv.Atoi(rows)
	if !found || errors.Join(err1, err2) != nil || c < 1 || r < 1 {
		return Grid{}, fmt.Errorf("%q is no grid of tiles: write columns and rows, such as 2x2", s)
	}
	if c > mostTiles || r > mostTiles || c*r > mostTiles {
		return Grid{}, fmt.Errorf("%dx%d are too many tiles: at most %d, as each is a picture for the model", c, r, mostTiles)
	}
	if c*r == 1 {
		return Grid{}, errors.New("1x1 is one tile, the picture itself: write 2x2 or more")
	}
	return Grid{c, r}, nil
}

// origin is where the pixels of a region are on the picture that it was cut from,
// which may have been through several hands.
type origin struct {
	name   string // of the whole picture, to a model
	source string // of the whole picture, as the person named it
	size   image.Point
	at     image.Point
	where  string // at is, in a few words
}

func (p *Picture) from() origin {
	if p.cut != nil {
		return *p.cut
	}
	return origin{name: shortName(p.Source), source: p.Source, size: image.Pt(p.Width, p.Height)}
}

// Part returns, of a region, what the person named the picture that it was cut from,
// and in a few words where it lies there: "at 30,10". Both are empty for a whole
// picture.
func (p *Picture) Part() (of, where string) {
	if p.cut == nil {
		return "", ""
	}
	return p.cut.source, p.cut.where
}

// Box returns the pixels of the whole picture that a region has. It reports false of a
// picture that is none.
func (p *Picture) Box() (image.Rectangle, bool) {
	if p.cut == nil {
		return image.Rectangle{}, false
	}
	return image.Rectangle{Min: p.cut.at, Max: p.cut.at.Add(image.Pt(p.Width, p.Height))}, true
}

// shortName is what a model may call a picture by: a file's name without its
// folders, on one line. What it is not called by can't be mistaken for something
// to do.
func shortName(source string) string {
	name := path.Base(strings.ReplaceAll(source, `\`, "/"))
	if name != printable(name) || len(name) > 100 {
		return "the picture"
	}
	return name
}

// Crop returns a region as a picture of its own, which knows its place.
func (p *Picture) Crop(r image.Rectangle) (*Picture, error) {
	if !r.In(image.Rect(0, 0, p.Width, p.Height)) || r.Dx() < minSide || r.Dy() < minSide {
		return nil, &Error{Source: p.Source, Reason: TooSmall, Detail: fmt.Sprintf("a region of %d×%d pixels can't be cut from %d×%d", r.Dx(), r.Dy(), p.Width, p.Height)}
	}
	o := p.from()
	o.at = o.at.Add(r.Min)
	o.where = fmt.Sprintf("at %d,%d", o.at.X, o.at.Y)
	of := func(v, side int) int { return int(math.Round(100 * float64(v) / float64(side))) }
	place := fmt.Sprintf("%s, the part from %d%% to %d%% of its width and from %d%% to %d%% of its height", o.name,
		of(o.at.X, o.size.X), of(o.at.X+r.Dx(), o.size.X), of(o.at.Y, o.size.Y), of(o.at.Y+r.Dy(), o.size.Y))
	return p.cutOut(r, o, fmt.Sprintf("%s [%d,%d %d×%d]", o.source, o.at.X, o.at.Y, r.Dx(), r.Dy()), place), nil
}

// Tiles returns the picture itself, as the overview, and then its tiles, row by
// row, each of which knows its place.
func (p *Picture) Tiles(g Grid) ([]*Picture, error) {
	if p.Width/g.Columns < minSide || p.Height/g.Rows < minSide {
		return nil, &Error{Source: p.Source, Reason: TooSmall, Detail: fmt.Sprintf("too small for %d×%d tiles: it is %d×%d pixels", g.Columns, g.Rows, p.Width, p.Height)}
	}
	o := p.from()
	overview := *p
	if overview.Place == "" {
		overview.Place = o.name + ", the whole of it"
	}
	all := []*Picture{&overview}
	for row := range g.Rows {
		for column := range g.Columns {
			r := image.Rect(column*p.Width/g.Columns, row*p.Height/g.Rows, (column+1)*p.Width/g.Columns, (row+1)*p.Height/g.Rows)
			at := o
			at.at = o.at.Add(r.Min)
			name := g.name(column, row)
			at.where = strings.TrimPrefix(o.where+", "+name, ", ")
			all = append(all, p.cutOut(r, at, fmt.Sprintf("%s [%s]", p.Source, name), fmt.Sprintf("%s, the %s", strings.TrimSuffix(overview.Place, ", the whole of it"), name)))
		}
	}
	return all, nil
}

// name says where a tile is.
func (g Grid) name(column, row int) string {
	across := map[int][]string{1: {""}, 2: {"left", "right"}, 3: {"left", "centre", "right"}}[g.Columns]
	down := map[int][]string{1: {""}, 2: {"top", "bottom"}, 3: {"top", "middle", "bottom"}}[g.Rows]
	if across == nil || down == nil {
		return fmt.Sprintf("tile in row %d of %d, column %d of %d", row+1, g.Rows, column+1, g.Columns)
	}
	return strings.TrimSpace(down[row]+" "+across[column]) + " part"
}

// cutOut copies the pixels of a region.
func (p *Picture) cutOut(r image.Rectangle, o origin, source, place string) *Picture {
	c := canvas{w: r.Dx(), h: r.Dy(), photo: p.photo, rgb: make([]byte, 0, 3*r.Dx()*r.Dy())}
	for y := r.Min.Y; y < r.Max.Y; y++ {
		c.rgb = append(c.rgb, p.rgb[3*(y*p.Width+r.Min.X):3*(y*p.Width+r.Max.X)]...)
	}
	q := ofPixels(source, c)
	q.Place, q.cut = place, &o
	return q
}
