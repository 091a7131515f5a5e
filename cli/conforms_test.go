package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/vlmchat/vlmchat/tasks"
	"github.com/vlmchat/vlmchat/tasks/batch"
	"github.com/vlmchat/vlmchat/tasks/eval"
)

// conforms holds what vlmchat printed against a schema of docs/schemas: each of the JSON
// documents in a file, of which there is at least one. conforms SCHEMA FILE...
func conforms(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: conforms SCHEMA FILE...")
	}
	schema, err := closedSchema(args[0])
	if args[0] == "batch-job" { // where members that are not named are the person's own
		schema, err = openSchema(args[0])
	}
	ts.Check(err)
	for _, file := range args[1:] {
		err := conformsTo(schema, []byte(ts.ReadFile(file)))
		if neg && err == nil {
			ts.Fatalf("%s conforms to %s", file, args[0])
		} else if !neg && err != nil {
			ts.Fatalf("%s does not conform to %s: %v", file, args[0], err)
		}
	}
}

// conformsTo tells which of the documents in a text does not conform.
func conformsTo(schema *jsonschema.Resolved, text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	for number := 1; ; number++ {
		var document any
		err := d.Decode(&document)
		if errors.Is(err, io.EOF) && number > 1 {
			return nil
		}
		if err == nil {
			err = schema.Validate(document)
		}
		if err != nil {
			return fmt.Errorf("document %d: %w", number, err)
		}
	}
}

const schemasDir = "../docs/schemas"

// closedSchema reads a schema of docs/schemas, which then allows no members that it does not
// name. Readers leave those aside; here they are members that were forgotten in the schema.
func closedSchema(name string) (*jsonschema.Resolved, error) { return resolved(name, true) }

// openSchema reads one as it is.
func openSchema(name string) (*jsonschema.Resolved, error) { return resolved(name, false) }

func resolved(name string, closed bool) (*jsonschema.Resolved, error) {
	schema, err := readSchema(name+".schema.json", closed)
	if err != nil {
		return nil, err
	}
	return schema.Resolve(&jsonschema.ResolveOptions{Loader: func(uri *url.URL) (*jsonschema.Schema, error) {
		return readSchema(path.Base(uri.Path), closed)
	}})
}

func readSchema(file string, closed bool) (*jsonschema.Schema, error) {
	data, err := os.ReadFile(filepath.Join(schemasDir, file))
	if err != nil {
		return nil, err
	}
	var tree any
	if err := json.Unmarshal(data, &tree); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if closed {
		closeObjects(tree)
	}
	if data, err = json.Marshal(tree); err != nil {
		return nil, err
	}
	var schema jsonschema.Schema
	return &schema, json.Unmarshal(data, &schema)
}

// closeObjects has all objects of a schema that name their properties allow no others.
func closeObjects(tree any) {
	switch node := tree.(type) {
	case []any:
		for _, item := range node {
			closeObjects(item)
		}
	case map[string]any:
		for _, member := range node {
			closeObjects(member)
		}
		_, names := node["properties"].(map[string]any)
		if _, open := node["additionalProperties"]; names && !open && node["type"] == "object" {
			node["additionalProperties"] = false
		}
	}
}

// The schemas have each member that there is, and no other; those that may be left out are
// those that are not required.
func TestSchemasHaveAllMembers(t *testing.T) {
	t.Parallel()
	for ref, of := range map[string]reflect.Type{
		"answer.schema.json":                 reflect.TypeFor[tasks.Answer](),
		"batch-record.schema.json":           reflect.TypeFor[batch.Record](),
		"events.schema.json#/$defs/start":    reflect.TypeFor[startEvent](),
		"events.schema.json#/$defs/progress": reflect.TypeFor[progressEvent](),
		"events.schema.json#/$defs/text":     reflect.TypeFor[textEvent](),
		"events.schema.json#/$defs/done":     reflect.TypeFor[doneEvent](),
		"events.schema.json#/$defs/error":    reflect.TypeFor[errorEvent](),
		"config.schema.json#/$defs/setting":  reflect.TypeFor[settingInForce](),
		"classification.schema.json":         reflect.TypeFor[classification](),
		"index.schema.json":                  reflect.TypeFor[indexReport](),
		"vector.schema.json":                 reflect.TypeFor[exportedLine](),
		"index-stats.schema.json":            reflect.TypeFor[statsJSON](),
		"indexes.schema.json":                reflect.TypeFor[indexesJSON](),
		"search.schema.json":                 reflect.TypeFor[searchJSON](),
		"models.schema.json":                 reflect.TypeFor[modelsJSON](),
		"curated-models.schema.json":         reflect.TypeFor[curatedJSON](),
		"pull.schema.json":                   reflect.TypeFor[pullJSON](),
		"model-checks.schema.json":           reflect.TypeFor[modelChecksJSON](),
		"eval.schema.json":                   reflect.TypeFor[eval.Report](),
		"eval-diff.schema.json":              reflect.TypeFor[eval.Comparison](),
		"version.schema.json":                reflect.TypeFor[versionJSON](),
		"prompts.schema.json":                reflect.TypeFor[promptsJSON](),
		"prompt.schema.json": reflect.TypeFor[struct {
			documentHead
			promptJSON
		}](),
	} {
		c := comparison{t: t, seen: map[string]bool{}}
		file, schema := c.follow("", ref)
		c.compare(ref, file, schema, of)
	}
}

