package images

import "time"

// The limits used where a Limits leaves them at zero. The pixels are those at
// which Pillow refuses a picture as a decompression bomb.
const (
	defaultBytes  = 100 << 20
	defaultPixels = 178_956_970
	defaultWait   = 10 * time.Second
	defaultTime   = 20 * time.Second
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
	Time   time.Duration // that decoding may take; default 20 seconds
	// Memory is how many bytes a process that decodes apart may have; default 1 GiB,
	// and 16 bytes for each of the pixels that are allowed.
	Memory int64
	Web    WebLimits
}

// WebLimits bounds how long a file on the web may take.
type WebLimits struct {
	Connect time.Duration // to a server, and to agree on encryption; default 10 seconds each
	Headers time.Duration // until its answer begins; default 15 seconds
	Silence time.Duration // in the middle of it; default 15 seconds
	Whole   time.Duration // for all of it, other addresses on the way included; default a minute
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
	if l.Time <= 0 {
		l.Time = defaultTime
	}
	if l.Memory <= 0 {
		l.Memory = 1<<30 + 16*l.Pixels
	}
	for _, d := range []struct {
		limit    *time.Duration
		standard time.Duration
	}{
		{&l.Web.Connect, 10 * time.Second},
		{&l.Web.Headers, 15 * time.Second},
		{&l.Web.Silence, 15 * time.Second},
		{&l.Web.Whole, time.Minute},
	} {
		if *d.limit <= 0 {
			*d.limit = d.standard
		}
	}
	return l
}
