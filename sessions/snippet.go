package sessions

import (
	"slices"
	"strings"
)

// snippet cuts what is around the first word that is found out of a text.
func snippet(text string, fields []string) string {
	if text == "" {
		return ""
	}
	const before, length = 30, 100
	letters := []rune(strings.Join(strings.Fields(text), " "))
	low := []rune(strings.ToLower(string(letters)))
	if len(low) != len(letters) {
		low = letters // lower letters are more than one for some
	}
	words := make([][]rune, len(fields))
	for i, f := range fields {
		words[i] = []rune(strings.ToLower(f))
	}
	// begins returns how many letters the longest of the words has that stand at i.
	begins := func(i int) int {
		found := 0
		for _, w := range words {
			if i+len(w) <= len(low) && slices.Equal(low[i:i+len(w)], w) {
				found = max(found, len(w))
			}
		}
		return found
	}
	first := 0
	for first < len(low) && begins(first) == 0 {
		first++
	}
	if first == len(low) {
		first = 0 // the index takes letters for the same that are not
	}
	from := max(0, first-before)
	to := min(len(letters), from+length)
	var b strings.Builder
	if from > 0 {
		b.WriteString("…")
	}
	for i := from; i < to; {
		if found := begins(i); found > 0 && i+found <= to {
			b.WriteString("«" + string(letters[i:i+found]) + "»")
			i += found
			continue
		}
		b.WriteRune(letters[i])
		i++
	}
	if to < len(letters) {
		b.WriteString("…")
	}
	return b.String()
}
