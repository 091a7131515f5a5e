package metrics

import (
	"math"
	"testing"
)

func TestSome(t *testing.T) {
	t.Parallel()
	whole := Result{Items: []float64{1, 2, 3, 4}, Whole: func(of []int) float64 {
		sum := 0.0
		for _, i := range of {
			sum += float64(i * i)
		}
		return sum
	}}
	if got := whole.Some([]int{1, 3}).Score(); got != 1+9 {
		t.Errorf("of the second and the fourth: %v", got)
	}
	if got := whole.Some([]int{3, 1}).score([]int{0, 0}); got != 9+9 {
		t.Errorf("of the fourth, twice: %v", got)
	}
	if got := (Result{Items: []float64{1, 2, 6}}).Some([]int{0, 2}); got.Score() != 3.5 || len(got.Items) != 2 {
		t.Errorf("the mean of the first and the third: %v", got)
	}
}

// Two results of items that are very different from each other differ by the same in each of
// them: there is no doubt about the difference, although both are doubtful.
func TestDifferenceIsPaired(t *testing.T) {
	t.Parallel()
	var a, b Result
	for i := range 50 {
		a.Items = append(a.Items, float64(i))
		b.Items = append(b.Items, float64(i)+0.5)
	}
	value, low, high := Difference(a, b)
	if math.Abs(value-0.5) > 1e-12 || math.Abs(low-0.5) > 1e-9 || math.Abs(high-0.5) > 1e-9 {
		t.Errorf("%v (%v to %v)", value, low, high)
	}
	if low, high := a.Interval(); high-low < 5 {
		t.Errorf("the score itself is held for certain: %v to %v", low, high)
	}
}

func TestDifferenceOfChance(t *testing.T) {
	t.Parallel()
	var a, b Result
	for i := range 40 { // each is right where the other one is not
		a.Items = append(a.Items, float64(i%2))
		b.Items = append(b.Items, float64(1-i%2))
	}
	if value, low, high := Difference(a, b); value != 0 || low > -0.1 || high < 0.1 {
		t.Errorf("%v (%v to %v)", value, low, high)
	}
	if value, _, _ := Difference(a, Result{}); !math.IsNaN(value) {
		t.Errorf("of other items: %v", value)
	}
	one := Result{Items: []float64{1}}
	if value, low, high := Difference(one, Result{Items: []float64{3}}); value != 2 || low != 2 || high != 2 {
		t.Errorf("of one item: %v (%v to %v)", value, low, high)
	}
}

// An item without an answer counts for its class, and is in no other one.
func TestMacroF1WithoutAnswers(t *testing.T) {
	t.Parallel()
	r := MacroF1([]string{"a", "b", ""}, []string{"a", "b", "c"})
	if got := r.Score(); math.Abs(got-2.0/3) > 1e-12 {
		t.Errorf("%v", got)
	}
}
