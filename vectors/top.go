package vectors

import (
	"cmp"
	"slices"
)

// compare puts the better hit first: the nearer, and of equally near ones that of the lower
// row, so that what is best doesn't depend on the order in which rows are looked at.
func compare(a, b Hit) int {
	return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Row, b.Row))
}

// top is the k best of the hits that it is given: a heap with the worst of them at its root.
type top struct {
	k    int
	heap []Hit
}

// add takes a hit, if it is among the best so far.
func (t *top) add(h Hit) {
	switch {
	case len(t.heap) < t.k:
		t.heap = append(t.heap, h)
		t.up(len(t.heap) - 1)
	case t.k > 0 && compare(h, t.heap[0]) < 0:
		t.heap[0] = h
		t.down()
	}
}

func (t *top) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if compare(t.heap[i], t.heap[parent]) <= 0 {
			return
		}
		t.heap[i], t.heap[parent] = t.heap[parent], t.heap[i]
		i = parent
	}
}

func (t *top) down() {
	for i := 0; ; {
		worst := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(t.heap); child++ {
			if compare(t.heap[child], t.heap[worst]) > 0 {
				worst = child
			}
		}
		if worst == i {
			return
		}
		t.heap[i], t.heap[worst] = t.heap[worst], t.heap[i]
		i = worst
	}
}

// hits returns the best, best first.
func (t *top) hits() []Hit {
	slices.SortFunc(t.heap, compare)
	return t.heap
}
