package diskcache

import (
	"fmt"
	"io"
	"testing"
)

// BenchmarkPut keeps a value beside many others, as a worker does of each new
// picture while somebody waits for the first word about it.
func BenchmarkPut(b *testing.B) {
	for _, files := range []int{1, 1000, 10000} {
		b.Run(fmt.Sprintf("beside %d", files), func(b *testing.B) {
			c, err := Open(b.TempDir(), 2<<30)
			if err != nil {
				b.Fatal(err)
			}
			put := func(key string) {
				err := c.Put("picture", key, nil, func(w io.Writer) error {
					_, err := w.Write(make([]byte, 32<<10))
					return err
				})
				if err != nil {
					b.Fatal(err)
				}
			}
			for i := range files {
				put(fmt.Sprint(i))
			}
			for b.Loop() {
				put("again")
			}
		})
	}
}
