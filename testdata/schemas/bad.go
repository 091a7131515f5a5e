package schemas

import (
	"fmt"
	"strings"
)

// Bad is a schema that models can't be held to, and words of the reason.
type Bad struct{ Name, Text, Want string }

// Refused are such schemas.
var Refused = []Bad{
	{"nothing", "", "it is empty"},
	{"no JSON", "{\n  \"type\": string\n}", "line 2, column 11: it is not JSON"},
	{"half of it", `{"type": "object"`, "ends in the middle"},
	{"two documents", `{} {}`, "something follows its end"},
	{"no UTF-8", "{\"title\": \"\xff\"}", "not UTF-8"},
	{"a keyword twice", `{"type": "string", "type": "null"}`, `"type" is there twice`},
	{"no schema", `3`, "at #: a schema is an object, true or false"},
	{"no schema deeper", `{"properties": {"a": "string"}}`, "at #/properties/a: a schema is"},
	{"200000 levels", strings.Repeat("[", 100000) + strings.Repeat("]", 100000), "nests more than 100 deep"},
	{"a megabyte", `{"title": "` + strings.Repeat("a", 1<<20) + `"}`, "at most 262144 are allowed"},

	{"a keyword that nobody knows", `{"type": "string", "minLenght": 3}`, `at #/minLenght: "minLenght" is no keyword`},
	{"not", `{"not": {"type": "null"}}`, `at #/not: a model can't be held to "not"`},
	{"if", `{"properties": {"a/b": {"if": true}}}`, `at #/properties/a~1b/if: a model can't be held to "if"`},
	{"multipleOf", `{"type": "number", "multipleOf": 0.5}`, `"multipleOf"`},
	{"uniqueItems", `{"type": "array", "uniqueItems": true}`, `"uniqueItems"`},
	{"contains", `{"type": "array", "contains": {}}`, `"contains"`},
	{"patternProperties", `{"patternProperties": {}}`, `"patternProperties"`},
	{"propertyNames", `{"propertyNames": {"pattern": "^a"}}`, `"propertyNames"`},
	{"nullable", `{"type": "string", "nullable": true}`, `["string", "null"]`},
	{"items that are a list", `{"items": [{}]}`, "at #/items: a list of schemas is under prefixItems"},
	{"a draft 4 limit", `{"minimum": 3, "exclusiveMinimum": true}`, "at #/exclusiveMinimum: exclusiveMinimum has to be a number"},
	{"a type that is none", `{"type": "float"}`, "at #/type: there is no such type"},
	{"no types", `{"type": []}`, "no type is allowed"},
	{"an empty enum", `{"enum": []}`, "at #/enum: enum has to be a list"},
	{"a format that nobody knows", `{"format": "colour"}`, `at #/format: the format "colour"`},
	{"a length that is none", `{"minLength": -1}`, "at #/minLength: it has to be a whole number"},
	{"half a length", `{"maxLength": 1.5}`, "at #/maxLength: it has to be a whole number"},
	{"a billion characters", `{"maxLength": 1000000000}`, "at #/maxLength: at most 100000"},
	{"a billion items", `{"minItems": 1000000000}`, "at #/minItems: at most 100000"},
	{"a limit of very many digits", `{"type": "number", "minimum": 1e1000000000}`, "at #/minimum: the number 1e1000000000 has too many digits"},
	{"a limit of many digits", `{"maximum": 1234567890123456789012}`, "at #/maximum: a limit has at most 18 digits"},
	{"properties that are none", `{"properties": []}`, "at #/properties: properties has to be"},
	{"names that are none", `{"required": [1]}`, "at #/required/0: the name of a property"},
	{"few properties", `{"properties": {"a": true, "b": true, "c": true}, "minProperties": 2}`, "minProperties"},
	{"at most some properties", `{"properties": {"a": true, "b": true}, "maxProperties": 1}`, "maxProperties"},
	{"an anyOf of none", `{"anyOf": []}`, "at #/anyOf: it has to be a list of schemas"},

	{"a pattern that is none", `{"pattern": "a("}`, "at #/pattern: the pattern can't be used"},
	{"a pattern that looks ahead", `{"pattern": "^(?=a)"}`, "at #/pattern: the pattern can't be used"},
	{"a pattern that looks back", `{"pattern": "(a)\\1"}`, "at #/pattern: the pattern can't be used"},
	{"a pattern with edges of words", `{"pattern": "\\bcat\\b"}`, `only ^ and $ are supported`},
	{"a pattern with very many states", `{"pattern": "(a|b)*a(a|b){14}"}`, "more than 2000 states"},
	{"a pattern with a long length", `{"pattern": "^[a-z]+$", "maxLength": 90000}`, "more than 2000 states"},

	{"a reference elsewhere", `{"$ref": "https://example.org/a.json"}`, "at #/$ref: only schemas of the same file"},
	{"an anchor", `{"$ref": "#colour"}`, "at #/$ref: only schemas of the same file"},
	{"a reference to nothing", `{"$ref": "#/$defs/a"}`, `at #/$ref: there is no "#/$defs/a"`},
	{"a reference to no schema", `{"title": "a", "$ref": "#/title"}`, "at #/title: a schema is"},
	{"a reference to itself", `{"$ref": "#"}`, "refers to itself"},
	{"references in a circle", `{"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"allOf": [{"$ref": "#/$defs/a"}]}}, "$ref": "#/$defs/a"}`, "refers to itself"},
	{"an alternative of itself", `{"anyOf": [{"type": "null"}, {"$ref": "#"}]}`, "at #/anyOf: the schema is one of its own alternatives"},
	{"no end", `{"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]}`, "contains itself without an end"},
	{"nothing conforms", `{"type": "string", "minLength": 3, "maxLength": 2}`, "no document conforms"},
	{"no value conforms", `{"type": "string", "enum": [1, 2]}`, "no document conforms"},
	{"a value of which both alternatives hold", `{"const": {"a": 1}, "properties": {"a": {"oneOf": [{}, {"required": ["b"]}]}}}`, "no document conforms"},
	{"false", `false`, "no document conforms"},
	{"a pattern and a length that exclude each other", `{"pattern": "^abc$", "maxLength": 2}`, "no document conforms"},
	{"an identifier deeper", `{"properties": {"a": {"$id": "https://example.org/a"}}}`, `"$id"`},

	{"oneOf of what may both hold", `{"oneOf": [{"type": "integer"}, {"type": "number"}]}`, "at #/oneOf: the alternatives 0 and 1 may hold at once"},
	{"oneOf of alike objects", `{"items": {"oneOf": [{"properties": {"a": {"type": "string"}}}, {"properties": {"b": {"type": "string"}}}]}}`, "at #/items/oneOf: the alternatives 0 and 1"},
	{"oneOf of ranges that meet", `{"type": "integer", "oneOf": [{"maximum": 3}, {"minimum": 3}]}`, "may hold at once"},

	{"an enum of 30000", `{"enum": [` + many(30000, `%d`) + `]}`, "too large"},
	{"very many combinations", `{"allOf": [` + strings.Repeat(`{"anyOf": [{"minimum": 1}, {"maximum": 2}, {"type": "string"}]},`, 20) + `true]}`, "make the schema smaller"},
	{"very many combinations of properties", `{"allOf": [` + many(20, `{"anyOf": [{"required": ["a%[1]d"]}, {"required": ["b%[1]d"]}]}`) + `]}`, "make the schema smaller"},
	{"very many optional properties", `{"properties": {` + many(1000, `"p%d": true`) + `}}`, "more than 300 properties"},
	{"very many rules", `{"prefixItems": [` + many(4000, `{"const": %d}`) + `]}`, "more than 4000 rules"},
	{"a long list many times", `{"prefixItems": [` + many(100, `{"type": "string", "maxLength": 9%03d}`) + `]}`, "too large"},
}

// many writes an element so many times, with its number, and commas between.
func many(n int, element string) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf(element, i)
	}
	return strings.Join(all, ",")
}
