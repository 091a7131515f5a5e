package hostile

import "strings"

// Template is a chat template that harms who renders it, once it is rendered.
type Template struct {
	Name   string
	Source string
	Want   string // is in what is told of it
	Fatal  bool   // it ends the process before that can tell why
}

// WithTemplate is the demo's model with another chat template.
func WithTemplate(source string) []byte {
	return model(set(String("tokenizer.chat_template", source)))()
}

// WithoutTemplate is the demo's model with none.
func WithoutTemplate() []byte { return model(without("tokenizer.chat_template"))() }

// ordinary frames a conversation as the demo's model expects it.
const ordinary = `{% for m in messages %}<|im_start|>{{ m.role }}
{{ m.content }}<|im_end|>
{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}`

// harm are the ways in which a template does not end well. Each is a statement.
var harm = []Template{
	{"a macro that calls itself", "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "it calls itself without end", false},
	{"macros that call each other", "{% macro a(n) %}{{ b(n + 1) }}{% endmacro %}{% macro b(n) %}{{ a(n + 1) }}{% endmacro %}{{ a(1) }}", "it calls itself without end", false},
	{"a range of 10^8", "{% for i in range(100000000) %}{{ i }}{% endfor %}", "", false},
	{"a text of 2 GB", "{{ 'x' * 2000000000 }}", "of memory allowed", false},
	{"a list that doubles", "{% set n = namespace(l=[1]) %}{% for i in range(60) %}{% set n.l = n.l + n.l %}{% endfor %}", "of memory allowed", false},
	{"loops in loops", strings.Repeat("{% for i in range(100) %}", 9) + strings.Repeat("{% endfor %}", 9), "did not come to an end", false},
	{"a text of 10 TB", "{{ 'x' * 10000000000000 }}", "memory", true},
	{"a text of 10^18 bytes", "{{ 'x' * 1000000000000000000 }}", "len out of range", false},
}

// Templates do their harm whenever they are rendered, or can't be compiled.
var Templates = append(prefixed(harm, "", ""),
	Template{"brackets without end", "{{ " + strings.Repeat("(", 200000), "can't be compiled", false},
	Template{"brackets within brackets", "{{ " + strings.Repeat("(", 100000) + "1" + strings.Repeat(")", 100000) + " }}", "", false},
	Template{"blocks within blocks", strings.Repeat("{% if 1 %}", 12000) + "x" + strings.Repeat("{% endif %}", 12000), "", false},
	Template{"negations", "{{ " + strings.Repeat("not ", 60000) + "1 }}", "", false},
	Template{"a prompt of 100 MB", "{{ 'x' * 100000000 }}" + ordinary, "a prompt of", false},
	Template{"one that ends in the middle", "{% for m in messages %}", "can't be compiled", false},
	Template{"one that refuses everything", "{{ raise_exception('no') }}", "it fails for an ordinary conversation: no", false},
	Template{"one that says nothing", "hello", "leaves out what is said", false},
	Template{"one of 300 KB", strings.Repeat("x", 300000), "more than the 262144 allowed", false},
)

// Sleepers are templates that behave until a message has the word "boom".
var Sleepers = prefixed(harm, "{% if 'boom' in messages[-1].content %}", "{% endif %}"+ordinary)

func prefixed(all []Template, before, after string) []Template {
	var out []Template
	for _, t := range all {
		out = append(out, Template{t.Name, before + t.Source + after, t.Want, t.Fatal})
	}
	return out
}
