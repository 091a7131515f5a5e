package jsonschema

import (
	"math/big"
	"strings"
)

func digit(first, last byte) expr {
	if first > last {
		return alt{}
	}
	return runes{rune(first), rune(last)}
}

// digits are from least to most digits of any kind.
func digits(least, most int) expr { return repeat{digit('0', '9'), bounds{least, most}} }

// numbers is what the keywords of numbers allow of all numbers.
func (c *compiler) numbers(all *combined) expr {
	if all.lower == nil && all.upper == nil {
		return ref{c.share("number", func() expr {
			return seq{
				optional(literal("-")),
				alt{literal("0"), seq{digit('1', '9'), digits(0, maxWholeDigits-1)}},
				optional(seq{literal("."), digits(1, maxFractionDigits)}),
				// More digits make numbers that few programs can hold.
				optional(seq{runes{'E', 'E', 'e', 'e'}, optional(runes{'+', '+', '-', '-'}), digits(1, 2)}),
			}
		})}
	}
	zero := &limit{number: new(big.Rat)}
	above := alt{magnitude(higher(zero, all.lower), all.upper)}
	if all.lower != nil && all.lower.number.Sign() < 0 || all.lower == nil {
		// Below zero the digits run the other way. -0 is left out.
		least, most := &limit{number: new(big.Rat), strict: true}, negative(all.lower)
		if all.upper != nil && all.upper.number.Sign() < 0 {
			least = negative(all.upper)
		}
		return append(above, seq{literal("-"), magnitude(least, most)})
	}
	return above
}

func negative(l *limit) *limit {
	if l == nil {
		return nil
	}
	return &limit{number: new(big.Rat).Neg(l.number), strict: l.strict}
}

// integers is what the keywords of numbers allow of whole numbers.
func (c *compiler) integers(all *combined) expr {
	if all.lower == nil && all.upper == nil {
		return ref{c.share("integer", func() expr {
			return alt{literal("0"), seq{optional(literal("-")), digit('1', '9'), digits(0, maxWholeDigits-1)}}
		})}
	}
	greatest := new(big.Int).Exp(big.NewInt(10), big.NewInt(maxWholeDigits), nil)
	greatest.Sub(greatest, big.NewInt(1))
	first, last := new(big.Int).Neg(greatest), greatest
	one := big.NewInt(1)
	if l := all.lower; l != nil {
		var rest big.Int
		first, _ = new(big.Int).DivMod(l.number.Num(), l.number.Denom(), &rest)
		if rest.Sign() != 0 || l.strict {
			first.Add(first, one)
		}
	}
	if l := all.upper; l != nil {
		var rest big.Int
		last, _ = new(big.Int).DivMod(l.number.Num(), l.number.Denom(), &rest)
		if rest.Sign() == 0 && l.strict {
			last.Sub(last, one)
		}
	}
	var parts alt
	if last.Sign() < 0 || first.Sign() < 0 {
		least := one
		if last.Sign() < 0 {
			least = new(big.Int).Neg(last)
		}
		parts = append(parts, seq{literal("-"), whole(least, new(big.Int).Neg(first))})
	}
	if first.Sign() < 0 {
		first = new(big.Int)
	}
	return append(parts, whole(first, last))
}

// whole is the whole numbers from one to another, neither below zero.
func whole(first, last *big.Int) expr {
	if first.Cmp(last) > 0 || last.Sign() < 0 {
		return alt{}
	}
	a, b := first.String(), last.String()
	if len(a) == len(b) {
		return between(a, b)
	}
	parts := alt{between(a, strings.Repeat("9", len(a)))}
	if len(a)+1 < len(b) {
		parts = append(parts, seq{digit('1', '9'), digits(len(a), len(b)-2)})
	}
	return append(parts, between("1"+strings.Repeat("0", len(b)-1), b))
}

// between is the numbers from a to b, of as many digits as both have.
func between(a, b string) expr {
	switch {
	case a == "":
		return nil
	case len(a) == 1:
		return digit(a[0], b[0])
	case a[0] == b[0]:
		return seq{literal(a[:1]), between(a[1:], b[1:])}
	case strings.Trim(a, "0") == "" && strings.Trim(b, "9") == "":
		return digits(len(a), len(a))
	}
	rest := len(a) - 1
	return alt{
		seq{literal(a[:1]), between(a[1:], strings.Repeat("9", rest))},
		seq{digit(a[0]+1, b[0]-1), digits(rest, rest)},
		seq{literal(b[:1]), between(strings.Repeat("0", rest), b[1:])},
	}
}

