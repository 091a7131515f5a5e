package jsonschema

import (
	"fmt"
	"regexp"
	"unicode/utf8"
)

// fixedValues is the values of an enum or a const to which nothing else objects.
func (c *compiler) fixedValues(all *combined) (expr, error) {
	var parts alt
	var strings, others []string
	for _, v := range all.values {
		ok, err := c.agrees(v, all)
		switch {
		case err != nil:
			return nil, err
		case !ok:
		case v.kind == text:
			strings = append(strings, v.text)
		case v.kind == list || v.kind == object:
			parts = append(parts, c.exactly(v))
		default:
			others = append(others, v.text)
		}
	}
	if len(strings) == 1 {
		parts = append(parts, literal(jsonString(strings[0])))
	} else {
		// What begins alike is one way to go on, however many values there are.
		one, err := c.machine(texts(strings), all.at)
		if err != nil {
			return nil, err
		}
		parts = append(parts, seq{literal(`"`), one, literal(`"`)})
	}
	one, err := c.machine(texts(others), all.at)
	return append(parts, one), err
}

// exactly is one value, with blanks as they may be.
func (c *compiler) exactly(v *value) expr {
	var inside seq
	add := func(what expr) {
		if len(inside) > 0 {
			what = c.next(what)
		}
		inside = append(inside, what)
	}
	switch v.kind {
	case text:
		return literal(jsonString(v.text))
	case list:
		for _, item := range v.items {
			add(c.exactly(item))
		}
		return c.within("[", "]", inside, len(inside) == 0)
	case object:
		for _, m := range v.members {
			add(c.member(literal(jsonString(m.name)), c.exactly(m.value)))
		}
		return c.within("{", "}", inside, len(inside) == 0)
	}
	return literal(v.text)
}

// conforms tells whether a value conforms to terms.
func (c *compiler) conforms(v *value, terms []*term) (bool, error) {
	this := check{v, keyOf(terms)}
	if c.checking[this] {
		return false, errorAt(c.root, "a schema in it is one of its own alternatives")
	}
	c.checking[this] = true
	defer delete(c.checking, this)
	var facets []*facet
	for _, t := range terms {
		if t.facet != nil {
			facets = append(facets, t.facet)
			continue
		}
		if ok, err := c.holds(v, t.choice); err != nil || !ok {
			return false, err
		}
	}
	all, err := c.combine(facets)
	if err != nil {
		return false, err
	}
	ok := !all.fixed || len(common([]*value{v}, all.values)) > 0
	if ok {
		ok, err = c.agrees(v, all)
	}
	if !ok && c.mismatch == nil {
		c.mismatch = fmt.Errorf("at %s it is not as %s wants it", v.pointer(), all.at.pointer())
	}
	return ok, err
}

// holds tells whether an anyOf or a oneOf does.
func (c *compiler) holds(v *value, ch *choice) (bool, error) {
	before, held := c.mismatch, 0
	for _, schema := range ch.of {
		if err := c.step(schema, 1); err != nil {
			return false, err
		}
		terms, err := c.flatten(schema)
		if err != nil {
			return false, err
		}
		ok, err := c.conforms(v, terms)
		if err != nil {
			return false, err
		}
		if ok {
			held++
		}
	}
	if c.mismatch = before; held == 0 || ch.only && held > 1 {
		if before == nil {
			c.mismatch = fmt.Errorf("at %s it is not as %s wants it: %d of the alternatives hold", v.pointer(), ch.at.pointer(), held)
		}
		return false, nil
	}
	return true, nil
}

// agrees tells whether a value conforms to everything but an enum.
func (c *compiler) agrees(v *value, all *combined) (bool, error) {
	if all.never || all.types&typeOf(v) == 0 {
		return false, nil
	}
	switch v.kind {
	case number:
		return v.inLimits(all.lower, all.upper)
	case text:
		return v.matches(all)
	case list:
		return c.itemsAgree(v, all)
	case object:
		return c.membersAgree(v, all)
	}
	return true, nil
}

// typeOf is the type of a value. 1.0 is an integer.
func typeOf(v *value) types {
	if v.kind == number {
		if r, err := rational(v.text); err == nil && r.IsInt() {
			return isInteger
		}
		return isNumber
	}
	return typeNames[string(v.kind)]
}

func (v *value) inLimits(lower, upper *limit) (bool, error) {
	if lower == nil && upper == nil {
		return true, nil
	}
	r, err := rational(v.text)
	if err != nil {
		return false, errorAt(v, "%w", err)
	}
	if lower != nil {
		if order := r.Cmp(lower.number); order < 0 || order == 0 && lower.strict {
			return false, nil
		}
	}
	if upper != nil {
		if order := r.Cmp(upper.number); order > 0 || order == 0 && upper.strict {
			return false, nil
		}
	}
	return true, nil
}

func (v *value) matches(all *combined) (bool, error) {
	if !all.length.hold(utf8.RuneCountInString(v.text)) {
		return false, nil
	}
	for _, p := range all.patterns {
		expression, err := p.compiled()
		if err != nil {
			return false, err
		}
		if !expression.MatchString(v.text) {
			return false, nil
		}
	}
	return true, nil
}

// compiled is the regular expression of strings that conform.
func (p pattern) compiled() (*regexp.Regexp, error) {
	expression, err := regexp.Compile(toGo(p.conforms))
	if err != nil {
		return nil, errorAt(p.at, "the pattern can't be used: %w", err)
	}
	return expression, nil
}

func (b bounds) hold(n int) bool { return n >= b.least && (b.most < 0 || n <= b.most) }

func (c *compiler) itemsAgree(v *value, all *combined) (bool, error) {
	if !all.itemCount.hold(len(v.items)) {
		return false, nil
	}
	for i, item := range v.items {
		terms := all.items
		if i < len(all.prefix) {
			terms = all.prefix[i]
		}
		if ok, err := c.conforms(item, terms); err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}

func (c *compiler) membersAgree(v *value, all *combined) (bool, error) {
	if !all.propertyCount.hold(len(v.members)) {
		return false, nil
	}
	named := map[string]bool{}
	for _, p := range all.properties {
		named[p.name] = true
		m := v.member(p.name)
		if m == nil {
			if p.required {
				return false, nil
			}
			continue
		}
		if ok, err := c.conforms(m, p.terms); err != nil || !ok {
			return false, err
		}
	}
	for _, m := range v.members {
		if named[m.name] {
			continue
		}
		if ok, err := c.conforms(m.value, all.additional); err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}
