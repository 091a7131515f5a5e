package jsonschema

import (
	"math/big"
	"strconv"
)

func (f *facet) setTypes(v *value) error {
	names := []*value{v}
	if v.kind == list {
		names = v.items
	}
	for _, name := range names {
		t, ok := typeNames[name.text]
		if !ok || name.kind != text {
			return errorAt(name, "there is no such type: null, boolean, integer, number, string, array and object are")
		}
		f.types |= t
	}
	if f.types == 0 {
		return errorAt(v, "no type is allowed")
	}
	return nil
}

// setValues takes an enum or a const.
func (f *facet) setValues(m member) error {
	values := []*value{m.value}
	if m.name == "enum" {
		if values = m.value.items; m.value.kind != list || len(values) == 0 {
			return errorAt(m.value, "enum has to be a list of values")
		}
	}
	if f.fixed {
		values = common(f.values, values)
	}
	f.values, f.fixed = values, true
	return nil
}

// common returns the values of a that are in b.
func common(a, b []*value) []*value {
	keys := map[string]bool{}
	for _, v := range b {
		keys[v.key()] = true
	}
	var both []*value
	for _, v := range a {
		if keys[v.key()] {
			both = append(both, v)
		}
	}
	return both
}

func (f *facet) objectKeyword(m member) error {
	v := m.value
	switch m.name {
	case "properties":
		if v.kind != object {
			return errorAt(v, "properties has to be an object of schemas")
		}
		f.properties = v.members
	case "required":
		if v.kind != list {
			return errorAt(v, "required has to be a list of names")
		}
		for _, name := range v.items {
			if name.kind != text {
				return errorAt(name, "the name of a property is a string")
			}
			f.required = append(f.required, name.text)
		}
	case "additionalProperties":
		f.additional = v
	case "minProperties":
		return setCount(v, &f.propertyCount.least)
	case "maxProperties":
		return setCount(v, &f.propertyCount.most)
	}
	return nil
}

func (f *facet) arrayKeyword(m member) error {
	v := m.value
	switch m.name {
	case "items":
		if v.kind == list {
			return errorAt(v, "a list of schemas is under prefixItems today")
		}
		f.items = v
	case "prefixItems":
		if err := someSchemas(v); err != nil {
			return err
		}
		f.prefix = v.items
	case "minItems":
		return setCount(v, &f.itemCount.least)
	case "maxItems":
		return setCount(v, &f.itemCount.most)
	}
	return nil
}

func (f *facet) stringKeyword(m member) error {
	v := m.value
	switch m.name {
	case "pattern", "format":
		if v.kind != text {
			return errorAt(v, "%s has to be a string", m.name)
		}
		p := pattern{v, v.text, v.text}
		if m.name == "format" {
			var ok bool
			if p.written, ok = formats[v.text]; !ok {
				return errorAt(v, "the format %q is not among those that vlmchat knows (%s): use pattern, or take it out", v.text, formatNames())
			}
			if p.conforms, ok = wider[v.text]; !ok {
				p.conforms = p.written
			}
		}
		f.patterns = append(f.patterns, p)
	case "minLength":
		return setCount(v, &f.length.least)
	case "maxLength":
		return setCount(v, &f.length.most)
	}
	return nil
}

func (f *facet) numberKeyword(m member) error {
	v := m.value
	if v.kind != number {
		return errorAt(v, "%s has to be a number", m.name)
	}
	n, err := rational(v.text)
	if err != nil {
		return errorAt(v, "%w", err)
	}
	whole := new(big.Int).Quo(n.Num(), n.Denom())
	if digits, exact := n.FloatPrec(); !exact || digits > maxFractionDigits || len(whole.String()) > maxWholeDigits {
		return errorAt(v, "a limit has at most %d digits before the point and %d behind it", maxWholeDigits, maxFractionDigits)
	}
	l := &limit{v, n, m.name[0] == 'e'}
	switch m.name {
	case "minimum", "exclusiveMinimum":
		f.lower = higher(f.lower, l)
	default:
		f.upper = lower(f.upper, l)
	}
	return nil
}

// higher returns the limit that allows fewer of the numbers above.
func higher(a, b *limit) *limit {
	if a == nil || b != nil && (b.number.Cmp(a.number) > 0 || b.number.Cmp(a.number) == 0 && b.strict) {
		return b
	}
	return a
}

// lower returns the limit that allows fewer of the numbers below.
func lower(a, b *limit) *limit {
	if a == nil || b != nil && (b.number.Cmp(a.number) < 0 || b.number.Cmp(a.number) == 0 && b.strict) {
		return b
	}
	return a
}

// setCount takes the number of items, characters or properties.
func setCount(v *value, n *int) error {
	count, err := strconv.Atoi(v.text)
	switch {
	case v.kind != number || v.text[0] == '-' || err != nil && len(v.text) <= 6:
		return errorAt(v, "it has to be a whole number from 0")
	case err != nil || count > maxLength:
		return errorAt(v, "at most %d can be asked for: take it out if there is no limit", maxLength)
	}
	*n = count
	return nil
}
