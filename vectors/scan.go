package vectors

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// blockRows is the number of rows that a core takes at once: enough that taking them costs
// nothing, and few enough that all cores end at about the same time.
const blockRows = 256

// source is rows to be read, in blocks: block appends those of one to rows, which is empty.
type source struct {
	blocks int
	block  func(i int, rows []int) []int
}

// kept is the source of all rows below a number that are in a set.
func kept(rows int, keep *Set) source {
	return source{(rows + blockRows - 1) / blockRows, func(i int, into []int) []int {
		for row := i * blockRows; row < min((i+1)*blockRows, rows); row++ {
			if keep.Has(row) {
				into = append(into, row)
			}
		}
		return into
	}}
}

// listed is the source of the rows of a list.
func listed(rows []int) source {
	return source{(len(rows) + blockRows - 1) / blockRows, func(i int, into []int) []int {
		return append(into, rows[i*blockRows:min((i+1)*blockRows, len(rows))]...)
	}}
}

// eight is up to eight rows whose bytes are as they were written. Beyond them, at repeats
// one of them, so that a kernel has eight.
type eight struct {
	rows []int
	at   [group]*byte
}

// scan reads rows with all cores. Each of them calls reader for a function that it gives
// its rows to, eight at a time and in no certain order.
//
// The checksum of a row is computed when the row is about to be used. So its bytes come
// from memory once, for both, and what is used is what was checked.
func (f *File) scan(ctx context.Context, data []byte, src source, reader func() func(*eight)) (damaged []int, err error) {
	var next atomic.Int64
	var mu sync.Mutex
	var all sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), src.blocks) {
		read := reader()
		all.Go(func() {
			bad, e := f.scanBlocks(ctx, data, src, &next, read)
			mu.Lock()
			defer mu.Unlock()
			damaged = append(damaged, bad...)
			err = errors.Join(err, e)
		})
	}
	all.Wait()
	slices.Sort(damaged)
	return slices.Compact(damaged), err
}

// scanBlocks is what one core does of a scan.
func (f *File) scanBlocks(ctx context.Context, data []byte, src source, next *atomic.Int64, read func(*eight)) (damaged []int, err error) {
	buffer := make([]int, 0, blockRows)
	var e eight
	err = guarded(func() error {
		for {
			i := int(next.Add(1)) - 1
			if i >= src.blocks {
				return nil
			}
			if err := ctx.Err(); err != nil {
				next.Add(int64(src.blocks)) // nobody needs to go on
				return err
			}
			for rows := range slices.Chunk(src.block(i, buffer), group) {
				whole := rows[:0]
				for _, n := range rows {
					if r := f.head.row(data, n); r.whole(n) {
						e.at[len(whole)] = &r[0]
						whole = append(whole, n)
					} else {
						damaged = append(damaged, n)
					}
				}
				if len(whole) == 0 {
					continue
				}
				for j := len(whole); j < group; j++ {
					e.at[j] = e.at[0]
				}
				e.rows = whole
				read(&e)
			}
		}
	})
	return damaged, err
}
