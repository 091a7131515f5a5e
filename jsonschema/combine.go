package jsonschema

import (
	"slices"
	"strconv"
	"strings"
)

// union puts terms together that hold at the same place, each once, in their
// order.
func union(a, b []*term) []*term {
	all := slices.Clip(a)
	for _, t := range b {
		if !slices.Contains(a, t) {
			all = append(all, t)
		}
	}
	return all
}

// keyOf is the same for the same terms, in whatever order.
func keyOf(terms []*term) string {
	ids := make([]int, len(terms))
	for i, t := range terms {
		ids[i] = t.id
	}
	slices.Sort(ids)
	var b strings.Builder
	for _, id := range ids {
		b.WriteString(strconv.Itoa(id))
		b.WriteByte(' ')
	}
	return b.String()
}

// combined is what all facets of a place say together.
type combined struct {
	at     *value // the first one's place, for errors
	never  bool
	types  types
	values []*value
	fixed  bool

	properties []property
	additional []*term
	open       bool // there may be other members

	prefix [][]*term
	items  []*term
	more   bool // there may be items behind the prefix

	patterns     []pattern
	lower, upper *limit

	propertyCount, itemCount, length bounds
}

type property struct {
	name     string
	terms    []*term
	required bool
}

// combine puts facets together.
func (c *compiler) combine(facets []*facet) (*combined, error) {
	all := &combined{
		at: c.root, types: anyType, propertyCount: bounds{0, -1}, itemCount: bounds{0, -1}, length: bounds{0, -1},
	}
	if len(facets) > 0 {
		all.at = facets[0].at
	}
	for _, f := range facets {
		all.never = all.never || f.never
		if f.types != 0 {
			all.types &= f.types
		}
		switch {
		case f.fixed && all.fixed:
			all.values = common(all.values, f.values)
		case f.fixed:
			all.values, all.fixed = f.values, true
		}
		all.patterns = append(all.patterns, f.patterns...)
		all.lower, all.upper = higher(all.lower, f.lower), lower(all.upper, f.upper)
		all.propertyCount.narrow(f.propertyCount)
		all.itemCount.narrow(f.itemCount)
		all.length.narrow(f.length)
	}
	if err := c.combineProperties(all, facets); err != nil {
		return nil, err
	}
	return all, c.combineItems(all, facets)
}

// imply restricts what is written to the types that the keywords are about, if
// no type is said: who lists properties means an object, though anything else
// would conform.
func (all *combined) imply(facets []*facet) {
	var implied types
	for _, f := range facets {
		if f.types != 0 || f.fixed {
			return
		}
		if f.properties != nil || f.required != nil || f.additional != nil || f.propertyCount != (bounds{0, -1}) {
			implied |= isObject
		}
		if f.prefix != nil || f.items != nil || f.itemCount != (bounds{0, -1}) {
			implied |= isArray
		}
		if f.patterns != nil || f.length != (bounds{0, -1}) {
			implied |= isString
		}
		if f.lower != nil || f.upper != nil {
			implied |= isNumber | isInteger
		}
	}
	if implied != 0 {
		all.types &= implied
	}
}

func (c *compiler) combineProperties(all *combined, facets []*facet) error {
	place := map[string]int{}
	name := func(s string) int {
		i, ok := place[s]
		if !ok {
			i = len(all.properties)
			place[s], all.properties = i, append(all.properties, property{name: s})
		}
		return i
	}
	named := false
	for _, f := range facets {
		named = named || f.properties != nil
		for _, m := range f.properties {
			name(m.name)
		}
		if f.additional != nil {
			all.open = true
			terms, err := c.flatten(f.additional)
			if err != nil {
				return err
			}
			all.additional = union(all.additional, terms)
		}
	}
	for _, f := range facets {
		for _, s := range f.required {
			all.properties[name(s)].required = true
		}
	}
	all.open = all.open || !named
	for _, f := range facets {
		own := map[string]*value{}
		for _, m := range f.properties {
			own[m.name] = m.value
		}
		for i := range all.properties {
			p := &all.properties[i]
			schema := own[p.name]
			if schema == nil {
				schema = f.additional
			}
			if schema == nil {
				continue
			}
			terms, err := c.flatten(schema)
			if err != nil {
				return err
			}
			p.terms = union(p.terms, terms)
		}
	}
	return c.step(all.at, len(facets)*len(all.properties))
}

func (c *compiler) combineItems(all *combined, facets []*facet) error {
	longest := 0
	for _, f := range facets {
		longest = max(longest, len(f.prefix))
		if f.items != nil {
			all.more = true
			terms, err := c.flatten(f.items)
			if err != nil {
				return err
			}
			all.items = union(all.items, terms)
		}
	}
	all.prefix = make([][]*term, longest)
	for _, f := range facets {
		for i := range longest {
			schema := f.items
			if i < len(f.prefix) {
				schema = f.prefix[i]
			}
			if schema == nil {
				continue
			}
			terms, err := c.flatten(schema)
			if err != nil {
				return err
			}
			all.prefix[i] = union(all.prefix[i], terms)
		}
	}
	all.more = all.more || longest == 0 || all.itemCount.least > longest
	return c.step(all.at, len(facets)*longest)
}
