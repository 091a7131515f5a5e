package vectors

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Each product is that of its two rows, in whatever block it is computed.
func TestProductsOfMatrices(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 7, 8, 64, 100} {
		a, b := NewMatrix(n), NewMatrix(n)
		var rows [2][][]float32
		for i := range 9 {
			for k, m := range []*Matrix{a, b} {
				v := make([]float32, n)
				for d := range v {
					v[d] = random.Float32() - 0.5
				}
				if err := m.Append(v); err != nil {
					t.Fatal(err)
				}
				rows[k] = append(rows[k], v)
			}
			if a.Rows() != i+1 {
				t.Fatalf("%d rows", a.Rows())
			}
		}
		whole := make([]float32, 81)
		a.Products(0, 9, b, 0, 9, whole)
		for i := range 9 {
			for j := range 9 {
				want := 0.0
				for d := range n {
					want += float64(rows[0][i][d]) * float64(rows[1][j][d])
				}
				if math.Abs(want-float64(whole[9*i+j])) > 1e-5 {
					t.Fatalf("%d·%d of %d: %v, not %v", i, j, n, whole[9*i+j], want)
				}
				one := make([]float32, 1)
				a.Products(i, i+1, b, j, j+1, one)
				if one[0] != whole[9*i+j] {
					t.Fatalf("%d·%d of %d: %v by itself, and %v among others", i, j, n, one[0], whole[9*i+j])
				}
			}
		}
		block := make([]float32, 3*5)
		a.Products(2, 5, b, 3, 8, block)
		for i := range 3 {
			for j := range 5 {
				if block[5*i+j] != whole[9*(i+2)+j+3] {
					t.Fatalf("%d·%d of %d in a block", i, j, n)
				}
			}
		}
	}
	if NewMatrix(3).Append([]float32{1}) == nil || NewMatrix(0).Append(nil) == nil {
		t.Error("a vector of another space is a row")
	}
	if NewMatrix(0).Rows() != 0 {
		t.Error("there are rows of nothing")
	}
}
