package prompts

import (
	"errors"
	"strings"
	"testing"
)

// What a template begins as can be read, with nothing odd about it; with its comments made
// lines of their own, too.
func TestNew(t *testing.T) {
	t.Parallel()
	receipt := ""
	for _, b := range BuiltIn() {
		if b.Name == "receipt" {
			receipt = b.Source
		}
	}
	for name, test := range map[string]struct{ text, from, want, fields string }{
		"the skeleton":          {want: "Describe this image."},
		"a text":                {text: " Which plant\nis this? ", want: "Which plant\nis this?"},
		"a text with fields":    {text: "{{a}} or {{b}}, {{a}}?", want: "{{a}} or {{b}}, {{a}}?", fields: "a b"},
		"a whole template":      {text: "+++\npictures = 3\n+++\nWhat?", from: receipt, want: "What?"},
		"a copy":                {from: "What is {{it}}?", want: "What is {{it}}?", fields: "it"},
		"a copy of a header":    {text: "Read it, {{how}}.", from: receipt, want: "Read it, {{how}}.", fields: "how"},
		"fields that are there": {text: "{{a}} {{b}}", from: "+++\n[[fields]]\nname = \"a\"\n[sampling]\nseed = 1\n+++\n{{a}}", want: "{{a}} {{b}}", fields: "a b"},
	} {
		source := New(test.text, test.from)
		p, err := Parse("x.md", []byte(source))
		if err != nil {
			t.Fatalf("%s: %v in\n%s", name, err, source)
		}
		var fields []string
		for _, f := range p.Fields {
			fields = append(fields, f.Name)
		}
		if p.Text != test.want || strings.Join(fields, " ") != test.fields || test.from == receipt && test.fields != "" && p.Schema == nil {
			t.Errorf("%s: it asks %q, with the fields %q", name, p.Text, fields)
		}
		if wrong, odd := Check("x.md", []byte(source)); wrong != nil || odd != nil {
			t.Errorf("%s: %v, %v", name, wrong, odd)
		}
	}
	commented := strings.ReplaceAll(skeleton, "# What", "## What")
	var lines []string
	for line := range strings.Lines(commented) {
		if rest, found := strings.CutPrefix(line, "# "); found && (strings.ContainsAny(rest, "=[{") || strings.HasPrefix(rest, "'''")) && !strings.HasPrefix(rest, "-F") {
			line = rest
		}
		lines = append(lines, line)
	}
	p, err := Parse("x.md", []byte(strings.Join(lines, "")))
	if err != nil {
		t.Fatal(err)
	}
	if p.Description == "" || p.System == "" || p.Schema == nil || len(p.Fields) != 1 || len(p.Examples) != 1 || p.Sampling.MaxTokens == nil {
		t.Errorf("without comments it is %+v", p)
	}
}

// All that is wrong is told, in the order of the lines, and what is odd where nothing is.
func TestCheck(t *testing.T) {
	t.Parallel()
	const bad = `+++
pictures = 99
schema = '{"type": "shape"}'
[[fields]]
name = "A"
[[examples]]
answer = ""
pictures = ["https://example.org/a.png"]
[sampling]
temperature = -1
top-p = 2
+++
What {{is}} this?
{{And}} this?
`
	wrong, odd := Check("x.md", []byte(bad))
	want := `x.md:2: pictures is a number from 0 to 64
x.md:3: the schema can't be used: at #/type: there is no such type: null, boolean, integer, number, string, array and object are
x.md:4: field 1 has the name "A": small letters, digits, - and _ make one
x.md:6: example 1 has no answer
x.md:6: example 1 has the address https://example.org/a.png: its pictures are files beside the template
x.md:10: the temperature is a number from 0 to 100
x.md:11: top-p is a number from 0 to 1
x.md:13: {{is}} has no field: name = "is" in a part [[fields]] makes one
x.md:14: {{And}} has no field: name = "And" in a part [[fields]] makes one`
	if got := errors.Join(wrong...); got == nil || got.Error() != want || odd != nil {
		t.Errorf("%v, and odd is %v", got, odd)
	}
	wrong, odd = Check("x.md", []byte("+++\nschema = '{\"anyOf\": [{\"type\": \"string\", \"pattern\": \"(a|b)*a(a|b){14}\"}]}'\n[[fields]]\nname = \"lost\"\n+++\nWhat?"))
	want = "x.md:3: the field lost goes nowhere: {{lost}} in the text is its place"
	if wrong != nil || len(odd) != 2 || !strings.HasPrefix(odd[0].Error(), "x.md:2: the native engine can't hold an answer to the schema: ") || odd[1].Error() != want {
		t.Errorf("%v, %v", wrong, odd)
	}
	for _, b := range BuiltIn() {
		if wrong, odd := Check(b.Name+".md", []byte(b.Source)); wrong != nil || odd != nil {
			t.Errorf("%s: %v, %v", b.Name, wrong, odd)
		}
	}
	if wrong, _ := Check("x.md", []byte("---\ndescription: A plant\n---\nWhat?")); len(wrong) != 1 || !strings.Contains(wrong[0].Error(), "x.md:1: what stands before the text is not YAML") {
		t.Errorf("YAML: %v", wrong)
	}
}
