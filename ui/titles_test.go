package ui

import (
	"strings"
	"testing"
	"unicode"
)

func TestTitleFrom(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]string{
		"Red bikes in the rain": "Red bikes in the rain",
		"**Title:** \"Red bikes in Amsterdam\".\n\nI chose this because": "Red bikes in Amsterdam",
		"\n# Where is Mt. Fuji?\n":                                       "Where is Mt. Fuji?",
		"Titel: „Rote Fahrräder im Regen“":                               "Rote Fahrräder im Regen",
		"标题：红色的自行车。":                                                     "红色的自行车",
		"\x1b[31mRed\x1b[0m \x07bikes in rain":                           "Red bikes in rain",
		"Ice cream...":                                                   "Ice cream...",
		"none":                                                           "",
		"":                                                               "",
		"  \n\n":                                                         "",
		"!? 12 34":                                                       "",
		"Thank you!":                                                     "",
		"I see a green digit 3":                                          "",
		"I'm sorry, but I can't help":                                    "",
		"Yes, there is a small red digit 3 in the top left":               "",
		"There are three shapes.":                                         "",
		"A sign. It says no bikes":                                        "",
		"Answer with the title alone":                                     "",
		"Es tut mir leid, das geht nicht":                                 "",
		"No image is attached. Please attach an image of colored shapes.": "",
		strings.Repeat("many words ", 10):                                 "",
	} {
		if got := titleFrom(said); got != want {
			t.Errorf("%q becomes %q, want %q", said, got, want)
		}
	}
}

func FuzzTitleFrom(f *testing.F) {
	f.Add("Title: “Red bikes”.")
	f.Add("\x1b]0;x\x07a\u202eb c")
	f.Fuzz(func(t *testing.T, said string) {
		title := titleFrom(said)
		if title == "" {
			return
		}
		if n := len([]rune(title)); n < leastOfTitle || n > mostOfTitle || strings.ContainsFunc(title, unicode.IsControl) || title != strings.TrimSpace(title) {
			t.Errorf("%q becomes %q", said, title)
		}
	})
}
