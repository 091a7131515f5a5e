package eval

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/vlmchat/vlmchat/vectors"
)

// A block of similarities that is computed at once: its vectors stay in the processor's caches,
// and of all similarities no more is in memory than one block for each core.
const (
	blockPictures = 64
	blockTexts    = 256
)

// ranking finds at which places texts and pictures find each other, exactly: of all pictures
// each text's own, and of all texts each that is a picture's own. Of several that are equally
// similar those go first that come first.
type ranking struct {
	pictures, texts *vectors.Matrix
	of              []int       // the picture of each text, -1 where that is not there
	own             []float32   // how similar each text and its picture are
	captions        [][]int     // of each picture, the texts
	least           []float32   // of each picture, how similar the least similar of them is
	before          [2][]uint32 // of each text: pictures that go before its own, and texts that its picture finds before it
}

func newRanking(pictures, texts *vectors.Matrix, of []int) *ranking {
	r := &ranking{pictures: pictures, texts: texts, of: of, own: make([]float32, len(of)), captions: make([][]int, pictures.Rows()), least: make([]float32, pictures.Rows())}
	r.before = [2][]uint32{make([]uint32, len(of)), make([]uint32, len(of))}
	for t, p := range of {
		if p < 0 {
			continue
		}
		pictures.Products(p, p+1, texts, t, t+1, r.own[t:t+1])
		if len(r.captions[p]) == 0 || r.own[t] < r.least[p] {
			r.least[p] = r.own[t]
		}
		r.captions[p] = append(r.captions[p], t)
	}
	return r
}

// find goes through all pairs, on all cores.
func (r *ranking) find(ctx context.Context, progress func(done, total int)) error {
	total := (r.pictures.Rows() + blockPictures - 1) / blockPictures
	var next, done atomic.Int64
	var mu sync.Mutex
	var all sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), total) {
		all.Go(func() {
			before := make([]uint32, len(r.of)) // pictures before that of each text: others count, too
			block := make([]float32, blockPictures*blockTexts)
			for ctx.Err() == nil {
				from := int(next.Add(1)-1) * blockPictures
				if from >= r.pictures.Rows() {
					break
				}
				r.rows(from, min(from+blockPictures, r.pictures.Rows()), block, before)
				if progress != nil {
					progress(int(done.Add(1)), total)
				}
			}
			mu.Lock()
			defer mu.Unlock()
			for t, n := range before {
				r.before[0][t] += n
			}
		})
	}
	all.Wait()
	return ctx.Err()
}

// rows compares some pictures with all texts. What their captions have before them nobody else
// counts.
func (r *ranking) rows(from, to int, block []float32, before []uint32) {
	for first := 0; first < len(r.of); first += blockTexts {
		end := min(first+blockTexts, len(r.of))
		r.pictures.Products(from, to, r.texts, first, end, block)
		for p := from; p < to; p++ {
			for i, similar := range block[(p-from)*(end-first):][:end-first] {
				t := first + i
				if own := r.of[t]; own >= 0 && own != p && (similar > r.own[t] || similar == r.own[t] && p < own) {
					before[t]++
				}
				if len(r.captions[p]) == 0 || similar < r.least[p] {
					continue
				}
				for _, c := range r.captions[p] {
					if c != t && (similar > r.own[c] || similar == r.own[c] && t < c) {
						r.before[1][c]++
					}
				}
			}
		}
	}
}

// ofText is at which place a text finds its picture.
func (r *ranking) ofText(t int) int { return 1 + int(r.before[0][t]) }

// ofPicture is at which places a picture finds its texts, ascending.
func (r *ranking) ofPicture(p int) []int {
	var ranks []int
	for _, c := range r.captions[p] {
		ranks = append(ranks, 1+int(r.before[1][c]))
	}
	slices.Sort(ranks)
	return ranks
}
