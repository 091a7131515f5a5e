package metrics

// MeanPerClass is the accuracy of each class by itself, and the mean of these: a class of which
// there are many counts for no more than others. scikit-learn calls it balanced accuracy, and
// macro recall. A single item has its accuracy.
func MeanPerClass(said, right []string) Result {
	return ofClasses("mean per class", said, right, func(c *classCounts) (sum float64, classes int) {
		for k, n := range c.right {
			if n > 0 {
				sum, classes = sum+float64(c.hits[k])/float64(n), classes+1
			}
		}
		return sum, classes
	})
}

// MacroF1 is the mean over classes of the harmonic mean of precision and recall: over those that
// are right or were said for something, as scikit-learn takes them. A single item has its
// accuracy. Where nothing was said (""), no class was.
func MacroF1(said, right []string) Result {
	return ofClasses("macro F1", said, right, func(c *classCounts) (sum float64, classes int) {
		for k := range c.right {
			if n := c.right[k] + c.said[k]; n > 0 {
				sum, classes = sum+2*float64(c.hits[k])/float64(n), classes+1
			}
		}
		return sum, classes
	})
}

// classCounts are how often each class was right, was said, and both.
type classCounts struct{ right, said, hits []int }

func ofClasses(name string, said, right []string, score func(*classCounts) (sum float64, classes int)) Result {
	numbers := map[string]int{}
	number := func(class string) int {
		n, ok := numbers[class]
		if !ok {
			n = len(numbers)
			numbers[class] = n
		}
		return n
	}
	r := Result{Name: name, Items: make([]float64, len(said))}
	a, b := make([]int, len(said)), make([]int, len(said))
	for i := range said {
		a[i], b[i] = number(said[i]), number(right[i])
		r.Items[i] = oneIf(a[i] == b[i])
	}
	r.Whole = func(of []int) float64 {
		c := classCounts{make([]int, len(numbers)), make([]int, len(numbers)), make([]int, len(numbers))}
		for _, i := range of {
			if said[i] != "" {
				c.said[a[i]]++
			}
			c.right[b[i]]++
			if a[i] == b[i] {
				c.hits[a[i]]++
			}
		}
		sum, classes := score(&c)
		return sum / float64(classes)
	}
	return r
}
