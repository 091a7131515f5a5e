package prompts

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/jsonschema"
)

// What is built in is what the documentation lists, and each template is whole.
func TestBuiltIn(t *testing.T) {
	t.Parallel()
	var names []string
	for _, b := range BuiltIn() {
		names = append(names, b.Name)
		if b.Description == "" || strings.HasSuffix(b.Description, ".") {
			t.Errorf("%s is described as %q", b.Name, b.Description)
		}
		values := map[string]string{}
		for _, f := range b.Fields {
			if f.About == "" {
				t.Errorf("%s: nobody says what the field %s is for", b.Name, f.Name)
			}
			if f.Required && f.Default == "" {
				values[f.Name] = "something"
			}
		}
		filled, problems := b.Fill(values)
		if problems != nil || filled.Text == "" || strings.Contains(filled.Text+filled.System, "{{") {
			t.Errorf("%s becomes %q, %v", b.Name, filled.Text, problems)
		}
	}
	want := strings.Fields("alt-text caption chart classify compare describe-in-detail diagram handwriting ocr receipt safety table-to-csv tags translate-sign ui-review vqa")
	if !slices.Equal(names, want) {
		t.Errorf("built in are %q, want %q", names, want)
	}
}

// The schemas of what is built in are such as every engine takes: OpenAI's strict mode wants
// all properties required and no others, and knows few keywords. What our grammars and
// Ollama's take is more.
func TestBuiltInSchemas(t *testing.T) {
	t.Parallel()
	strict := strings.Fields("type properties required additionalProperties items enum minItems maxItems description")
	held := 0
	for _, b := range BuiltIn() {
		if b.Schema == nil {
			continue
		}
		held++
		if _, err := jsonschema.Grammar(b.Schema); err != nil {
			t.Errorf("%s: there is no grammar: %v", b.Name, err)
		}
		var walk func(place string, schema map[string]any)
		walk = func(place string, schema map[string]any) {
			for keyword := range schema {
				if !slices.Contains(strict, keyword) {
					t.Errorf("%s: %s is no keyword of OpenAI's strict mode", place, keyword)
				}
			}
			if items, ok := schema["items"].(map[string]any); ok {
				walk(place+"[]", items)
			}
			properties, ok := schema["properties"].(map[string]any)
			if !ok {
				return
			}
			required, _ := schema["required"].([]any)
			if schema["additionalProperties"] != false || len(required) != len(properties) {
				t.Errorf("%s has optional properties, or any", place)
			}
			for name, property := range properties {
				if !slices.Contains(required, any(name)) {
					t.Errorf("%s.%s is not required", place, name)
				}
				if !strings.Contains(b.Text, name) {
					t.Errorf("the text of %s says nothing of %s", b.Name, name)
				}
				walk(place+"."+name, property.(map[string]any))
			}
		}
		var schema map[string]any
		if err := json.Unmarshal(b.Schema, &schema); err != nil {
			t.Fatal(err)
		}
		walk(b.Name, schema)
	}
	if held == 0 {
		t.Error("no prompt has a schema")
	}
}

const whole = `+++
description = "Says what it is"
system = "You know {{kind}}."
pictures = 2
schema = '{"type": "object"}'

[[fields]]
name = "kind"
default = "cats"
choices = ["cats", "Dogs"]

[[fields]]
name = "note"

[[fields]]
name = "who"
required = true

[[examples]]
pictures = ["a.png"]
answer = "A cat."

[sampling]
temperature = 0.5
max-tokens = 7
+++

Which of the {{ kind }} is it, {{who}}?
Note: {{note}}

It has {{braces}.
`

