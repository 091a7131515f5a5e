package native

import (
	"slices"
	"strconv"
	"strings"
)

// quoting hides the texts of control tokens from the tokenizer, behind
// placeholders, on their way through the chat template.
type quoting struct {
	mark     string   // begins a placeholder; the control's number and an x follow
	controls []string // texts of the vocabulary's control tokens, longest first
	replacer *strings.Replacer
}

// newQuoting takes a mark that nobody can have written into a conversation.
func newQuoting(mark string, controls []string) quoting {
	// Of two that begin alike the longer one is found, as by the tokenizer.
	slices.SortFunc(controls, func(a, b string) int { return len(b) - len(a) })
	pairs := make([]string, 0, 2*len(controls))
	for i, c := range controls {
		pairs = append(pairs, c, mark+strconv.Itoa(i)+"x")
	}
	return quoting{mark: mark, controls: controls, replacer: strings.NewReplacer(pairs...)}
}

// quote replaces the texts of control tokens by placeholders.
func (q quoting) quote(text string) string { return q.replacer.Replace(text) }

// piece is a stretch of a rendered prompt: text of the template and of
// messages, or a control token's text that was quoted.
type piece struct {
	text   string
	quoted bool
}

// split takes a rendered prompt apart at its placeholders.
func (q quoting) split(text string) []piece {
	var pieces []piece
	for {
		before, after, found := strings.Cut(text, q.mark)
		if before != "" {
			pieces = append(pieces, piece{text: before})
		}
		if !found {
			return pieces
		}
		number, rest, _ := strings.Cut(after, "x")
		if n, err := strconv.Atoi(number); err == nil && n >= 0 && n < len(q.controls) {
			pieces = append(pieces, piece{text: q.controls[n], quoted: true})
			text = rest
		} else {
			// A template cut the placeholder; what is left of it is mere text.
			text = after
		}
	}
}
