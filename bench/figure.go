package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
)

// figure is one line of the table: the samples of both sides in the order in
// which they were taken, so that ours[i] and peer[i] are a pair.
type figure struct {
	name       string
	unit       string
	ours, peer []float64 // peer is empty where nothing compares
}

// ratios of the pairs, ours to the peer's.
func (f *figure) ratios() []float64 {
	var r []float64
	for i := range min(len(f.ours), len(f.peer)) {
		r = append(r, f.ours[i]/f.peer[i])
	}
	return r
}

func printTable(w io.Writer, figures []*figure) {
	fmt.Fprintln(w, "| figure | vlmchat | llama-server | ratio | pairs |")
	fmt.Fprintln(w, "|---|---|---|---|---|")
	for _, f := range figures {
		fmt.Fprintf(w, "| %s, %s | %s | %s | %s | %d |\n", f.name, f.unit,
			summary(f.ours, 3), summary(f.peer, 3), summary(f.ratios(), 3), len(f.ours))
	}
}

// summary is minimum, median and maximum with so many significant digits.
func summary(samples []float64, digits int) string {
	if len(samples) == 0 {
		return "–"
	}
	s := slices.Sorted(slices.Values(samples))
	median := (s[(len(s)-1)/2] + s[len(s)/2]) / 2
	return fmt.Sprintf("%s / **%s** / %s", number(s[0], digits), number(median, digits), number(s[len(s)-1], digits))
}

func number(x float64, digits int) string {
	if x == 0 {
		return "0"
	}
	decimals := max(0, digits-1-int(math.Floor(math.Log10(math.Abs(x)))))
	return strconv.FormatFloat(x, 'f', decimals, 64)
}
