package vectors

import (
	"fmt"
	"testing"
)

// BenchmarkSearch tells how many bytes of vectors are searched in a second.
func BenchmarkSearch(b *testing.B) {
	const rows = 200_000
	f := fileOf(b, unit(1, rows, 512))
	for _, n := range []int{1, 2, 8} {
		queries := unit(2, n, 512)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.SetBytes(rows * 1024)
			for b.Loop() {
				if _, err := f.Search(b.Context(), queries, 10, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
