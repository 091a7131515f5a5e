package enginetest

import (
	"encoding/json"
	"testing"

	validation "github.com/google/jsonschema-go/jsonschema"

	"github.com/vlmchat/vlmchat/engine"
)

// schema holds answers to schemas, of which another library says that they conform.
// The model would say none of it by itself.
func schema(t *testing.T, s Subject) {
	e := s.Open(t)
	for name, text := range map[string]string{
		"object": `{"type": "object", "properties": {"colour": {"enum": ["red", "green"]}, "digit": {"type": "integer", "minimum": 1, "maximum": 9}},
			"required": ["colour", "digit"], "additionalProperties": false}`,
		"list":     `{"type": "array", "items": {"type": "boolean"}, "minItems": 2, "maxItems": 3}`,
		"one word": `{"enum": ["yes", "no"]}`,
		"nested": `{"type": "object", "properties": {"shapes": {"type": "array", "minItems": 1, "maxItems": 2, "items":
			{"type": "object", "properties": {"size": {"enum": ["small", "large"]}}, "required": ["size"], "additionalProperties": false}}},
			"required": ["shapes"], "additionalProperties": false}`,
	} {
		t.Run(name, func(t *testing.T) {
			var parsed validation.Schema
			if err := json.Unmarshal([]byte(text), &parsed); err != nil {
				t.Fatal(err)
			}
			resolved, err := parsed.Resolve(nil)
			if err != nil {
				t.Fatal(err)
			}
			req := Greedy(engine.Ask("Describe this image.", Sample(t, "scene-01.png")))
			req.Schema = json.RawMessage(text)
			a := mustAsk(t, e, req)
			var document any
			if err := json.Unmarshal([]byte(a.Text), &document); err != nil {
				t.Fatalf("%q (finish %q) is no JSON: %v", a.Text, a.Finish, err)
			}
			if err := resolved.Validate(document); err != nil {
				t.Errorf("%s does not conform: %v", a.Text, err)
			}
		})
	}
}
