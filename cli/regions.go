package cli

import (
	"github.com/spf13/pflag"

	"github.com/vlmchat/vlmchat/images"
)

// regionFlags say what is taken of the pictures that are named.
type regionFlags struct {
	crops []string
	tiles string
}

func (r *regionFlags) add(f *pflag.FlagSet) {
	f.StringArrayVar(&r.crops, "crop", nil, "take this region of each picture: x,y,width,height in pixels or %; may be repeated")
	f.StringVar(&r.tiles, "tiles", "", "add each picture's tiles to it, such as 2x2 (columns and rows), for more detail")
}

// given tells whether other than whole pictures are meant.
func (r regionFlags) given() bool { return len(r.crops) > 0 || r.tiles != "" }

// of returns the pictures, or in place of each one its regions, and each of these
// followed by its tiles.
func (r regionFlags) of(pictures []*images.Picture) ([]*images.Picture, error) {
	var regions []images.Region
	for _, written := range r.crops {
		region, err := images.ParseRegion(written)
		if err != nil {
			return nil, usagef("--crop: %v", err)
		}
		regions = append(regions, region)
	}
	var grid images.Grid
	if r.tiles != "" {
		var err error
		if grid, err = images.ParseGrid(r.tiles); err != nil {
			return nil, usagef("--tiles: %v", err)
		}
	}
	var all []*images.Picture
	for _, p := range pictures {
		parts, err := cropped(p, regions)
		if err != nil {
			return nil, err
		}
		for _, part := range parts {
			tiles := []*images.Picture{part}
			if grid != (images.Grid{}) {
				if tiles, err = part.Tiles(grid); err != nil {
					return nil, err
				}
			}
			all = append(all, tiles...)
		}
	}
	return all, nil
}

// cropped returns the regions of a picture, or itself if there are none.
func cropped(p *images.Picture, regions []images.Region) ([]*images.Picture, error) {
	if len(regions) == 0 {
		return []*images.Picture{p}, nil
	}
	var all []*images.Picture
	for _, region := range regions {
		rect, err := region.Of(p)
		if err != nil {
			return nil, err
		}
		part, err := p.Crop(rect)
		if err != nil {
			return nil, err
		}
		all = append(all, part)
	}
	return all, nil
}
