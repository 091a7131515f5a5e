package markdown

import (
	"strconv"
	"strings"
)

// container is what blocks are in: a quote, or an item of a list.
type container struct {
	quote  bool
	label  string // what an item is drawn with before its first line, a quote before each
	indent int    // columns before what belongs to an item
	least  int    // of them, so many are enough
	fresh  bool   // nothing of it was drawn
}

// continues reports whether a line belongs to a container that is open, and returns
// what it has inside. What is in code belongs to an item however it is indented:
// models are careless there, and the fence says where it ends.
func (c *container) continues(line string, inCode bool) (inner string, ok bool) {
	if c.quote {
		return quoted(line)
	}
	if blank(line) || inCode || indentation(line) >= c.least {
		return outdent(line, c.indent), true
	}
	return "", false
}

// quoted returns what is behind a quote's mark.
func quoted(line string) (inner string, ok bool) {
	if indentation(line) > 3 {
		return "", false
	}
	inner, ok = strings.CutPrefix(strings.TrimLeft(line, " "), ">")
	return strings.TrimPrefix(inner, " "), ok
}

// item returns the item that a line begins, what it has inside, and its number, 0
// if it has none. Models indent lists in lists by two columns under a number, too,
// and by more than is needed.
func item(line string, nested int) (c container, inner string, number int, ok bool) {
	indent := indentation(line)
	rest := strings.TrimLeft(line, " \t")
	size := 0
	switch {
	case rest == "":
		return
	case strings.IndexByte("-*+", rest[0]) >= 0:
		c.label, size = []string{"• ", "◦ ", "▪ "}[min(nested, 2)], 1
	default:
		for size < len(rest) && size < 9 && isDigit(rest[size]) {
			size++
		}
		if size == 0 || size == len(rest) || rest[size] != '.' && rest[size] != ')' {
			return
		}
		number, _ = strconv.Atoi(rest[:size])
		size++
		c.label = rest[:size] + " "
	}
	inner = rest[size:]
	if inner != "" && inner[0] != ' ' && inner[0] != '\t' {
		return
	}
	gap := indentation(inner)
	if gap > 4 || blank(inner) {
		gap = 1 // what follows is code, or comes in the next line
	}
	inner = outdent(inner, gap)
	c.indent, c.least, c.fresh = indent+size+gap, indent+2, true
	if box, task, found := checkbox(inner); found {
		c.label, inner = box, task
	}
	return c, inner, number, true
}

// checkbox takes the box of a task off what an item has inside.
func checkbox(inner string) (box, task string, found bool) {
	for _, box := range []string{"[ ] ", "[x] ", "[X] "} {
		if task, found := strings.CutPrefix(inner+" ", box); found {
			return strings.ToLower(box), strings.TrimSuffix(task, " "), true
		}
	}
	return "", inner, false
}

// blank reports whether there is nothing in a line.
func blank(line string) bool { return strings.TrimLeft(line, " \t") == "" }

// indentation is how many columns a line is indented by.
func indentation(line string) int {
	n := 0
	for _, c := range line {
		switch c {
		case ' ':
			n++
		case '\t':
			n += len(tab)
		default:
			return n
		}
	}
	return n
}

// outdent takes up to so many columns from a line's indentation.
func outdent(line string, columns int) string {
	for columns > 0 && line != "" {
		switch {
		case line[0] == ' ':
			line, columns = line[1:], columns-1
		case line[0] == '\t' && columns < len(tab):
			return tab[columns:] + line[1:]
		case line[0] == '\t':
			line, columns = line[1:], columns-len(tab)
		default:
			return line
		}
	}
	return line
}
