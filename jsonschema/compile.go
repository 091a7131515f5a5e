package jsonschema

import (
	"errors"
	"fmt"
	"strings"
)

// compiler makes rules of schemas.
type compiler struct {
	root       *value
	terms      map[*value][]*term // of the schemas that were flattened
	flattening map[*value]bool
	lastTerm   int

	rules  map[string]*rule // by the terms that they are for
	shared map[string]*rule // by name
	all    []*rule
	queue  []func() error // what makes the bodies of rules
	steps  int            // that are left

	// Of checking a value: what is being checked, and the first that did not
	// conform.
	checking map[check]bool
	mismatch error
}

type check struct {
	value *value
	terms string
}

func newCompiler(root *value) *compiler {
	return &compiler{
		root: root, terms: map[*value][]*term{}, flattening: map[*value]bool{},
		rules: map[string]*rule{}, shared: map[string]*rule{}, checking: map[check]bool{},
		steps: maxSteps,
	}
}

// compile returns the rule for a whole document.
func (c *compiler) compile() (*rule, error) {
	terms, err := c.flatten(c.root)
	if err != nil {
		return nil, err
	}
	document, err := c.ruleFor(terms, c.root)
	if err != nil {
		return nil, err
	}
	for len(c.queue) > 0 {
		next := c.queue[0]
		c.queue = c.queue[1:]
		if err := next(); err != nil {
			return nil, err
		}
	}
	c.findWritable()
	if !document.writable {
		return nil, errors.New("no document conforms to it: its keywords contradict each other, or it contains itself without an end")
	}
	return document, c.checkChoices(document)
}

// step counts work, so that a schema can't ask for very much of it.
func (c *compiler) step(at *value, n int) error {
	if c.steps -= n; c.steps < 0 {
		return errorAt(at, "the schema is too large, with its combinations of allOf, anyOf and oneOf written out")
	}
	return nil
}

// newRule makes one, to be given its body later.
func (c *compiler) newRule(at *value) (*rule, error) {
	if len(c.all) >= maxRules {
		return nil, errorAt(at, "the grammar for it has more than %d rules: make the schema smaller", maxRules)
	}
	r := &rule{name: fmt.Sprintf("%s-%d", ruleName(at), len(c.all))}
	c.all = append(c.all, r)
	return r, nil
}

// ruleName is what of a schema's place helps a reader of the grammar.
func ruleName(at *value) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, at.token)
	if name == "" {
		return "value"
	}
	return name[:min(len(name), 20)]
}

// share returns the rule known as name, which says the same wherever it is used.
func (c *compiler) share(name string, body func() expr) *rule {
	r, ok := c.shared[name]
	if !ok {
		r = &rule{name: name}
		if strings.Contains(name, " ") {
			r.name = fmt.Sprintf("set%d", len(c.shared))
		}
		c.shared[name], c.all = r, append(c.all, r)
		r.body = body()
	}
	return r
}

// schemaRule returns the rule for what conforms to terms, and to a schema.
func (c *compiler) ruleFor(terms []*term, at *value) (*rule, error) {
	key := keyOf(terms)
	if r, ok := c.rules[key]; ok {
		return r, nil
	}
	r, err := c.newRule(at)
	if err != nil {
		return nil, err
	}
	c.rules[key] = r
	c.queue = append(c.queue, func() error {
		body, err := c.choices(terms, at, r, map[string]bool{})
		r.body = body
		return err
	})
	return r, nil
}

// choices writes the choices among terms out: one alternative for each branch.
// The path holds the terms whose choices are being written.
func (c *compiler) choices(terms []*term, at *value, r *rule, path map[string]bool) (expr, error) {
	var ch *choice
	var rest []*term
	for _, t := range terms {
		if ch == nil && t.choice != nil {
			ch = t.choice
			continue
		}
		rest = append(rest, t)
	}
	if ch == nil {
		return c.plain(terms)
	}
	key := keyOf(terms)
	if path[key] {
		return nil, errorAt(ch.at, "the schema is one of its own alternatives")
	}
	if err := c.step(at, len(ch.of)); err != nil {
		return nil, err
	}
	path[key] = true
	defer delete(path, key)
	var all alt
	branches := make([][]*term, len(ch.of))
	for i, schema := range ch.of {
		own, err := c.flatten(schema)
		if err != nil {
			return nil, err
		}
		branches[i] = union(rest, own)
		var branch expr
		if hasChoice(branches[i]) {
			branch, err = c.choices(branches[i], schema, r, path)
		} else {
			branch, err = c.refTo(branches[i], schema)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, branch)
	}
	if ch.only {
		return all, c.expectDisjoint(r, ch, branches)
	}
	return all, nil
}

