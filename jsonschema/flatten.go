package jsonschema

import (
	"math/big"
	"net/url"
	"strconv"
	"strings"
)

// A schema at one place is the conjunction of terms: its own keywords, those of
// what it refers to and of its allOf, and a choice for each anyOf and oneOf.
type term struct {
	id     int
	facet  *facet
	choice *choice
}

// facet is what a schema says by itself.
type facet struct {
	at     *value
	said   bool // anything but annotations
	never  bool // the schema false
	types  types
	values []*value // of enum or const; nil if there is neither
	fixed  bool     // there is one of them

	properties []member
	required   []string
	additional *value

	prefix []*value
	items  *value

	patterns     []pattern
	lower, upper *limit

	propertyCount, itemCount, length bounds
}

// bounds are the least and the most of something; most is -1 without limit.
type bounds struct{ least, most int }

func (b *bounds) narrow(other bounds) {
	b.least = max(b.least, other.least)
	if b.most < 0 || other.most >= 0 && other.most < b.most {
		b.most = other.most
	}
}

// limit is the least or the greatest number that is allowed, or, strict, the one
// that is just not.
type limit struct {
	at     *value
	number *big.Rat
	strict bool
}

// pattern is what a string has to match, at being where the schema says so: the
// regular expression of those that are written, and that of those that conform.
type pattern struct {
	at                *value
	written, conforms string
}

// choice is an anyOf, or a oneOf, of which no two may hold at once.
type choice struct {
	at   *value
	of   []*value
	only bool
}

// types is a set of kinds of values.
type types uint

const (
	isNull types = 1 << iota
	isBoolean
	isInteger
	isNumber // that is no integer, or is one
	isString
	isArray
	isObject
	anyType = 1<<iota - 1
)

var typeNames = map[string]types{
	"null": isNull, "boolean": isBoolean, "integer": isInteger, "number": isNumber | isInteger,
	"string": isString, "array": isArray, "object": isObject,
}

// annotations are keywords that don't restrict anything.
var annotations = map[string]bool{
	"title": true, "description": true, "default": true, "examples": true, "example": true, "$schema": true,
	"$comment": true, "deprecated": true, "readOnly": true, "writeOnly": true, "contentEncoding": true,
	"contentMediaType": true, "discriminator": true, "$defs": true, "definitions": true,
}

// unsupported are keywords that a grammar can't, or does not, express, and what
// to do about each.
var unsupported = map[string]string{
	"not":                   "say what is allowed instead, with enum or anyOf",
	"if":                    "write the cases out with anyOf",
	"then":                  "write the cases out with anyOf",
	"else":                  "write the cases out with anyOf",
	"multipleOf":            "take it out, or use integer for multiples of 1, or enum",
	"uniqueItems":           "take it out, and drop repeated items yourself",
	"contains":              "take it out, or name the item with prefixItems",
	"minContains":           "take it out",
	"maxContains":           "take it out",
	"patternProperties":     "name the properties, or use additionalProperties",
	"propertyNames":         "name the properties, or use additionalProperties without it",
	"dependentRequired":     "write the cases out with anyOf",
	"dependentSchemas":      "write the cases out with anyOf",
	"dependencies":          "write the cases out with anyOf",
	"unevaluatedProperties": "use additionalProperties",
	"unevaluatedItems":      "use items",
	"additionalItems":       "use prefixItems with items",
	"nullable":              `use "type": ["string", "null"], with the type that is meant`,
	"$anchor":               "refer to the schema by its place, as #/$defs/name",
	"$dynamicRef":           "refer to the schema by its place, as #/$defs/name",
	"$dynamicAnchor":        "refer to the schema by its place, as #/$defs/name",
	"$recursiveRef":         "refer to the schema by its place, as #/$defs/name",
	"$recursiveAnchor":      "refer to the schema by its place, as #/$defs/name",
}

// flatten returns the terms of a schema.
func (c *compiler) flatten(v *value) ([]*term, error) {
	if known, ok := c.terms[v]; ok {
		return known, nil
	}
	if c.flattening[v] {
		return nil, errorAt(v, "the schema refers to itself and to nothing else")
	}
	c.flattening[v] = true
	defer delete(c.flattening, v)
	var all []*term
	switch {
	case v.kind == boolean && v.text == "true":
	case v.kind == boolean:
		all = append(all, c.newTerm(&facet{at: v, never: true}, nil))
	case v.kind == object:
		var err error
		if all, err = c.keywords(v); err != nil {
			return nil, err
		}
	default:
		return nil, errorAt(v, "a schema is an object, true or false, and this is of type %s", v.kind)
	}
	c.terms[v] = all
	return all, nil
}

