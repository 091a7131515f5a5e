package jsonschema

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/testdata/schemas"
)

// What does not conform is told with its place, in the document and the schema.
func TestCheck(t *testing.T) {
	t.Parallel()
	const schema = `{"type": "object", "properties": {
		"colour": {"enum": ["red", "green"]},
		"boxes": {"type": "array", "items": {"type": "array", "items": {"minimum": 0}, "minItems": 4}},
		"kind": {"oneOf": [{"type": "integer"}, {"minimum": 3}]}}, "required": ["colour"]}`
	for document, want := range map[string]string{
		`{"colour": "red", "more": 1}`:        "",
		`{"colour": "blue", "colour": "red"}`: "", // the last one holds
		`{"colour": "red", "kind": "a"}`:      "",
		`{"colour": "blue"}`:                  "at #/colour it is not as #/properties/colour wants it",
		`{}`:                                  "at # it is not as # wants it",
		`{"colour": "red", "boxes": [[1, 2, 3, 4], [1, -2, 3, 4]]}`: "at #/boxes/1/1 it is not as #/properties/boxes/items/items wants it",
		`{"colour": "red", "boxes": [[1, 2, 3]]}`:                   "at #/boxes/0 it is not as #/properties/boxes/items wants it",
		`{"colour": "red", "kind": 5}`:                              "at #/kind it is not as #/properties/kind/oneOf wants it: 2 of the alternatives hold",
		`{"colour": "red"`:                                          "ends in the middle",
		strings.Repeat("[", 200) + strings.Repeat("]", 200):         "nests more than 100 deep",
	} {
		err := Check([]byte(schema), []byte(document))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("for %s the error is %v, want %q", document, err, want)
		}
	}
}

// A long document takes no more steps than it may.
func TestCheckALongDocument(t *testing.T) {
	t.Parallel()
	document := "[" + strings.Repeat(`{"a": 1, "b": "x", "c": [null]},`, 50_000) + "{}]"
	schema := `{"items": {"properties": {"a": {"type": "integer"}, "b": {"maxLength": 3}, "c": {"items": {"type": "null"}}}}}`
	if err := Check([]byte(schema), []byte(document)); err != nil {
		t.Error(err)
	}
}

// Schemas that contain themselves come to an end, whatever is checked.
func TestCheckWithoutEnd(t *testing.T) {
	t.Parallel()
	for schema, want := range map[string]string{
		`{"$ref": "#"}`:              "refers to itself",
		`{"anyOf": [{"$ref": "#"}]}`: "one of its own alternatives",
		`{"allOf": [{"oneOf": [{"$ref": "#"}, {"type": "null"}]}]}`: "one of its own alternatives",
	} {
		if err := Check([]byte(schema), []byte(`1`)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: the error is %v, want %q", schema, err, want)
		}
	}
}

// Of every schema that there is a grammar for, documents can be checked.
func TestSupported(t *testing.T) {
	t.Parallel()
	for _, s := range schemas.Good {
		if err := Supported([]byte(s.Text)); err != nil {
			t.Errorf("%s: %v", s.Name, err)
		}
	}
	for schema, want := range map[string]string{
		`{"$defs": {"a": {"not": true}}, "properties": {"a": {"items": {"anyOf": [true, {"$ref": "#/$defs/a"}]}}}}`: `at #/$defs/a/not`,
		`{"prefixItems": [{"additionalProperties": {"pattern": "("}}]}`:                                             "at #/prefixItems/0/additionalProperties/pattern",
		`{"properties": {"a": {"anyOf": [true, {"$ref": "#/properties/a"}]}}}`:                                      "one of its own alternatives",
		`{"title": "a"`: "ends in the middle",
	} {
		if err := Supported([]byte(schema)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: the error is %v, want %q", schema, err, want)
		}
	}
}

func FuzzCheck(f *testing.F) {
	for _, s := range schemas.Good {
		for _, document := range s.Written {
			f.Add(s.Text, document)
		}
		for _, text := range s.Refused {
			f.Add(s.Text, text)
		}
	}
	f.Fuzz(func(t *testing.T, schema, document string) {
		err := Check([]byte(schema), []byte(document))
		if err == nil && !json.Valid([]byte(document)) {
			t.Errorf("%q is no JSON and conforms", document)
		}
	})
}
