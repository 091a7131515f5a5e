package images

import (
	"context"
	"io"
)

// LoadFrom reads a picture from a stream, such as standard input, to its end
// or to the limit. source is its name in messages. The error is an *Error.
func LoadFrom(source string, r io.Reader, lim Limits) (*Picture, error) {
	lim = lim.filled()
	data, err := readAtMost(r, lim.Bytes, 0)
	if err != nil {
		return nil, readError(context.Background(), source, lim, err)
	}
	return Decode(source, data, lim)
}