func TestParse(t *testing.T) {
	t.Parallel()
	for _, text := range []string{whole, "\xef\xbb\xbf" + strings.ReplaceAll(whole, "\n", "\r\n")} {
		p, err := Parse("/x/which-one.md", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if p.Name != "which-one" || p.Pictures != 2 || *p.Sampling.Temperature != 0.5 || *p.Sampling.MaxTokens != 7 || p.Sampling.TopP != nil ||
			len(p.Fields) != 3 || len(p.Examples) != 1 || string(p.Schema) != `{"type": "object"}` {
			t.Errorf("it is %+v", p)
		}
		filled, problems := p.Fill(map[string]string{"kind": "dogs", "who": " {{kind}} "})
		if problems != nil || filled.System != "You know Dogs." || filled.Text != "Which of the Dogs is it, {{kind}}?\n\nIt has {{braces}." {
			t.Errorf("filled in it is %q, %q, %v", filled.System, filled.Text, problems)
		}
		_, problems = p.Fill(map[string]string{"kind": "birds", "colour": "red"})
		var all []string
		for _, p := range problems {
			all = append(all, p.Error())
		}
		if want := []string{`kind is cats or Dogs: not "birds"`, "who is needed", "colour is no field of which-one, which has: kind, note, who"}; !slices.Equal(all, want) {
			t.Errorf("the problems are %q, want %q", all, want)
		}
	}
	if p, err := Parse("short.md", []byte("What is it?")); err != nil || p.Text != "What is it?" || p.Pictures != 1 {
		t.Errorf("a text alone: %+v, %v", p, err)
	}
}

// What is wrong is told with its line.
func TestParseErrors(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                      "x.md:1: there is no text",
		"+++\nx":                                "x.md:1: what begins with +++",
		"+++\ncolour = 1\n+++\na":               "x.md:2: there is nothing called colour",
		"+++\n\n[sampling]\ntop-k = 1\n+++\na":  "x.md:4: there is nothing called sampling.top-k",
		"+++\n\npictures = \"two\"\n+++\na":     "x.md:3: ",
		"+++\n= 1\n+++\na":                      "x.md:2: ",
		"+++\nname = \"y\"\n+++\na":             `x.md:2: it calls itself "y"`,
		"+++\npictures = 65\n+++\na":            "x.md:2: pictures is a number",
		"+++\nschema = '{'\n+++\na":             "x.md:2: the schema can't be used: ",
		"+++\n[[fields]]\nname = \"A\"\n+++\na": `x.md:2: field 1 has the name "A"`,
		"+++\n[[fields]]\nname = \"a\"\n[[fields]]\nname = \"a\"\n+++\na":           "x.md:4: there are two fields called a",
		"+++\n[[fields]]\nname = \"a\"\nchoices = [\"\"]\n+++\na":                   "x.md:2: a choice of the field a is empty",
		"+++\n[[fields]]\nname = \"a\"\nchoices = [\"b\"]\ndefault = \"c\"\n+++\na": `x.md:2: the field a is "c" by default`,
		"+++\n[[examples]]\n+++\na":                                                 "x.md:2: example 1 has no answer",
		"+++\n[sampling]\ntemperature = -1\n+++\na":                                 "x.md:3: the temperature is a number",
		"+++\n[sampling]\ntemperature = nan\n+++\na":                                "x.md:3: the temperature is a number",
		"+++\n[sampling]\nmax-tokens = 0\n+++\na":                                   "x.md:3: max-tokens is a number",
		"a\nb {{ c }}":                    `x.md:2: {{ c }} has no field: name = "c"`,
		"+++\nsystem = \"{{c}}\"\n+++\na": "x.md:2: {{c}} has no field",
		"a\n\xff":                         "x.md:2: this is not UTF-8",
		"a\n\n\x00":                       "x.md:3: there is a zero byte",
		strings.Repeat("a", MaxBytes+1):   "x.md: it is larger than 256 KiB",
		"+++\n" + strings.Repeat("[[fields]]\nname = \"a\"\n", 33) + "+++\na": "x.md:66: there are more than 32 fields",
	} {
		_, err := Parse("x.md", []byte(text))
		if _, ok := errors.AsType[*Error](err); !ok || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%.60q: %v, want %s", text, err, want)
		}
	}
	if _, err := Parse("No Name.md", []byte("a")); err == nil {
		t.Error("a name with a blank is taken")
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("caption.md", "Mine.")
	write("zebra.md", "Stripes?")
	write("broken.md", "+++")
	write("notes.txt", "no prompt")
	write("safety.md", "+++\nhidden = true\n+++\n") // one fewer
	if err := os.Mkdir(filepath.Join(dir, "folder.md"), 0o700); err != nil {
		t.Fatal(err)
	}
	l := Load(dir)
	if len(l.Templates) != len(BuiltIn()) || len(l.Problems) != 2 {
		t.Errorf("%d templates, and the problems %v", len(l.Templates), l.Problems)
	}
	for name, want := range map[string]string{"caption": "Mine.", "ze": "Stripes?"} {
		if p, err := l.Find(name); err != nil || p.Text != want || p.File == "" {
			t.Errorf("%s is %+v, %v", name, p, err)
		}
	}
	for name, want := range map[string]string{"nothing": "there is no prompt nothing", "safety": "there is no prompt safety", "ta": "several prompts begin with ta: table-to-csv, tags"} {
		if _, err := l.Find(name); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
	if l := Load(filepath.Join(dir, "none")); len(l.Problems) != 0 || len(l.Templates) != len(BuiltIn()) {
		t.Errorf("no folder: %+v", l)
	}
}

// Whatever a file has, it is a template or an error with its place, and a template can
// be filled in.
func FuzzParse(f *testing.F) {
	f.Add([]byte(whole))
	for _, b := range BuiltIn() {
		data, err := builtin.ReadFile("builtin/" + b.Name + ".md")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("+++\n[[fields]]\nname = \"a\"\n+++\n{{a}}{{ a }}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Parse("x.md", data)
		if wrong, _ := Check("x.md", data); (err == nil) != (len(wrong) == 0) {
			t.Fatalf("%v, and the check tells %v", err, wrong)
		}
		if err == nil { // a new one like it can be read, too, whatever it asks
			if _, err := Parse("x.md", []byte(New("What?", p.Source))); err != nil {
				t.Fatal(err)
			}
			if _, err := Parse("x.md", []byte(New(p.Text, ""))); err != nil && p.Text != "" && !hasHeader(p.Text) {
				t.Fatalf("%v in\n%s", err, New(p.Text, ""))
			}
		}
		if err != nil {
			e, ok := errors.AsType[*Error](err)
			if !ok || e.Line < 0 || e.Line > 2+strings.Count(string(data), "\n") {
				t.Fatalf("the error is %#v", err)
			}
			return
		}
		values := map[string]string{}
		for _, f := range p.Fields {
			if values[f.Name] = "x"; len(f.Choices) > 0 {
				values[f.Name] = f.Choices[0]
			}
		}
		if _, problems := p.Fill(values); problems != nil {
			t.Fatal(problems)
		}
	})
}
