package images

import (
	"bytes"
	"context"
	"image/png"
	"io"
)

// decodePNG decodes a PNG whose bytes can hold what its header tells of. Otherwise
// the memory for hundreds of megapixels would be taken for nothing.
func decodePNG(ctx context.Context, data []byte) (canvas, error) {
	if len(data) < 33 {
		return canvas{}, io.ErrUnexpectedEOF
	}
	config, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return canvas{}, err
	}
	packed := 0
	for c := range pngChunks(data) {
		if c.name == "IDAT" {
			packed += len(c.payload)
		}
	}
	samples := [...]int{0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[data[25]]
	if bits := config.Width * config.Height * samples * int(data[24]); bits/8 > packed*mostInflated {
		return canvas{}, io.ErrUnexpectedEOF
	}
	m, err := png.Decode(readerUntil(ctx, data))
	if err != nil {
		return canvas{}, err
	}
	return flatten(m), nil
}

// mostInflated is what deflate makes of a byte at most: two bits for 258 bytes.
const mostInflated = 1032
