package datasets

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"io"
	"os"
	"slices"
)

// Examples are items that were drawn to be shown, with what is right, before another is asked.
type Examples struct {
	n     int
	items []Item // one more than is shown, in place of what shows the asked picture
}

// Draw chooses n items at random, of as many pictures: the same for the same seed and set,
// wherever its files lie. All questions have the same examples in the same order, so that an
// engine reads them once. There are fewer where the set has no more pictures.
//
// Each item has a number that follows from the seed and its ID, and the lowest are drawn. So
// what comes to the set, or goes, changes nothing of the others.
func (s *Set) Draw(n int, seed uint64) *Examples {
	type lot struct {
		number uint64
		item   int
	}
	lots := make([]lot, len(s.Items))
	for at, i := range s.Items {
		h := sha256.Sum256(append(binary.BigEndian.AppendUint64(nil, seed), i.ID...))
		lots[at] = lot{binary.BigEndian.Uint64(h[:]), at}
	}
	slices.SortFunc(lots, func(a, b lot) int { return cmp.Or(cmp.Compare(a.number, b.number), cmp.Compare(a.item, b.item)) })
	e := &Examples{n: n}
	for _, l := range lots {
		if len(e.items) > n {
			break
		}
		if i := s.Items[l.item]; !slices.ContainsFunc(e.items, func(o Item) bool { return samePicture(i.Image, o.Image) }) {
			e.items = append(e.items, i)
		}
	}
	return e
}

// For are the examples for an item: none of them shows its picture.
func (e *Examples) For(asked Item) []Item {
	others := slices.DeleteFunc(slices.Clone(e.items), func(i Item) bool { return samePicture(i.Image, asked.Image) })
	return others[:min(e.n, len(others))]
}

// samePicture tells whether two files are one, or have the same in them.
func samePicture(a, b string) bool {
	if a == b {
		return true
	}
	first, err1 := os.Stat(a)
	second, err2 := os.Stat(b)
	if err1 != nil || err2 != nil || first.Size() != second.Size() {
		return false
	}
	return os.SameFile(first, second) || bytes.Equal(digestOf(a), digestOf(b))
}

// digestOf is that of a file's content; of one that can't be read it is no other's.
func digestOf(path string) []byte {
	h := sha256.New()
	f, err := os.Open(path)
	if err == nil {
		defer f.Close()
		_, err = io.Copy(h, f)
	}
	if err != nil {
		return []byte(path)
	}
	return h.Sum(nil)
}
