// Package spelling finds what somebody may have meant by a name that there is none of: a
// setting, a flag, a command, a key.
package spelling

// Nearest is the one of some names that differs least from a misspelled one, the first of
// those that differ alike, and "" if each differs by more than most letters.
func Nearest(name string, names []string, most int) string {
	best := ""
	for _, other := range names {
		if d := distance(name, other); d <= most {
			best, most = other, d-1
		}
	}
	return best
}

// distance is how many letters have to be put in, taken out, or changed (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		above := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := above
			if a[i] != b[j] {
				cost++
			}
			above = row[j+1]
			row[j+1] = min(cost, row[j]+1, above+1)
		}
	}
	return row[len(b)]
}
