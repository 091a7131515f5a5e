package images

import (
	"fmt"
	"time"
)

// frame is a picture in a file of several: of an animation, or a page.
type frame struct {
	at    time.Duration // when it is shown, from the beginning of an animation
	shown time.Duration // and how long, if that is known
}

// mostFrames is how many pictures a file may hold. To find the last of them all
// others have to be passed.
const mostFrames = 10_000

// tooManyFrames refuses a file of more.
func tooManyFrames() error {
	return &Error{Reason: TooManyFrames, Detail: fmt.Sprintf("too many pictures in one file: more than %d, the limit", mostFrames)}
}
