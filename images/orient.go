package images

import "github.com/vlmchat/vlmchat/images/jpeg"

// upright turns pixels by an EXIF orientation (1 to 8, anything else counts as 1) and
// returns them with their new size.
func upright(rgb []byte, w, h, orientation int) ([]byte, int, int) {
	turn := jpeg.TurnOf(w, h, orientation)
	if turn == jpeg.TurnOf(w, h, 1) {
		return rgb, w, h
	}
	turned := make([]byte, len(rgb))
	from := 0
	for y := range h {
		to := turn.Start + y*turn.StepY
		for range w {
			copy(turned[3*to:3*to+3], rgb[from:from+3])
			from += 3
			to += turn.StepX
		}
	}
	return turned, turn.W, turn.H
}
