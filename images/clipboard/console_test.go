package clipboard

import (
	"slices"
	"testing"
)

// Sequences are taken whole from what comes in any pieces, and what is typed in
// between is left out.
func TestSequences(t *testing.T) {
	t.Parallel()
	const stream = "ls\x1b]5522;type=read:status=DONE\x1b\\x\x1b[?62;c\x1b]52;c;d29yZA==\a\x1b]52;c;b"
	want := []string{"\x1b]5522;type=read:status=DONE\x1b\\", "\x1b[?62;c", "\x1b]52;c;d29yZA==\a"}
	for size := 1; size <= len(stream); size++ {
		var all []string
		var rest []byte
		for piece := range slices.Chunk([]byte(stream), size) {
			var some []string
			some, rest = sequences(append(rest, piece...))
			all = append(all, some...)
		}
		if !slices.Equal(all, want) || string(rest) != "\x1b]52;c;b" {
			t.Errorf("in pieces of %d: %q, rest %q", size, all, rest)
		}
	}
}
