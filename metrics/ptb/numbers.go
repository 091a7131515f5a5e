package ptb

import (
	"strings"
	"unicode"
)

func isForeignDigit(r rune) bool { return classOf(r) == letter && unicode.Is(unicode.Nd, r) }

// numbers tries the rules for what begins with a digit, its sign or its point.
func (s *scanner) numbers(i int, try func(match)) {
	sign := 0
	if r := s.at(i); r == '-' || r == '+' {
		sign = 1
	}
	if n := s.number(i + sign); n > 0 {
		try(plain(sign + n))
	}
	try(plain(s.fraction(i)))
	try(plain(s.date(i)))
	try(plain(s.phone(i)))
}

// number is the length of digits with points, colons and commas before and between them.
func (s *scanner) number(i int) int {
	n := s.run(i, isDigit)
	for isPoint(s.at(i + n)) {
		more := s.run(i+n+1, isDigit)
		if more == 0 {
			break
		}
		n += 1 + more
	}
	return n
}

func isPoint(r rune) bool {
	return r == '.' || r == ':' || r == ',' || r == softHyphen || r == '٫' || r == '٬'
}

// fraction is the length of one, with whole ones before it: "2 1/2".
func (s *scanner) fraction(i int) int {
	part := func(i int) int {
		n := s.few(i, 4)
		if n == 0 {
			return 0
		}
		slash := 0
		switch {
		case s.at(i+n) == '/' || s.at(i+n) == '⁄':
			slash = 1
		case s.at(i+n) == '\\' && s.at(i+n+1) == '/':
			slash = 2
		default:
			return 0
		}
		below := s.few(i+n+slash, 4)
		if below == 0 {
			return 0
		}
		return n + slash + below
	}
	best := part(i)
	if n := s.run(i, isDigit); n > 0 && n <= 4 && isGap(s.at(i+n)) {
		if more := part(i + n + 1); more > 0 {
			best = max(best, n+1+more)
		}
	}
	return best
}

// few counts digits, up to a number of them.
func (s *scanner) few(i, most int) int {
	n := 0
	for n < most && isDigit(s.at(i+n)) {
		n++
	}
	return n
}

// isGap is what may part the groups of a number.
func isGap(r rune) bool { return r == ' ' || r == '-' || r == '\u00a0' }

// date is the length of a date in digits.
func (s *scanner) date(i int) int {
	n := 0
	for range 2 {
		digits := s.few(i+n, 2)
		if digits == 0 || s.at(i+n+digits) != '-' && s.at(i+n+digits) != '/' {
			return 0
		}
		n += digits + 1
	}
	year := s.few(i+n, 4)
	if year < 2 {
		return 0
	}
	return n + year
}

// phone is the length of a telephone number, or of what could be one, such as "100 200 300":
// its spaces do not part it.
func (s *scanner) phone(i int) int {
	if s.at(i) == '(' {
		n := s.run(i+1, isASCIIDigit)
		if n < 2 || n > 3 || s.at(i+1+n) != ')' {
			return 0
		}
		n += 2
		best := 0
		if r := s.at(i + n); r == ' ' || r == '\u00a0' {
			if tail := s.phoneTail(i + n + 1); tail > 0 {
				best = n + 1 + tail
			}
		}
		if tail := s.phoneTail(i + n); tail > 0 {
			best = max(best, n+tail)
		}
		return best
	}
	n := 0
	for n < 2 && s.at(i+n) == '+' {
		n++
	}
	best := 0
	for range 2 {
		digits := s.run(i+n, isASCIIDigit)
		if digits < 2 || digits > 4 || !isGap(s.at(i+n+digits)) {
			break
		}
		n += digits + 1
		if tail := s.phoneTail(i + n); tail > 0 {
			best = n + tail
		}
	}
	return best
}

// phoneTail is the length of the last two groups.
func (s *scanner) phoneTail(i int) int {
	n := s.run(i, isASCIIDigit)
	if n == 3 || n == 4 {
		if !isGap(s.at(i + n)) {
			return 0
		}
		last := min(5, s.run(i+n+1, isASCIIDigit))
		if last < 3 {
			return 0
		}
		return n + 1 + last
	}
	if n < 6 {
		return 0
	}
	return min(n, 9)
}

// small is the length of a number of raised digits or of lowered ones, with their sign.
func (s *scanner) small(i int) int {
	sign := 0
	if strings.ContainsRune("⁺⁻₊₋", s.at(i)) {
		sign = 1
	}
	n := s.run(i+sign, func(r rune) bool { return strings.ContainsRune("⁰¹²³⁴⁵⁶⁷⁸⁹", r) })
	if n == 0 {
		n = s.run(i+sign, func(r rune) bool { return strings.ContainsRune("₀₁₂₃₄₅₆₇₈₉", r) })
	}
	if n == 0 {
		return 0
	}
	return sign + n
}
