package native

import (
	"strings"
	"testing"
)

// What jinja2 3.1.6 makes of these, with trim_blocks, lstrip_blocks and the
// variable x = "X".
func TestPlainTemplate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, source, want string }{
		{"text", "a\n", "a"},
		{"two newlines at the end", "a\n\n", "a\n"},
		{"quotes and backslashes", `a"b\n'c\`, `a"b\n'c\`},
		{"an indented block", "a\n  {% if x %}\n  b\n  {% endif %}\nc", "a\n  b\nc"},
		{"a block within a line", "a {% if x %} b {% endif %} c", "a  b  c"},
		{"a block after a block's newline", "{% if x %}\n {% if x %}a{% endif %}{% endif %}", "a"},
		{"a sign reaches only its neighbour", "a {% if x %}{%- if x %}b{% endif %}{% endif %}", "a b"},
		{"signs", "a \n {%- if x -%} \n b \n {%- endif -%} \n c", "abc"},
		{"plus signs", "a\n  {%+ if x +%}\nb{% endif %}", "a\n  \nb"},
		{"a sign in an expression", "a {{- x -}} b", "aXb"},
		{"a comment", "a\n  {# no #}\nb{#- no -#}  c", "a\nbc"},
		{"raw", "{% raw %} {{ x }} {% endraw %}", " {{ x }} "},
		{"raw with signs", "a {%- raw -%} {{ x }} {%- endraw -%} b", "a{{ x }}b"},
		{"an end within a string", "{{ '}}' }}{{ \"%}\" }}", "}}%}"},
		{"braces within braces", `{{ {"a": {"b": "c"}}["a"]["b"] }}`, "c"},
		{"escapes", `{{ '\x41\u2581\U0001F600\101\r\t\z\'' }}`, "A▁😀A\r\t\\z'"},
		{"strings in a row", `{{ 'a' "b" }}`, "ab"},
		{"several variables", "{% set a, b = x, 'c' %}{{ b }}{{ a }}", "cX"},
		{"several variables of one value", "{% set a, b = ['c', x] %}{{ b }}{{ a }}", "Xc"},
		{"a variable with commas", "{% set a = [1, 2] %}{{ a[1] }}", "2"},
		{"other newlines", "a\r\nb\rc\r\n", "a\nb\nc"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := renderPlain(c.source)
			if err != nil || got != c.want {
				t.Errorf("got %q, %v; want %q (it became %q)", got, err, c.want, plainTemplate(c.source))
			}
		})
	}
}

// A template that does not end is left to the engine to refuse.
func TestPlainTemplateThatIsCut(t *testing.T) {
	t.Parallel()
	for _, source := range []string{"a {{ x", "a {% if x", "a {# x", "{% raw %} x", "{{ 'x }}", "{{ (x }}", "{{ x) }}", `{{ 'x\`} {
		if got := plainTemplate(source); got != source {
			t.Errorf("%q became %q", source, got)
		}
	}
}

// Errors name the line that a person finds.
func TestPlainTemplateKeepsLines(t *testing.T) {
	t.Parallel()
	_, err := renderPlain("a\n\n{#-\n-#}\n\n{% if x %}\n{% endif %}\n{% nonsense %}")
	if err == nil || !strings.Contains(err.Error(), "line 8") {
		t.Errorf("the error is %v", err)
	}
}

func FuzzPlainTemplate(f *testing.F) {
	f.Add("a {%- if x +%} b {# c -#} {{ 'd\\n' }} {% raw %}{{{% endraw %}{% set a, b = x, 1 %}")
	f.Fuzz(func(t *testing.T, source string) {
		plain := plainTemplate(source)
		if !strings.ContainsAny(source, "{") && len(source) > 0 && plain == "" && strings.Trim(source, "\r\n") != "" {
			t.Errorf("%q became nothing", source)
		}
	})
}
