package jsonschema

import "slices"

// within tells whether a character is in a set.
func within(s runes, r rune) bool {
	for i := 0; i < len(s); i += 2 {
		if s[i] <= r && r <= s[i+1] {
			return true
		}
	}
	return false
}

// overlapping is what two sets have in common.
func overlapping(a, b runes) runes {
	var both runes
	for i, j := 0, 0; i < len(a) && j < len(b); {
		if first, last := max(a[i], b[j]), min(a[i+1], b[j+1]); first <= last {
			both = append(both, first, last)
		}
		if a[i+1] < b[j+1] {
			i += 2
		} else {
			j += 2
		}
	}
	return both
}

// complement is every other character.
func complement(s runes) runes {
	var others runes
	next := rune(0)
	for i := 0; i < len(s); i += 2 {
		if next < s[i] {
			others = append(others, next, s[i]-1)
		}
		next = s[i+1] + 1
	}
	if next <= 0x10FFFF {
		others = append(others, next, 0x10FFFF)
	}
	return overlapping(others, every)
}

// normal sorts the ranges and joins those that touch.
func normal(s runes) runes {
	pairs := make([][2]rune, 0, len(s)/2)
	for i := 0; i < len(s); i += 2 {
		pairs = append(pairs, [2]rune{s[i], s[i+1]})
	}
	slices.SortFunc(pairs, func(a, b [2]rune) int { return int(a[0] - b[0]) })
	var all runes
	for _, p := range pairs {
		if n := len(all); n > 0 && p[0] <= all[n-1]+1 {
			all[n-1] = max(all[n-1], p[1])
		} else {
			all = append(all, p[0], p[1])
		}
	}
	return all
}
