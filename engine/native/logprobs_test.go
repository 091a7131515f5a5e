package native

import (
	"math"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine/llamacpp"
)

func TestLogSumExp(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		logits []float32
		want   float64
	}{
		{[]float32{0, 0}, math.Log(2)},
		{[]float32{1000, 1000, 1000}, 1000 + math.Log(3)},
		{[]float32{-5, float32(math.Inf(-1))}, -5},
	} {
		if got := logSumExp(c.logits); math.Abs(got-c.want) > 1e-4 {
			t.Errorf("of %v it is %v, want %v", c.logits, got, c.want)
		}
	}
}

func TestLikeliest(t *testing.T) {
	t.Parallel()
	logits := []float32{1, 5, -2, 5, 3, float32(math.Inf(-1))}
	for n, want := range map[int][]llamacpp.Token{0: nil, 1: {1}, 3: {1, 3, 4}, 9: {1, 3, 4, 0, 2, 5}} {
		if got := likeliest(logits, n); !slices.Equal(got, want) {
			t.Errorf("the likeliest %d are %v, want %v", n, got, want)
		}
	}
}

// A number that JSON has no form for ends in an error, not in silence.
func TestLineThatCannotBeSent(t *testing.T) {
	t.Parallel()
	r := httptest.NewRecorder()
	newLineWriter(r).write(line{Vectors: [][]float32{{float32(math.NaN())}}})
	if got := r.Body.String(); !strings.Contains(got, "a number that is none") {
		t.Errorf("what is sent is %q", got)
	}
}
