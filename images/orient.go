package images

// upright turns pixels by an EXIF orientation (1 to 8, TIFF 6.0 tag 0x0112;
// anything else counts as 1) and returns them with their new size.
func upright(rgb []byte, w, h, orientation int) ([]byte, int, int) {
	if orientation < 2 || orientation > 8 {
		return rgb, w, h
	}
	start, stepX, stepY, tw, th := turning(w, h, orientation)
	turned := make([]byte, len(rgb))
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

// turning says where the pixel of column x and row y goes: start + x*stepX +
// y*stepY, in pixels of the turned picture, which has tw columns and th rows.
func turning(w, h, orientation int) (start, stepX, stepY, tw, th int) {
	switch orientation {
	case 2: // mirrored left to right
		return w - 1, -1, w, w, h
	case 3: // turned by 180°
		return w*h - 1, -1, -w, w, h
	case 4: // mirrored top to bottom
		return w * (h - 1), 1, -w, w, h
	case 5: // mirrored along the main diagonal
		return 0, h, 1, h, w
	case 6: // needs a quarter turn clockwise
		return h - 1, h, -1, h, w
	case 7: // mirrored along the other diagonal
		return w*h - 1, -h, -1, h, w
	case 8: // needs a quarter turn counterclockwise
		return h * (w - 1), -h, 1, h, w
	}
	return 0, 1, w, w, h
}
