package eval

import (
	"fmt"
	"strings"

	"github.com/vlmchat/vlmchat/images"
)

// Tiled shows each picture with its tiles behind it, as --tiles does elsewhere.
func Tiled(grid images.Grid) Change {
	return Change{
		Name: fmt.Sprintf("tiles %dx%d", grid.Columns, grid.Rows),
		Show: func(p *images.Picture) ([]*images.Picture, error) { return p.Tiles(grid) },
	}
}

// Augmented shows each picture changed in some ways of images.Augmentations.
func Augmented(name string, ways ...string) Change {
	return Change{
		Name: name, Key: strings.Join(ways, " "),
		Show: func(p *images.Picture) ([]*images.Picture, error) {
			changed, err := p.Augment(ways...)
			return []*images.Picture{changed}, err
		},
	}
}
