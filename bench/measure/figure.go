package measure

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
)

// Figure is one line of the table: the samples of both sides in the order in
// which they were taken, so that Ours[i] and Peer[i] are a pair.
type Figure struct {
	Name       string
	Unit       string
	Goal       Goal
	Ours, Peer []float64 // Peer is empty where nothing compares
}

// Goal bounds the median of the ratios, ours to the peer's, or of ours itself. The
// zero Goal is none.
type Goal struct {
	AtMost, AtLeast float64
	Ours            bool // it is for what we take, whatever a peer takes
}

// verdict is the goal and whether the figure meets it.
func (f *Figure) verdict() string {
	g, samples := f.Goal, f.ratios()
	of, decimals := "", 2
	if g.Ours {
		samples, of, decimals = f.Ours, " "+f.Unit, -1
	}
	sign, bound := "≤", g.AtMost
	if g.AtLeast > 0 {
		sign, bound = "≥", g.AtLeast
	}
	if bound == 0 || len(samples) == 0 {
		return "–"
	}
	word := "missed"
	if m := median(samples); g.AtLeast > 0 && m >= bound || g.AtMost > 0 && m <= bound {
		word = "met"
	}
	return fmt.Sprintf("%s %s%s: %s", sign, strconv.FormatFloat(bound, 'f', decimals, 64), of, word)
}

// ratios of the pairs, ours to the peer's.
func (f *Figure) ratios() []float64 {
	var r []float64
	for i := range min(len(f.Ours), len(f.Peer)) {
		r = append(r, f.Ours[i]/f.Peer[i])
	}
	return r
}

// printTable prints the figures. Where one has a goal, each has a column for it.
func (b *Bench) printTable(w io.Writer, figures []*Figure) {
	goals := slices.ContainsFunc(figures, func(f *Figure) bool { return f.Goal != Goal{} })
	head, rule := "| figure | vlmchat | "+b.Peer+" | ratio | pairs |", "|---|---|---|---|---|"
	if goals {
		head, rule = head+" goal of the median |", rule+"---|"
	}
	fmt.Fprintln(w, head)
	fmt.Fprintln(w, rule)
	for _, f := range figures {
		fmt.Fprintf(w, "| %s, %s | %s | %s | %s | %d |", f.Name, f.Unit,
			summary(f.Ours, 3), summary(f.Peer, 3), summary(f.ratios(), 3), len(f.Ours))
		if goals {
			fmt.Fprintf(w, " %s |", f.verdict())
		}
		fmt.Fprintln(w)
	}
}

// summary is minimum, median and maximum with so many significant digits.
func summary(samples []float64, digits int) string {
	if len(samples) == 0 {
		return "–"
	}
	return fmt.Sprintf("%s / **%s** / %s", number(slices.Min(samples), digits), number(median(samples), digits), number(slices.Max(samples), digits))
}

func median(samples []float64) float64 {
	s := slices.Sorted(slices.Values(samples))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}

func number(x float64, digits int) string {
	if x == 0 {
		return "0"
	}
	decimals := max(0, digits-1-int(math.Floor(math.Log10(math.Abs(x)))))
	return strconv.FormatFloat(x, 'f', decimals, 64)
}
