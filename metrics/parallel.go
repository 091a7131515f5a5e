package metrics

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// InParallel does something for each number below n, on all cores.
func InParallel(n int, do func(i int)) {
	const some = 64 // that a core takes at once
	var next atomic.Int64
	var all sync.WaitGroup
	for range min((n+some-1)/some, runtime.GOMAXPROCS(0)) {
		all.Go(func() {
			for from := int(next.Add(some)) - some; from < n; from = int(next.Add(some)) - some {
				for i := from; i < min(from+some, n); i++ {
					do(i)
				}
			}
		})
	}
	all.Wait()
}
