package eval

import (
	"fmt"

	"github.com/vlmchat/vlmchat/datasets"
	"github.com/vlmchat/vlmchat/images"
)

// Tiled shows each picture with its tiles behind it, as --tiles does elsewhere.
func Tiled(grid images.Grid) Change {
	return Change{
		Name: fmt.Sprintf("tiles %dx%d", grid.Columns, grid.Rows),
		Show: func(_ datasets.Item, p *images.Picture) ([]*images.Picture, error) { return p.Tiles(grid) },
	}
}
