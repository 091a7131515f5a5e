package eval

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/vlmchat/vlmchat/vectors"
)

// The places are those of a search that sorts all by similarity, equal ones by their order.
func TestRanksAreThoseOfSorting(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	for _, size := range [][2]int{{1, 1}, {3, 7}, {70, 300}, {130, 520}} {
		pictures, texts := vectors.NewMatrix(6), vectors.NewMatrix(6)
		fill := func(m *vectors.Matrix, n int) {
			for range n {
				v := make([]float32, 6)
				for d := range v {
					v[d] = float32(random.IntN(3) - 1) // many are equal
				}
				if err := m.Append(v); err != nil {
					t.Fatal(err)
				}
			}
		}
		fill(pictures, size[0])
		fill(texts, size[1])
		of := make([]int, size[1])
		for i := range of {
			of[i] = random.IntN(size[0]+1) - 1 // of some the picture is away
		}
		r := newRanking(pictures, texts, of)
		if err := r.find(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		all := make([]float32, size[0]*size[1])
		pictures.Products(0, size[0], texts, 0, size[1], all)
		similar := func(p, text int) float32 { return all[p*size[1]+text] }
		for text, p := range of {
			if p < 0 {
				continue
			}
			order := numbers(size[0])
			slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(similar(b, text), similar(a, text)) })
			if want := 1 + slices.Index(order, p); r.ofText(text) != want {
				t.Errorf("text %d of %v finds its picture at %d, not %d", text, size, r.ofText(text), want)
			}
		}
		for p := range size[0] {
			order := numbers(size[1])
			slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(similar(p, b), similar(p, a)) })
			var want []int
			for i, text := range order {
				if of[text] == p {
					want = append(want, i+1)
				}
			}
			if got := r.ofPicture(p); !slices.Equal(got, want) {
				t.Errorf("picture %d of %v finds its texts at %v, not %v", p, size, got, want)
			}
		}
	}
}

func numbers(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}
