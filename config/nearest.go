package config

import "strings"

// Nearest is the setting whose name is most like a misspelled one, "" if none is.
func Nearest(name string) string {
	var names []string
	for _, s := range Settings {
		names = append(names, s.Name)
	}
	return NearestOf(strings.TrimLeft(name, "-"), names)
}

// NearestOf is the one of some names that is most like a misspelled one, "" if none is.
func NearestOf(name string, names []string) string {
	name = strings.ReplaceAll(strings.ToLower(name), "_", "-")
	best, least := "", 1+len(name)/3
	for _, other := range names {
		if d := distance(name, other); d < least {
			best, least = other, d
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