// magnitude is the decimal numbers from one limit, not below zero, to another,
// nil for no limit.
func magnitude(least, most *limit) expr {
	if most != nil && (most.number.Cmp(least.number) < 0 || most.number.Cmp(least.number) == 0 && (most.strict || least.strict)) {
		return alt{}
	}
	a, fractionA := split(least.number)
	if most == nil {
		greatest, _ := new(big.Int).SetString(strings.Repeat("9", maxWholeDigits), 10)
		return alt{
			seq{literal(a.String()), fractionFrom(fractionA, least.strict)},
			seq{whole(new(big.Int).Add(a, big.NewInt(1)), greatest), anyFraction()},
		}
	}
	b, fractionB := split(most.number)
	if a.Cmp(b) == 0 {
		return seq{literal(a.String()), fractionBetween(fractionA, least.strict, fractionB, most.strict)}
	}
	one := big.NewInt(1)
	return alt{
		seq{literal(a.String()), fractionFrom(fractionA, least.strict)},
		seq{whole(new(big.Int).Add(a, one), new(big.Int).Sub(b, one)), anyFraction()},
		seq{literal(b.String()), fractionTo(fractionB, most.strict)},
	}
}

// split returns what is before a number's point and what behind it, without
// zeros at its end.
func split(r *big.Rat) (*big.Int, string) {
	before, behind, _ := strings.Cut(r.FloatString(maxFractionDigits), ".")
	n, _ := new(big.Int).SetString(before, 10)
	return n, strings.TrimRight(behind, "0")
}

func anyFraction() expr { return optional(seq{literal("."), digits(1, maxFractionDigits)}) }

// point puts a point before the digits of a fraction, and leaves both out if
// none is a choice.
func point(behind expr, orNone bool) expr {
	if behind = (seq{literal("."), behind}); orNone {
		return optional(behind)
	}
	return behind
}

// fractionFrom is the fractions from f, or, strict, above it.
func fractionFrom(f string, strict bool) expr {
	return point(digitsFrom(f, strict, maxFractionDigits), f == "" && !strict)
}

// digitsFrom are the digits of such a fraction, at least one if f has any or they
// are strict, with so many to follow at most.
func digitsFrom(f string, strict bool, left int) expr {
	switch {
	case f == "" && strict:
		return seq{repeat{literal("0"), bounds{0, left}}, digit('1', '9'), digits(0, left)}
	case f == "" && left == maxFractionDigits:
		return digits(1, left)
	case f == "":
		return digits(0, left)
	}
	return alt{
		seq{digit(f[0]+1, '9'), digits(0, left-1)},
		seq{literal(f[:1]), digitsFrom(f[1:], strict, left-1)},
	}
}

// fractionTo is the fractions up to f, or, strict, below it.
func fractionTo(f string, strict bool) expr {
	switch {
	case f == "" && strict:
		return alt{}
	case f == "":
		return point(repeat{literal("0"), bounds{1, maxFractionDigits}}, true)
	}
	return point(digitsTo(f, strict, maxFractionDigits), true)
}

// digitsTo are the digits of such a fraction, one at least. f has some, of which
// the last is no zero.
func digitsTo(f string, strict bool, left int) expr {
	below := seq{digit('0', f[0]-1), digits(0, left-1)}
	switch {
	case len(f) > 1:
		return alt{below, seq{literal(f[:1]), optional(digitsTo(f[1:], strict, left-1))}}
	case strict:
		return below
	}
	return alt{below, seq{literal(f), repeat{literal("0"), bounds{0, left - 1}}}}
}

// fractionBetween is the fractions from a to b.
func fractionBetween(a string, strictA bool, b string, strictB bool) expr {
	return point(digitsBetween(a, strictA, b, strictB, maxFractionDigits), a == "" && !strictA)
}

// digitsBetween are the digits of such a fraction, one at least.
func digitsBetween(a string, strictA bool, b string, strictB bool, left int) expr {
	if a == "" && b == "" {
		if strictA || strictB {
			return alt{}
		}
		return repeat{literal("0"), bounds{1, max(left, 1)}}
	}
	first, last := byte('0'), byte('0')
	restA, restB := "", ""
	if a != "" {
		first, restA = a[0], a[1:]
	}
	if b != "" {
		last, restB = b[0], b[1:]
	}
	switch {
	case first > last:
		return alt{}
	case first == last:
		return seq{literal(string(first)), orEnd(digitsBetween(restA, strictA, restB, strictB, left-1), restA == "" && !strictA && (restB != "" || !strictB))}
	}
	to := expr(nil)
	switch {
	case restB != "":
		to = optional(digitsTo(restB, strictB, left-1))
	case strictB:
		to = alt{}
	default:
		to = repeat{literal("0"), bounds{0, left}}
	}
	return alt{
		seq{literal(string(first)), digitsFrom(restA, strictA, left-1)},
		seq{digit(first+1, last-1), digits(0, left-1)},
		seq{literal(string(last)), to},
	}
}

func orEnd(e expr, end bool) expr {
	if end {
		return optional(e)
	}
	return e
}
