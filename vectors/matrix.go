package vectors

import (
	"fmt"
	"unsafe"
)

// Matrix is vectors of one space in memory, a row each, in full precision.
type Matrix struct {
	dimensions int
	padded     int // values of a row: a multiple of lanes, the last of them zeros
	values     []float32
}

// NewMatrix makes one without rows.
func NewMatrix(dimensions int) *Matrix {
	return &Matrix{dimensions: dimensions, padded: (dimensions + lanes - 1) / lanes * lanes}
}

// Rows is how many there are.
func (m *Matrix) Rows() int {
	if m.padded == 0 {
		return 0
	}
	return len(m.values) / m.padded
}

// Append adds a row.
func (m *Matrix) Append(v []float32) error {
	if len(v) != m.dimensions || m.dimensions == 0 {
		return fmt.Errorf("a vector has %d values, and others of its space have %d", len(v), m.dimensions)
	}
	m.values = append(m.values, v...)
	m.values = append(m.values, make([]float32, m.padded-len(v))...)
	return nil
}

func (m *Matrix) row(i int) *float32 { return unsafe.SliceData(m.values[i*m.padded:][:m.padded]) }

// Products computes the dot products of each of the rows from i to below iEnd with each of
// those of another matrix from j to below jEnd: a block of the product, row by row. That of two
// rows is the same bit by bit in whichever block.
func (m *Matrix) Products(i, iEnd int, other *Matrix, j, jEnd int, out []float32) {
	columns := jEnd - j
	var dots [group]float32
	for r := i; r < iEnd; r += 2 {
		a := [2]*float32{m.row(r), m.row(min(r+1, iEnd-1))}
		for c := j; c < jEnd; c += 4 {
			var b [4]*float32
			for k := range b {
				b[k] = other.row(min(c+k, jEnd-1))
			}
			dotFloats(&a, &b, m.padded, &dots)
			n := min(4, jEnd-c)
			copy(out[(r-i)*columns+c-j:][:n], dots[:n])
			if r+1 < iEnd {
				copy(out[(r+1-i)*columns+c-j:][:n], dots[4:4+n])
			}
		}
	}
}
