package svg

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/vlmchat/vlmchat/lazyregexp"
)

// rule is a selector with its declarations.
type rule struct {
	steps    []step // the last one is of the element itself
	weight   int    // specificity
	property map[string]string
	strong   map[string]string // those that are !important
}

// step is a compound selector, and how it follows the one before it.
type step struct {
	child        bool // directly within the one before; otherwise anywhere within
	name, id     string
	classes      []string
	first, never bool // :first-child; something that is not known here
}

var comments = lazyregexp.New(`(?s)/\*.*?\*/|<!--|-->`)

// parseSheet reads a style sheet (CSS 2.1): what it does not know it leaves out.
func parseSheet(text string) []rule {
	const maxRules = 10_000
	var rules []rule
	text = comments().ReplaceAllString(text, " ")
	for text != "" && len(rules) < maxRules {
		head, rest, found := strings.Cut(text, "{")
		if !found {
			break
		}
		if i := strings.LastIndexByte(head, ';'); i >= 0 { // @import …;
			head = head[i+1:]
		}
		if strings.HasPrefix(strings.TrimSpace(head), "@") {
			text = behindBlock(rest)
			continue
		}
		body, after, _ := strings.Cut(rest, "}")
		text = after
		property, strong := declarations(body)
		for selector := range strings.SplitSeq(head, ",") {
			steps, weight := parseSelector(selector)
			if len(steps) > 0 {
				rules = append(rules, rule{steps, weight, property, strong})
			}
		}
	}
	return rules
}

// behindBlock returns what follows a block whose brace was just read.
func behindBlock(text string) string {
	depth := 1
	for i := range len(text) {
		switch text[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return text[i+1:]
			}
		}
	}
	return ""
}

// declarations reads "name: value; …".
func declarations(body string) (property, strong map[string]string) {
	property, strong = map[string]string{}, map[string]string{}
	for body != "" {
		var one string
		one, body = cutDeclaration(body)
		name, value, found := strings.Cut(one, ":")
		if !found {
			continue
		}
		name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
		if v, important := strings.CutSuffix(value, "!important"); important {
			strong[name] = strings.TrimSpace(v)
			continue
		}
		property[name] = value
	}
	return property, strong
}

// cutDeclaration cuts at the first semicolon that is not within brackets, as those
// of data URLs are.
func cutDeclaration(s string) (one, rest string) {
	depth := 0
	for i := range len(s) {
		switch s[i] {
		case '(':
			depth++
		case ')':
			depth--
		case ';':
			if depth <= 0 {
				return s[:i], s[i+1:]
			}
		}
	}
	return s, ""
}

var compound = lazyregexp.New(`([.#:]{0,2})([\w*-]+)(\([^)]*\))?`)

func parseSelector(s string) (steps []step, weight int) {
	child := false
	for word := range strings.FieldsSeq(strings.ReplaceAll(s, ">", " > ")) {
		if word == ">" {
			child = true
			continue
		}
		if len(steps) == 16 {
			return nil, 0
		}
		one := step{child: child}
		child = false
		if compound().ReplaceAllString(word, "") != "" {
			one.never = true
		}
		for _, m := range compound().FindAllStringSubmatch(word, 16) {
			switch kind, name := m[1], m[2]; {
			case kind == "" && name != "*":
				one.name = name
				weight++
			case kind == ".":
				one.classes = append(one.classes, name)
				weight += 100
			case kind == "#":
				one.id = name
				weight += 10_000
			case kind == ":" && name == "first-child":
				one.first = true
				weight += 100
			case kind == ":" && name == "root":
				one.name = "svg"
				weight += 100
			case kind != "":
				one.never = true
			}
		}
		steps = append(steps, one)
	}
	return steps, weight
}

// match finds out which declarations apply to each element: those of style sheets
// by their weight, then its own, then those that are important.
func (d *Drawing) match() {
	slices.SortStableFunc(d.rules, func(a, b rule) int { return cmp.Compare(a.weight, b.weight) })
	var walk func(*node)
	walk = func(n *node) {
		if n.name == "" {
			return
		}
		if n.attrs["style"] != "" || len(d.rules) > 0 {
			n.own = d.applied(n)
		}
		for _, c := range n.children {
			walk(c)
		}
	}
	walk(d.root)
}

func (d *Drawing) applied(n *node) map[string]string {
	all := map[string]string{}
	own, ownStrong := declarations(n.attrs["style"])
	for _, r := range d.rules {
		if r.matches(n) {
			maps.Copy(all, r.property)
		}
	}
	maps.Copy(all, own)
	for _, r := range d.rules {
		if len(r.strong) > 0 && r.matches(n) {
			maps.Copy(all, r.strong)
		}
	}
	maps.Copy(all, ownStrong)
	return all
}

func (r rule) matches(n *node) bool {
	matches, _ := matchSteps(r.steps, n)
	return matches
}

// matchSteps tells whether steps lead to an element. If they don't, over says that there were
// too few elements around it: then they lead to none of those either, which have fewer. Not to
// try these is what keeps a selector of many steps from taking for ever in a deep drawing.
func matchSteps(steps []step, n *node) (matches, over bool) {
	last := steps[len(steps)-1]
	if !last.matches(n) {
		return false, false
	}
	if len(steps) == 1 {
		return true, false
	}
	for up := n.parent; up != nil; up = up.parent {
		if matches, over = matchSteps(steps[:len(steps)-1], up); matches || over || last.child {
			return matches, over
		}
	}
	return false, true
}

func (s step) matches(n *node) bool {
	if s.never || s.name != "" && s.name != strings.TrimPrefix(n.name, ":") || s.id != "" && s.id != n.attrs["id"] {
		return false
	}
	if len(s.classes) > 0 {
		has := strings.Fields(n.attrs["class"])
		for _, c := range s.classes {
			if !slices.Contains(has, c) {
				return false
			}
		}
	}
	if s.first && n.parent != nil {
		i := slices.IndexFunc(n.parent.children, func(c *node) bool { return c.name != "" })
		return i >= 0 && n.parent.children[i] == n
	}
	return true
}

// property is what an element says of a property: its style has the last word, an
// attribute the first.
func (n *node) property(name string) string {
	if v, ok := n.own[name]; ok {
		return v
	}
	return n.attr(name)
}
