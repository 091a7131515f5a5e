package diskcache

import (
	"fmt"
	"io"
	"testing"
)

// The folder is not looked through each time, and yet holds no more than it may:
// with small values, which are what adds up unseen, from two at once.
func TestBoundWithManySmallEntries(t *testing.T) {
	t.Parallel()
	const limit = 256 << 10
	dir := t.TempDir()
	var caches []*Cache
	for range 2 {
		c, err := Open(dir, limit)
		if err != nil {
			t.Fatal(err)
		}
		caches = append(caches, c)
	}
	most := int64(0)
	for i := range 600 {
		err := caches[i%2].Put("picture", fmt.Sprint(i), nil, func(w io.Writer) error {
			_, err := w.Write(make([]byte, 1<<10))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		_, size, err := caches[0].Size()
		if err != nil {
			t.Fatal(err)
		}
		most = max(most, size)
	}
	if allowed := int64(limit + limit/slack); most > allowed {
		t.Errorf("the files had %d bytes together, and %d are allowed", most, allowed)
	}
	if most < limit*3/4 {
		t.Errorf("the files had %d bytes together at most, of %d that are allowed", most, limit)
	}
}
