package images

import "time"

// The limits used where a Limits leaves them at zero. The pixels are those at
// which Pillow refuses a picture as a decompression bomb.
const (
	defaultBytes  = 100 << 20
	defaultPixels = 178_956_970
	defaultWait   = 10 * time.Second
)

// minSide keeps out what is no picture to look at (tracking dots, lines): some
// models' preprocessing can't divide by so little.
const minSide = 2

// Limits bounds what a picture may cost before it is decoded. The zero value
// stands for the defaults.
type Limits struct {
	Bytes  int64         // of the file; default 100 MiB
	Pixels int64         // width times height, read from the header; default about 179 million
	Wait   time.Duration // the longest silence of a named pipe; default 10 seconds
}

// filled returns the limits with the defaults in place of zeros.
func (l Limits) filled() Limits {
	if l.Bytes <= 0 {
		l.Bytes = defaultBytes
	}
	if l.Pixels <= 0 {
		l.Pixels = defaultPixels
	}
	if l.Wait <= 0 {
		l.Wait = defaultWait
	}
	return l
}
