package images

// upright turns pixels by an EXIF orientation (1 to 8, TIFF 6.0 tag 0x0112;
// anything else counts as 1) and returns them with their new size.
func upright(rgb []byte, w, h, orientation int) (turned []byte, tw, th int) {
	// Where the pixel of column x and row y goes: start + x*stepX + y*stepY,
	// in pixels of the turned picture, whose rows are tw wide.
	var start, stepX, stepY int
	tw, th = w, h
	if orientation >= 5 {
		tw, th = h, w
	}
	switch orientation {
	case 2: // mirrored left to right
		start, stepX, stepY = w-1, -1, w
	case 3: // turned by 180°
		start, stepX, stepY = w*h-1, -1, -w
	case 4: // mirrored top to bottom
		start, stepX, stepY = w*(h-1), 1, -w
	case 5: // mirrored along the main diagonal
		start, stepX, stepY = 0, h, 1
	case 6: // needs a quarter turn clockwise
		start, stepX, stepY = h-1, h, -1
	case 7: // mirrored along the other diagonal
		start, stepX, stepY = w*h-1, -h, -1
	case 8: // needs a quarter turn counterclockwise
		start, stepX, stepY = h*(w-1), -h, 1
	default:
		return rgb, w, h
	}
	turned = make([]byte, len(rgb))
	from := 0
	for y := range h {
		to := start + y*stepY
		for range w {
			copy(turned[3*to:3*to+3], rgb[from:from+3])
			from += 3
			to += stepX
		}
	}
	return turned, tw, th
}
