package images

import "fmt"

// mostFrames is how many pictures a file may hold. To find the last of them all
// others have to be passed.
const mostFrames = 10_000

// tooManyFrames refuses a file of more.
func tooManyFrames() error {
	return &Error{Reason: TooManyFrames, Detail: fmt.Sprintf("too many pictures in one file: more than %d, the limit", mostFrames)}
}

// unsupportedError says what a valid file has that is not read here.
type unsupportedError string

func (e unsupportedError) Error() string { return string(e) }
