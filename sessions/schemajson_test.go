package sessions

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
)

// The schema in the docs is true: exports conform to it, what is refused mostly does not,
// and it has every member that there is.
func TestSchemaOfJSON(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../docs/schemas/conversation.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema jsonschema.Schema
	if err := json.Unmarshal(data, &schema); err != nil {
		t.Fatal(err)
	}
	resolved, err := schema.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	conforms := func(document []byte) error {
		var value any
		if err := json.Unmarshal(document, &value); err != nil {
			t.Fatal(err)
		}
		return resolved.Validate(value)
	}
	for seed := range uint64(40) {
		c := random(rand.New(rand.NewPCG(seed, 4)))
		document, _, err := c.json()
		if err != nil {
			t.Fatal(err)
		}
		if err := conforms(document); err != nil {
			t.Fatalf("%v:\n%s", err, document)
		}
	}
	document, _, err := exported().json()
	if err != nil {
		t.Fatal(err)
	}
	if err := conforms([]byte(strings.Replace(string(document), `"updated": "0001`, `"updated": "2026`, 1))); err != nil {
		t.Error(err)
	}
	for old, wrong := range map[string]string{
		`"version": 1`: `"version": 2`, `"leaf": 5`: `"leaf": -1`, `"role": "user"`: `"role": "tool"`, `"width": 3`: `"width": 0`,
		`"state": "failed"`: `"state": "dreamt"`, `"format": "tiff"`: `"format": "../x"`, `"picture": "`: `"picture": "x`,
	} {
		changed := strings.Replace(string(document), old, wrong, 1)
		if changed == string(document) {
			t.Errorf("there is no %s", old)
		} else if err := conforms([]byte(changed)); err == nil {
			t.Errorf("%s conforms", wrong)
		}
	}
	// oneOf can't tell of jsonPart which members are whose.
	part := slices.Concat(keys(schema.Defs["text"].Properties), keys(schema.Defs["picture"].Properties))
	for of, has := range map[reflect.Type][]string{
		reflect.TypeFor[jsonConversation](): keys(schema.Properties), reflect.TypeFor[jsonMessage](): keys(schema.Defs["message"].Properties),
		reflect.TypeFor[jsonPicture](): keys(schema.Defs["bytes"].Properties), reflect.TypeFor[jsonPart](): part,
	} {
		var members []string
		for i := range of.NumField() {
			name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
			members = append(members, name)
		}
		slices.Sort(members)
		slices.Sort(has)
		if has = slices.Compact(has); !slices.Equal(members, has) {
			t.Errorf("%v has %q, and the schema %q", of, members, has)
		}
	}
}

func keys(m map[string]*jsonschema.Schema) []string {
	var all []string
	for k := range m {
		all = append(all, k)
	}
	return all
}
