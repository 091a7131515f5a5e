package engine

import (
	"math"
	"testing"
)

func TestCost(t *testing.T) {
	t.Parallel()
	quarter := 0.25
	usage := Usage{PromptTokens: 1_000_000, CachedTokens: 400_000, GeneratedTokens: 10_000}
	for _, c := range []struct {
		prices Prices
		want   float64
	}{
		{Prices{}, 0},
		{Prices{Input: 2.5, Output: 10}, 2.5 + 0.1},
		{Prices{Input: 2.5, Output: 10, Cached: &quarter}, 0.6*2.5 + 0.4*0.25 + 0.1},
		{Prices{Output: 1}, 0.01},
	} {
		if got := c.prices.Cost(usage); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%+v: %g, want %g", c.prices, got, c.want)
		}
		if known := c.prices.Known(); known != (c.want > 0) {
			t.Errorf("%+v: known is %v", c.prices, known)
		}
	}
}
