package measure

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Figure is one line of a table: the samples of both sides in the order in
// which they were taken, so that Ours[i] and Peer[i] are a pair.
type Figure struct {
	Name     string    `json:"name"`
	Unit     string    `json:"unit"`
	Beside   string    `json:"beside,omitempty"` // the peer, where it is another than the table's
	Headline bool      `json:"headline,omitempty"`
	Goal     Goal      `json:"goal,omitzero"`
	Ours     []float64 `json:"vlmchat"`
	Peer     []float64 `json:"peer,omitempty"` // empty where nothing compares
}

// Goal bounds the median of the ratios, ours to the peer's, or of ours itself, from above,
// from below or from both sides. The zero Goal is none.
type Goal struct {
	AtMost  float64 `json:"at_most,omitempty"`
	AtLeast float64 `json:"at_least,omitempty"`
	Ours    bool    `json:"ours,omitempty"` // it is for what we take, whatever a peer takes
}

// Verdict is the goal of a figure, and whether the figure meets it. Of a figure that has
// none, or nothing to hold against it, it is "–".
func (f *Figure) Verdict() string {
	text, met, ok := f.judge()
	switch {
	case !ok:
		return "–"
	case met:
		return text + ": met"
	}
	return text + ": missed"
}

// Met tells whether a figure has a goal, and meets it.
func (f *Figure) Met() (met, ok bool) {
	_, met, ok = f.judge()
	return met, ok
}

func (f *Figure) judge() (goal string, met, ok bool) {
	g, samples := f.Goal, f.ratios()
	of, decimals := "", 2
	if g.Ours {
		samples, of, decimals = f.Ours, " "+f.Unit, -1
	}
	if g.AtMost == 0 && g.AtLeast == 0 || len(samples) == 0 {
		return "", false, false
	}
	var bounds []string
	m := median(samples)
	met = true
	if g.AtLeast > 0 {
		bounds = append(bounds, "≥ "+strconv.FormatFloat(g.AtLeast, 'f', decimals, 64))
		met = m >= g.AtLeast
	}
	if g.AtMost > 0 {
		bounds = append(bounds, "≤ "+strconv.FormatFloat(g.AtMost, 'f', decimals, 64))
		met = met && m <= g.AtMost
	}
	return strings.Join(bounds, ", ") + of, met, true
}

// Medians are those of ours, the peer's and the ratios, as tables have them: "–" where
// there are none.
func (f *Figure) Medians() (ours, peer, ratio string) {
	of := func(samples []float64) string {
		if len(samples) == 0 {
			return "–"
		}
		return number(median(samples))
	}
	return of(f.Ours), of(f.Peer), of(f.ratios())
}

// ratios of the pairs, ours to the peer's.
func (f *Figure) ratios() []float64 {
	var r []float64
	for i := range min(len(f.Ours), len(f.Peer)) {
		r = append(r, f.Ours[i]/f.Peer[i])
	}
	return r
}

// writeFigures writes the lines of a table, with columns for a peer and for goals where a
// line has them.
func writeFigures(w io.Writer, peer string, figures []*Figure) {
	peers := slices.ContainsFunc(figures, func(f *Figure) bool { return len(f.Peer) > 0 })
	goals := slices.ContainsFunc(figures, func(f *Figure) bool { return f.Goal != Goal{} })
	columns := []string{"figure", "vlmchat"}
	if peers {
		columns = append(columns, peer, "ratio")
	}
	columns = append(columns, "rounds")
	if goals {
		columns = append(columns, "goal of the median")
	}
	fmt.Fprintf(w, "| %s |\n%s|\n", strings.Join(columns, " | "), strings.Repeat("|---", len(columns)))
	for _, f := range figures {
		name := f.Name + ", " + f.Unit
		if f.Beside != "" {
			name = f.Name + "; peer: " + f.Beside + ", " + f.Unit
		}
		cells := []string{name, summary(f.Ours)}
		if peers {
			cells = append(cells, summary(f.Peer), summary(f.ratios()))
		}
		cells = append(cells, strconv.Itoa(len(f.Ours)))
		if goals {
			cells = append(cells, f.Verdict())
		}
		fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | "))
	}
}

// digits are the significant ones of a table's numbers.
const digits = 3

// summary is minimum, median and maximum.
func summary(samples []float64) string {
	if len(samples) == 0 {
		return "–"
	}
	return fmt.Sprintf("%s / **%s** / %s", number(slices.Min(samples)), number(median(samples)), number(slices.Max(samples)))
}

func median(samples []float64) float64 {
	s := slices.Sorted(slices.Values(samples))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}

// number writes a number with its significant digits, and no exponent.
func number(x float64) string {
	if x == 0 {
		return "0"
	}
	decimals := max(0, digits-1-int(math.Floor(math.Log10(math.Abs(x)))))
	return strconv.FormatFloat(x, 'f', decimals, 64)
}
