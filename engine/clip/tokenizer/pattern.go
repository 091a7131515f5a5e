package tokenizer

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// patternSource is a pattern in a tokenizer.json: a text, or a regular expression in the
// syntax of the Oniguruma library.
type patternSource struct {
	String *string `json:"String"`
	Regex  *string `json:"Regex"`
}

// pattern is what is looked for.
type pattern struct {
	text       string
	expression *regexp.Regexp // nil for a text
}

// maxPattern bounds expressions; the longest of a CLIP has some hundred characters.
const maxPattern = 4 << 10

func (p patternSource) compile() (*pattern, error) {
	switch {
	case p.String != nil:
		return &pattern{text: *p.String}, nil
	case p.Regex == nil:
		return nil, errors.New("a pattern is neither a String nor a Regex")
	case len(*p.Regex) > maxPattern:
		return nil, fmt.Errorf("an expression has more than %d characters", maxPattern)
	}
	expression, err := translate(*p.Regex)
	if err != nil {
		return nil, fmt.Errorf("the expression %q is not supported: %w", *p.Regex, err)
	}
	compiled, err := regexp.Compile(expression)
	if err != nil {
		return nil, fmt.Errorf("the expression %q is not supported: %w", *p.Regex, err)
	}
	return &pattern{expression: compiled}, nil
}

// whiteSpace is what \s is with Unicode; Go's has ASCII alone.
const whiteSpace = `\t-\r \x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}`

// translate writes an expression of Oniguruma as one of Go. What means something else in
// Go is refused here, what Go doesn't know by its compiler.
func translate(s string) (string, error) {
	var b strings.Builder
	class := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s):
			i++
			switch s[i] {
			case 's':
				if class {
					b.WriteString(whiteSpace)
				} else {
					b.WriteString("[" + whiteSpace + "]")
				}
			case 'S':
				if class {
					return "", errors.New(`\S in brackets`)
				}
				b.WriteString("[^" + whiteSpace + "]")
			case 'd':
				b.WriteString(`\p{Nd}`)
			case 'w', 'W', 'D', 'h', 'H', 'b', 'B', 'R', 'X', 'G', 'K':
				return "", fmt.Errorf(`\%c`, s[i])
			default:
				b.WriteString(s[i-1 : i+1])
			}
		case c == '[' && class:
			return "", errors.New("brackets in brackets")
		case c == '&' && class && strings.HasPrefix(s[i:], "&&"):
			return "", errors.New("&& in brackets")
		case c == '[':
			class = true
			b.WriteByte(c)
		case c == ']':
			class = false
			b.WriteByte(c)
		case (c == '^' || c == '$') && !class:
			return "", errors.New("anchors")
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), nil
}

// find returns where the pattern is in a text, from left to right.
func (p *pattern) find(s string) [][]int {
	if p.expression != nil {
		return p.expression.FindAllStringIndex(s, -1)
	}
	if p.text == "" {
		return nil
	}
	var found [][]int
	for from := 0; ; {
		i := strings.Index(s[from:], p.text)
		if i < 0 {
			return found
		}
		found = append(found, []int{from + i, from + i + len(p.text)})
		from += i + len(p.text)
	}
}

func (p *pattern) replace(s, by string) string {
	if p.expression != nil {
		return p.expression.ReplaceAllLiteralString(s, by)
	}
	if p.text == "" {
		return s
	}
	return strings.ReplaceAll(s, p.text, by)
}