// comparison compares schemas with types.
type comparison struct {
	t    *testing.T
	seen map[string]bool // references, which may lead in a circle
}

func (c *comparison) compare(place, file string, s *jsonschema.Schema, of reflect.Type) {
	for s.Ref != "" {
		key := file + s.Ref + of.String()
		if c.seen[key] {
			return
		}
		c.seen[key] = true
		file, s = c.follow(file, s.Ref)
	}
	if of.Implements(reflect.TypeFor[json.Marshaler]()) {
		return
	}
	switch of.Kind() {
	case reflect.Pointer:
		c.compare(place, file, s, of.Elem())
	case reflect.Slice:
		if s.Items == nil {
			c.t.Errorf("%s: what is in %s nobody says", file, place)
			return
		}
		c.compare(place+"[]", file, s.Items, of.Elem())
	case reflect.Struct:
		members := membersIn(of)
		for name, schema := range s.Properties {
			if _, there := members[name]; !there {
				c.t.Errorf("%s: there is no %s in %s", file, name, place)
			} else {
				c.compare(place+"."+name, file, schema, members[name].of)
			}
		}
		for name, m := range members {
			if s.Properties[name] == nil {
				c.t.Errorf("%s: %s has %s, of which it says nothing", file, place, name)
			}
			if slices.Contains(s.Required, name) == m.optional {
				c.t.Errorf("%s: whether %s has to have %s is not what the code does", file, place, name)
			}
		}
	}
}

// follow finds what a reference leads to.
func (c *comparison) follow(file, ref string) (string, *jsonschema.Schema) {
	other, pointer, _ := strings.Cut(ref, "#")
	if other != "" {
		file = other
	}
	s, err := readSchema(file, false)
	if err != nil {
		c.t.Fatal(err)
	}
	if name, found := strings.CutPrefix(pointer, "/$defs/"); found {
		s = s.Defs[name]
	} else if name, found := strings.CutPrefix(pointer, "/properties/"); found {
		s = s.Properties[name]
	}
	if s == nil {
		c.t.Fatalf("%s leads to nothing in %s", ref, file)
	}
	return file, s
}

// jsonMember is a field of a struct as encoding/json has it.
type jsonMember struct {
	of       reflect.Type
	optional bool
}

func membersIn(of reflect.Type) map[string]jsonMember {
	all := map[string]jsonMember{}
	for _, f := range reflect.VisibleFields(of) {
		name, rest, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous || name == "-" || !f.IsExported() {
			continue
		}
		all[name] = jsonMember{f.Type, strings.Contains(rest, "omitempty") || strings.Contains(rest, "omitzero")}
	}
	return all
}

// All schemas can be used, and what calls itself by a format and a version says so in its
// schema.
func TestSchemas(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(schemasDir, "*.schema.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no schemas: %v", err)
	}
	index, err := os.ReadFile(filepath.Join(schemasDir, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		base := filepath.Base(file)
		if _, err := closedSchema(strings.TrimSuffix(base, ".schema.json")); err != nil {
			t.Errorf("%s: %v", base, err)
		}
		s, err := readSchema(base, false)
		if err != nil {
			t.Fatal(err)
		}
		if path.Base(s.ID) != base || s.Title == "" || s.Description == "" {
			t.Errorf("%s calls itself %q, %q: %q", base, s.ID, s.Title, s.Description)
		}
		if !strings.Contains(string(index), "("+base+")") {
			t.Errorf("README.md does not tell of %s", base)
		}
	}
}
