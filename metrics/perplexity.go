package metrics

import "math"

// Perplexity is e to the mean surprise of a token, of texts with such sums of natural
// log-probabilities over so many tokens. That of all texts is over all their tokens, and not
// the mean of the texts'.
func Perplexity(logprobs []float64, tokens []int) Result {
	r := Result{Name: "perplexity", Items: make([]float64, len(logprobs)), Lower: true}
	for i := range logprobs {
		r.Items[i] = math.Exp(-logprobs[i] / float64(tokens[i]))
	}
	r.Whole = func(of []int) float64 {
		sum, n := 0.0, 0
		for _, i := range of {
			sum, n = sum+logprobs[i], n+tokens[i]
		}
		return math.Exp(-sum / float64(n))
	}
	return r
}
