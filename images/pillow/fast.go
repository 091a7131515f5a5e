package pillow

// inGroup and inBlock are how many pixels and how many bytes the kernels take at a time.
const (
	inGroup = 8
	inBlock = 16
)

// horizontalFast is horizontal by a kernel.
func horizontalFast(rgb []byte, width, first, end int, columns []taps, out []byte) {
	weights := make([][]int32, len(columns))
	for i, t := range columns {
		groups := (len(t.weights) + inGroup - 1) / inGroup
		weights[i] = make([]int32, groups*inGroup*3) // no weight for what is behind the taps
		for x, w := range t.weights {
			for channel := range 3 {
				weights[i][3*x+channel] = int32(w)
			}
		}
	}
	var rest []byte // of the picture, where a group would go beyond it
	for y := first; y < end; y++ {
		for i, t := range columns {
			from := rgb[3*(y*width+t.first):]
			if len(from) < len(weights[i]) {
				rest = append(append(rest[:0], from...), make([]byte, len(weights[i]))...)
				from = rest
			}
			colours := weighPixels(&from[0], &weights[i][0], len(weights[i])/(3*inGroup))
			out[0], out[1], out[2] = byte(colours), byte(colours>>8), byte(colours>>16)
			out = out[3:]
		}
	}
}

// verticalFast is vertical by a kernel, but for the last columns. It returns how many bytes of
// each row it has done.
func verticalFast(rgb []byte, row, first int, rows []taps, out []byte) int {
	blocks := row / inBlock
	if blocks == 0 {
		return 0
	}
	var weights []int32
	for y, t := range rows {
		weights = weights[:0]
		for _, w := range t.weights {
			weights = append(weights, int32(w))
		}
		weighRows(&rgb[row*(t.first-first)], row, &weights[0], len(weights), &out[row*y], blocks)
	}
	return blocks * inBlock
}
