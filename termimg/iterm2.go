package termimg

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/png"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/ansi/iterm2"
)

// inline is an inline image of iTerm2's. Terminals differ in what they take for a
// pixel, and in where a picture lies that is smaller than its place. So its place
// is told in cells, and the picture has pixels for all of them, of which those
// beyond its edges are transparent.
//
// See https://iterm2.com/documentation-images.html
func inline(p pixels, c int, rows Rows, cell image.Point) string {
	m := image.NewNRGBA(image.Rect(0, 0, c*cell.X, (rows.To-rows.From)*cell.Y))
	for y := range p.height {
		line := m.Pix[y*m.Stride:]
		for i, j := 3*y*p.width, 0; i < 3*(y+1)*p.width; i, j = i+3, j+4 {
			line[j], line[j+1], line[j+2], line[j+3] = p.rgb[i], p.rgb[i+1], p.rgb[i+2], 0xff
		}
	}
	var data bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := encoder.Encode(&data, m); err != nil {
		return "" // of no picture that has pixels
	}
	return ansi.ITerm2(iterm2.File{
		Size:            int64(data.Len()),
		Width:           iterm2.Cells(c),
		Height:          iterm2.Cells(rows.To - rows.From),
		Inline:          true,
		DoNotMoveCursor: true,
		Content:         base64.StdEncoding.AppendEncode(nil, data.Bytes()),
	})
}