func hasChoice(terms []*term) bool {
	for _, t := range terms {
		if t.choice != nil {
			return true
		}
	}
	return false
}

// refTo is an expression for what conforms to terms.
func (c *compiler) refTo(terms []*term, at *value) (expr, error) {
	r, err := c.ruleFor(terms, at)
	return ref{r}, err
}

// overlap is a rule for what conforms to two alternatives of a oneOf at once.
// Nothing may.
type overlap struct {
	both   *rule
	choice *choice
	a, b   int
}

// expectDisjoint takes note of what to check when all rules are made, if the
// rule is used at all.
func (c *compiler) expectDisjoint(r *rule, ch *choice, branches [][]*term) error {
	for b := range branches {
		for a := range b {
			together := union(branches[a], branches[b])
			contradictory, err := c.contradict(together, 2)
			if err != nil {
				return err
			}
			if contradictory {
				continue
			}
			both, err := c.ruleFor(together, ch.of[b])
			if err != nil {
				return err
			}
			r.overlaps = append(r.overlaps, overlap{both, ch, a, b})
		}
	}
	return nil
}

// contradict tells, where that is seen at once, that nothing conforms to terms:
// they have no type or value in common, or a required property for which that
// is so, up to a depth.
func (c *compiler) contradict(terms []*term, depth int) (bool, error) {
	if hasChoice(terms) || depth == 0 {
		return false, nil
	}
	all, err := c.combine(facetsOf(terms))
	if err != nil || all.never || all.types == 0 || all.fixed && len(all.values) == 0 {
		return err == nil, err
	}
	for _, p := range all.properties {
		if !p.required || all.types != isObject {
			continue
		}
		if no, err := c.contradict(p.terms, depth-1); err != nil || no {
			return no, err
		}
	}
	return false, nil
}

func facetsOf(terms []*term) []*facet {
	facets := make([]*facet, len(terms))
	for i, t := range terms {
		facets[i] = t.facet
	}
	return facets
}

// checkChoices makes sure that no document of the grammar conforms to two
// alternatives of a oneOf.
func (c *compiler) checkChoices(document *rule) error {
	for _, r := range reachable(document) {
		for _, o := range r.overlaps {
			if o.both.writable {
				return errorAt(o.choice.at, "the alternatives %d and %d may hold at once, which oneOf forbids: "+
					"use anyOf, or give both a required property with a different const", o.a, o.b)
			}
		}
	}
	return nil
}

// plain is what conforms to terms without choices.
func (c *compiler) plain(terms []*term) (expr, error) {
	facets := facetsOf(terms)
	all, err := c.combine(facets)
	if err != nil || all.never {
		return alt{}, err
	}
	all.imply(facets)
	if all.fixed {
		return c.fixedValues(all)
	}
	var kinds alt
	for _, k := range []struct {
		is   types
		make func(*combined) (expr, error)
	}{
		{isNull, func(*combined) (expr, error) { return literal("null"), nil }},
		{isBoolean, func(*combined) (expr, error) { return alt{literal("true"), literal("false")}, nil }},
		{isNumber, func(all *combined) (expr, error) { return c.numbers(all), nil }},
		{isInteger, func(all *combined) (expr, error) { return c.integers(all), nil }},
		{isString, c.strings},
		{isArray, c.array},
		{isObject, c.object},
	} {
		if all.types&k.is == 0 || k.is == isInteger && all.types&isNumber != 0 {
			continue
		}
		e, err := k.make(all)
		if err != nil {
			return nil, err
		}
		kinds = append(kinds, e)
	}
	return kinds, nil
}
