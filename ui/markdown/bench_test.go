package markdown

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

// The next frame of an answer that is very long already: it must not cost more for what
// was said before.
func BenchmarkNextFrame(b *testing.B) {
	words := strings.Repeat("some **bold** words and `code` ", 8000)
	for name, text := range map[string]string{
		"code":      "```go\n" + strings.Repeat("func f() int { return 1 } // of some length\n", 10_000),
		"table":     "| a | b |\n|---|---|\n" + strings.Repeat("| cell | another **cell** |\n", 5000),
		"paragraph": words[:200_000],
		"list":      strings.Repeat("- an item with *some* words\n", 10_000),
	} {
		b.Run(name, func(b *testing.B) {
			theme := testTheme(ansi.WcWidth)
			var s Stream
			s.Add(text)
			s.Lines(100, theme)
			for b.Loop() {
				s.Add("word ")
				s.Lines(100, theme)
			}
		})
	}
}

// A document as a whole, as when the window's size changes.
func BenchmarkEverything(b *testing.B) {
	theme, text := testTheme(ansi.WcWidth), everything(b)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		whole(text, 80, theme)
	}
}
