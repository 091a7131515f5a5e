package native

import (
	"os"
	"runtime"
	"sync"
	"time"

	"github.com/vlmchat/vlmchat/engine/llamacpp"
)

// More threads than cores that are really free make llama.cpp many times
// slower, not faster: its threads wait for each other by spinning. So the
// number of threads is measured, not counted.

const (
	spinTime    = 4 * time.Millisecond   // a look at how many cores are free
	probeTokens = 4                      // decoded for each number of threads
	probeBudget = 300 * time.Millisecond // for all of them
)

// freeCores estimates how many threads can compute at once right now: the
// number at which more threads stop getting more done.
func freeCores() int {
	best, bestWork := 1, spin(1)
	for n := 2; n <= runtime.NumCPU(); n = min(2*n, max(n+1, runtime.NumCPU())) {
		work := spin(n)
		// A core that is taken, or the second thread of one, adds little.
		if work < bestWork+0.5*float64(n-best)*(bestWork/float64(best)) {
			break
		}
		best, bestWork = n, work
		if n == runtime.NumCPU() {
			break
		}
	}
	return best
}

// spin lets n threads compute for a moment and returns how much they got done.
func spin(n int) float64 {
	var wg sync.WaitGroup
	counts := make([]float64, n)
	deadline := time.Now().Add(spinTime)
	for i := range n {
		wg.Go(func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			x := 1.0
			for time.Now().Before(deadline) {
				for range 1000 {
					x = x*1.0000001 + 1e-9
				}
				counts[i]++
			}
			if x == 0 {
				counts[i] = 0 // keeps x
			}
		})
	}
	wg.Wait()
	sum := 0.0
	for _, c := range counts {
		sum += c
	}
	return sum
}

// probeThreads finds the number of threads with which the context decodes
// fastest, and sets it. Prompts get all free cores: their work splits well.
func probeThreads(c *llamacpp.Context) (int, error) {
	free := freeCores()
	best, bestTime := free, time.Duration(0)
	start := time.Now()
	for n := free; n >= 1; n /= 2 {
		c.SetThreads(n, n)
		took, err := decodeTime(c)
		if err != nil {
			return 0, err
		}
		// Fewer threads leave more of the machine to others.
		if bestTime == 0 || took <= bestTime+bestTime/20 {
			best, bestTime = n, took
		}
		if time.Since(start) > probeBudget {
			break
		}
	}
	prompt := free
	if best == 1 {
		// A model this small is not worth waking threads for.
		prompt = 1
	}
	c.SetThreads(best, prompt)
	return best, nil
}

// decodeTime is the time of one token, the best of a few.
func decodeTime(c *llamacpp.Context) (time.Duration, error) {
	defer c.Clear()
	var best time.Duration
	for i := range probeTokens {
		start := time.Now()
		if err := c.DecodeTokens(0, []llamacpp.Token{0}, i, true); err != nil {
			return 0, err
		}
		if took := time.Since(start); best == 0 || took < best {
			best = took
		}
		if best > probeBudget/probeTokens {
			break
		}
	}
	return best, nil
}

// quietOpenMP keeps OpenMP's threads from spinning while they wait, unless the
// user has a word on it. It must be set before the libraries are loaded.
func quietOpenMP(env []string) []string {
	if _, set := os.LookupEnv("OMP_WAIT_POLICY"); set {
		return env
	}
	return append(env, "OMP_WAIT_POLICY=passive")
}
