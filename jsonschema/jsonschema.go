// Package jsonschema holds models to JSON Schemas: it turns a schema into a
// grammar in GBNF (llama.cpp's grammars/README.md), within which a model can
// write nothing but documents that conform, and checks documents that another
// program's model wrote.
//
// A grammar allows less than its schema: members stand in the order in which the
// schema names them, objects whose schema says nothing of further members have
// none, blanks are few, numbers have up to 18 digits before the point. What it
// allows conforms. A keyword that it can't hold a model to is therefore an error,
// never passed over.
//
// The way: value.go reads the JSON, flatten.go its keywords into terms,
// combine.go the terms that hold at one place into one, compile.go makes rules of
// those, and grammar.go prints what can be written at all; values.go tells whether
// a value conforms.
package jsonschema

import (
	"cmp"
	"fmt"
)

// Bounds of what is read and made. They are far beyond schemas that people write,
// and keep the grammar within what llama.cpp is given (engine/llamacpp/gbnf.go).
const (
	maxSchema      = 256 << 10 // bytes
	maxDocument    = 16 << 20  // bytes of a document that is checked
	maxNesting     = 100       // of the JSON
	maxRules       = 4000
	maxSteps       = 300_000 // of combining schemas
	maxGrammar     = 250 << 10
	maxSymbols     = 90_000 // of the grammar, with its repetitions written out
	maxRepetitions = 1000   // of one operator; more are put together of several
	maxLength      = 100_000
	maxStates      = 2000 // of what recognises a string
	maxOptional    = 300  // properties of an object: llama.cpp tries each in its place
)

// Grammar returns a grammar for the documents that conform to a schema (draft
// 2020-12, and what older drafts have in common with it). An error says where in
// the schema, as a JSON pointer, and what about it can't be done.
func Grammar(schema []byte) (string, error) {
	root, err := parse(schema)
	if err != nil {
		return "", err
	}
	c := newCompiler(root)
	document, err := c.compile()
	if err != nil {
		return "", err
	}
	return c.print(document)
}

// Supported tells whether documents can be checked by a schema, or, as Grammar
// does, what about it can't be done. There may be no grammar for it all the same.
func Supported(schema []byte) error {
	root, err := parse(schema)
	if err != nil {
		return err
	}
	return newCompiler(root).supported()
}

// Check tells whether a document conforms to a schema, or where it does not.
func Check(schema, document []byte) error {
	root, err := parse(schema)
	if err != nil {
		return err
	}
	v, err := parseDocument(document)
	if err != nil {
		return err
	}
	c := newCompiler(root)
	c.steps += 20 * len(document)
	terms, err := c.flatten(root)
	if err != nil {
		return err
	}
	if ok, err := c.conforms(v, terms); err != nil || !ok {
		return cmp.Or(err, c.mismatch)
	}
	return nil
}

// errorAt tells what is wrong at a place of the schema.
func errorAt(v *value, format string, args ...any) error {
	return fmt.Errorf("at %s: %w", v.pointer(), fmt.Errorf(format, args...))
}