func (c *compiler) newTerm(f *facet, ch *choice) *term {
	c.lastTerm++
	return &term{id: c.lastTerm, facet: f, choice: ch}
}

// keywords returns the terms of a schema that is an object.
func (c *compiler) keywords(v *value) ([]*term, error) {
	f := &facet{at: v, propertyCount: bounds{0, -1}, itemCount: bounds{0, -1}, length: bounds{0, -1}}
	all := []*term{c.newTerm(f, nil)}
	add := func(schema *value) error {
		terms, err := c.flatten(schema)
		all = union(all, terms)
		return err
	}
	for _, m := range v.members {
		var err error
		switch m.name {
		case "$ref":
			var target *value
			if target, err = c.resolve(m.value); err == nil {
				err = add(target)
			}
		case "allOf":
			if err = someSchemas(m.value); err == nil {
				for _, schema := range m.value.items {
					if err = add(schema); err != nil {
						break
					}
				}
			}
		case "anyOf", "oneOf":
			err = someSchemas(m.value)
			all = append(all, c.newTerm(nil, &choice{at: m.value, of: m.value.items, only: m.name == "oneOf"}))
		default:
			err = f.keyword(m)
		}
		if err != nil {
			return nil, err
		}
	}
	if !f.said { // what holds anywhere else has one rule with it
		all = all[1:]
	}
	return all, nil
}

func someSchemas(v *value) error {
	if v.kind != list || len(v.items) == 0 {
		return errorAt(v, "it has to be a list of schemas")
	}
	return nil
}

// resolve finds the schema that a $ref names, within the same document.
func (c *compiler) resolve(ref *value) (*value, error) {
	fragment, inside := strings.CutPrefix(ref.text, "#")
	if ref.kind != text || !inside || fragment != "" && fragment[0] != '/' {
		return nil, errorAt(ref, "only schemas of the same file can be referred to, by their place: #/$defs/name")
	}
	place, err := url.PathUnescape(fragment)
	if err != nil {
		return nil, errorAt(ref, "%q is no JSON pointer", ref.text)
	}
	at := c.root
	for _, token := range strings.Split(place, "/")[1:] {
		token = strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
		next := at.member(token)
		if n, err := strconv.Atoi(token); at.kind == list && err == nil && n >= 0 && n < len(at.items) {
			next = at.items[n]
		}
		if next == nil {
			return nil, errorAt(ref, "there is no %q in the schema", ref.text)
		}
		at = next
	}
	return at, nil
}

// keyword takes one that says something of values.
func (f *facet) keyword(m member) error {
	v := m.value
	advice, known := unsupported[m.name]
	switch {
	case annotations[m.name] || strings.HasPrefix(m.name, "x-") || m.name == "$id" && f.at.parent == nil:
		return nil
	case m.name == "uniqueItems" && v.text == "false":
		return nil
	case known:
		return errorAt(v, "a model can't be held to %q: %s", m.name, advice)
	}
	f.said = true
	switch m.name {
	case "type":
		return f.setTypes(v)
	case "enum", "const":
		return f.setValues(m)
	case "properties", "required", "additionalProperties", "minProperties", "maxProperties":
		return f.objectKeyword(m)
	case "items", "prefixItems", "minItems", "maxItems":
		return f.arrayKeyword(m)
	case "pattern", "format", "minLength", "maxLength":
		return f.stringKeyword(m)
	case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum":
		return f.numberKeyword(m)
	}
	return errorAt(v, "%q is no keyword that vlmchat knows: take it out, or correct it", m.name)
}

// supported reads all that the root is made of.
func (c *compiler) supported() error {
	todo := []*value{c.root}
	seen := map[*value]bool{}
	for len(todo) > 0 {
		v := todo[len(todo)-1]
		if todo = todo[:len(todo)-1]; v == nil || seen[v] {
			continue
		}
		seen[v] = true
		terms, err := c.flatten(v)
		if err != nil {
			return err
		}
		// Alternatives that lead back to themselves are found with any value.
		if _, err := c.conforms(&value{kind: null, text: "null"}, terms); err != nil {
			return err
		}
		for _, t := range terms {
			if t.choice != nil {
				todo = append(todo, t.choice.of...)
				continue
			}
			for _, p := range t.facet.patterns {
				if _, err := p.compiled(); err != nil {
					return err
				}
			}
			for _, m := range t.facet.properties {
				todo = append(todo, m.value)
			}
			todo = append(append(todo, t.facet.prefix...), t.facet.additional, t.facet.items)
		}
	}
	return nil
}
