package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vlmchat/vlmchat/engine/llamacpp"
)

// check compares what the binding uses with what a build's headers declare, and
// with the rows of layouts.txt. It returns what does not agree, a line each.
func check(u llamacpp.Uses, h *header, rows []row) []string {
	c := checker{header: h, uses: u, rows: rows}
	for _, f := range u.Functions {
		c.function(f)
	}
	for _, f := range u.Fields {
		c.field(f)
	}
	for _, name := range parameterStructs(u) {
		c.layout(name)
	}
	for name, forms := range u.Structs {
		c.fixed(name, forms)
	}
	for _, constant := range u.Constants {
		c.constant(constant)
	}
	slices.Sort(c.found)
	return c.found
}

type checker struct {
	header *header
	uses   llamacpp.Uses
	rows   []row
	found  []string
}

func (c *checker) report(format string, args ...any) {
	c.found = append(c.found, fmt.Sprintf(format, args...))
}

// parse reads one declaration.
func parse(declaration string) *header {
	h := &header{functions: map[string]function{}, structs: map[string][]field{}, enums: map[string]int64{}, typedefs: map[string]string{}}
	h.parse(declaration + ";")
	return h
}

func (c *checker) function(use llamacpp.Function) {
	for name, want := range parse(use.Declaration).functions {
		got, ok := c.header.functions[name]
		if c.isOlder(use.Older) {
			continue
		}
		if !ok {
			if !use.Optional {
				c.report("function %s is missing", name)
			}
			continue
		}
		switch {
		case !c.sameType(got.result, want.result):
			c.report("function %s returns %s, not %s", name, got.result, want.result)
		case len(got.params) != len(want.params):
			c.report("function %s has %d parameters, not %d", name, len(got.params), len(want.params))
		}
		for i := range min(len(got.params), len(want.params)) {
			if !c.sameType(got.params[i], want.params[i]) {
				c.report("function %s: parameter %d is %s, not %s", name, i+1, got.params[i], want.params[i])
			}
		}
		if floats := slices.ContainsFunc(append([]string{got.result}, got.params...), c.isFloat); floats && !use.Typed {
			c.report("function %s has a float and is called without a Go function type", name)
		}
	}
}

// isOlder reports whether the headers declare the older form of a function.
func (c *checker) isOlder(declaration string) bool {
	for name, want := range parse(declaration).functions {
		if got, ok := c.header.functions[name]; ok && c.same(got, want) {
			return true
		}
	}
	return false
}

func (c *checker) same(a, b function) bool {
	return c.sameType(a.result, b.result) && slices.EqualFunc(a.params, b.params, c.sameType)
}

// sameType compares types, by what typedefs mean where their names differ.
func (c *checker) sameType(a, b string) bool {
	return a == b || c.header.resolve(a) == c.header.resolve(b)
}

func (c *checker) isFloat(ctype string) bool {
	t := c.header.resolve(ctype)
	return t == "float" || t == "double"
}

func (c *checker) field(use llamacpp.Field) {
	members, ok := c.header.structs[use.Struct]
	if !ok {
		return // layout reports it
	}
	want := parseField(use.Declaration)
	i := slices.IndexFunc(members, func(m field) bool { return m.name == want.name })
	switch {
	case i < 0 && !use.Optional:
		c.report("struct %s: field %s is missing", use.Struct, want.name)
	case i >= 0 && !c.sameType(members[i].ctype, want.ctype):
		c.report("struct %s: field %s is %s, not %s", use.Struct, want.name, members[i].ctype, want.ctype)
	}
}

func parseField(declaration string) field {
	for _, members := range parse("struct s { " + declaration + "; }").structs {
		return members[0]
	}
	return field{}
}

// layout looks for the row of a parameter struct.
func (c *checker) layout(name string) {
	if _, ok := c.header.structs[name]; !ok {
		c.report("struct %s is missing", name)
		return
	}
	size, fields, err := c.header.layoutOf(name)
	switch {
	case err != nil:
		c.report("%v", err)
	case size > c.uses.MaxParams:
		c.report("struct %s has %d bytes, and %d can be passed by value", name, size, c.uses.MaxParams)
	case !slices.ContainsFunc(c.rows, func(r row) bool {
		return r.name == name && r.size == size && slices.Equal(r.fields, fields)
	}):
		c.report("struct %s is laid out as in no row of the table: derive one (see docs/abi.md)", name)
	}
}

// fixed compares a struct that the binding lays out by itself.
func (c *checker) fixed(name string, forms [][]string) {
	members, ok := c.header.structs[name]
	if !ok {
		return // builds from before the struct have no function that takes it
	}
	for _, form := range forms {
		if slices.EqualFunc(members, form, func(m field, declaration string) bool {
			want := parseField(declaration)
			return m.name == want.name && c.sameType(m.ctype, want.ctype)
		}) {
			return
		}
	}
	var got []string
	for _, m := range members {
		got = append(got, m.ctype+" "+m.name)
	}
	c.report("struct %s is another one: %s", name, strings.Join(got, "; "))
}

func (c *checker) constant(use llamacpp.Constant) {
	got, ok := c.header.enums[use.Name]
	switch {
	case !ok && !use.Optional:
		c.report("constant %s is missing", use.Name)
	case ok && got != use.Value && !slices.Contains(use.Older, got):
		c.report("constant %s is %d, not %d", use.Name, got, use.Value)
	}
}
