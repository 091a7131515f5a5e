package termimg

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/adler32"
	"image"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/ansi/kitty"
)

// Kitty's graphics: https://sw.kovidgoyal.net/kitty/graphics-protocol/. Every
// command has q=2: an answer would be input that nobody reads. x/ansi/kitty writes
// the same, from an image.Image pixel by pixel, which takes several times as long.

// transmit sends pixels, compressed, in chunks of which each is a command of its
// own: other output must not come between them.
func transmit(p pixels, id ID, t Terminal, action string) string {
	data := base64.StdEncoding.AppendEncode(nil, deflate(p.rgb))
	options := fmt.Sprintf("%s,i=%d,f=24,o=z,s=%d,v=%d,q=2", action, id, p.width, p.height)
	var out strings.Builder
	out.Grow(len(data) + len(data)/64)
	for {
		n := min(len(data), kitty.MaxChunkSize)
		more := 1
		if n == len(data) {
			more = 0
		}
		out.WriteString(t.pass(ansi.KittyGraphics(data[:n], fmt.Sprintf("%s,m=%d", options, more))))
		if data = data[n:]; len(data) == 0 {
			return out.String()
		}
		options = "q=2"
	}
}

// deflate compresses in zlib's format (RFC 1950), fast: how long it takes is what a
// person waits for. Parts are compressed side by side, each up to a byte's end and
// without looking at the others.
func deflate(data []byte) []byte {
	const part = 128 << 10
	parts := make([][]byte, (len(data)+part-1)/part)
	inParallel(len(parts), func(from, to int) {
		w, err := flate.NewWriter(nil, flate.BestSpeed)
		for i := from; i < to; i++ {
			var out bytes.Buffer
			if err == nil {
				w.Reset(&out)
				_, err = w.Write(data[i*part : min((i+1)*part, len(data))])
			}
			if i+1 < len(parts) {
				err = errors.Join(err, w.Flush())
			} else {
				err = errors.Join(err, w.Close())
			}
			if err != nil {
				panic(err) // a buffer takes everything
			}
			parts[i] = out.Bytes()
		}
	})
	out := append([]byte("\x78\x01"), bytes.Join(parts, nil)...)
	return binary.BigEndian.AppendUint32(out, adler32.Checksum(data))
}

// place shows a part of a transmitted image at the cursor, which it leaves there
// (C=1). All have the placement 1 of their image, so that drawing anew moves it.
func place(c int, rows Rows, size image.Point, top, bottom int, t Terminal, id ID) string {
	options := fmt.Sprintf("a=p,i=%d,p=1,C=1,q=2,x=0,y=%d,w=%d,h=%d", id, top, size.X, bottom-top)
	if t.Cell == (image.Point{}) {
		// Its pixels were a guess, so it is fitted into its cells.
		options += fmt.Sprintf(",c=%d,r=%d", c, rows.To-rows.From)
	}
	return t.pass(ansi.KittyGraphics(nil, options))
}

// Erase takes an image off the screen and keeps it, for another Draw.
func Erase(id ID, t Terminal) string { return remove(id, t, "i") }

// Delete takes an image off the screen and frees it.
func Delete(id ID, t Terminal) string { return remove(id, t, "I") }

func remove(id ID, t Terminal, what string) string {
	if t.Method != Kitty && t.Method != Placeholders {
		return ""
	}
	return t.pass(ansi.KittyGraphics(nil, fmt.Sprintf("a=d,d=%s,i=%d,q=2", what, id)))
}

// pass has tmux hand a sequence on to its terminal.
func (t Terminal) pass(sequence string) string {
	if !t.Tmux {
		return sequence
	}
	return ansi.TmuxPassthrough(sequence)
}
