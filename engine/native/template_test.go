package native

import (
	"strings"
	"testing"
	"time"

	"github.com/ardanlabs/jinja"

	"github.com/vlmchat/vlmchat/engine"
)

func TestTemplate(t *testing.T) {
	t.Parallel()
	conversation := []turn{
		{engine.System, []string{"be brief"}}, {engine.User, []string{"hi"}}, {engine.Assistant, []string{"ho"}},
		{engine.User, []string{"bye", "now"}},
	}
	for _, c := range []struct{ name, source, want string }{
		{"ChatML", chatML, "<|im_start|>system\nbe brief<|im_end|>\n<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\nho<|im_end|>\n<|im_start|>user\nbye\nnow<|im_end|>\n<|im_start|>assistant\n"},
		{"text", "{{bos_token}}{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}", "<s>[system]be brief[user]hi[assistant]ho[user]bye\nnow"},
		{"parts", "{% for m in messages %}[{{ m.role }}]{% for p in m.content %}{% if p.type == 'text' %}{{ p.text }}{% endif %}{% endfor %}{% endfor %}", "[system]be brief[user]hi[assistant]ho[user]byenow"},
		{"text or parts", "{% for m in messages %}[{{ m.role }}]{% if m.content is string %}{{ m.content }}{% else %}{% for p in m.content %}{{ p.text }}{% endfor %}{% endif %}{% endfor %}", "[system]be brief[user]hi[assistant]ho[user]byenow"},
		{"no system", "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system') }}{% endif %}[{{ m.role }}]{{ m.content }}{% endfor %}", "[user]be brief\nhi[assistant]ho[user]bye\nnow"},
		{"system left out", "{% for m in messages %}{% if m.role != 'system' %}[{{ m.role }}]{{ m.content }}{% endif %}{% endfor %}", "[user]be brief\nhi[assistant]ho[user]bye\nnow"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			template, err := newChatTemplate(c.source, "<s>", "</s>")
			if err != nil {
				t.Fatal(err)
			}
			if got, err := template.render(conversation, nil); err != nil || got != c.want {
				t.Errorf("got %q, %v; want %q", got, err, c.want)
			}
		})
	}
}

// A system message that no user's follows is not lost.
func TestSystemAlone(t *testing.T) {
	t.Parallel()
	template, err := newChatTemplate("{% for m in messages %}{% if m.role != 'system' %}[{{ m.role }}]{{ m.content }}{% endif %}{% endfor %}", "", "")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := template.render([]turn{{engine.System, []string{"say hello"}}}, nil); err != nil || got != "[user]say hello" {
		t.Errorf("got %q, %v", got, err)
	}
}

// A template of no use is refused with the reason.
func TestTemplateThatIsNone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, source, want string }{
		{"broken", "{% for m in messages %}", "it can't be compiled"},
		{"huge", strings.Repeat(" ", maxTemplateSize+1), "it has 262145 bytes, more than the 262144 allowed"},
		{"nothing", "{{ bos_token }}", "it leaves out what is said"},
		{"one that refuses", "{% for m in messages %}{% if m.role == 'assistant' %}{{ raise_exception('not me') }}{% endif %}{{ m.content }}{% endfor %}",
			"it fails for an ordinary conversation"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if _, err := newChatTemplate(c.source, "", ""); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is %v, want %q", err, c.want)
			}
		})
	}
}

const sayAll = "{% for m in messages %}{{ m.content }}{% endfor %}"

func TestStrftime(t *testing.T) {
	t.Parallel()
	template, err := newChatTemplate("{{ strftime_now('%d %b %Y, %A, %H:%M %p, %-d %%d') }}"+sayAll, "", "")
	if err != nil {
		t.Fatal(err)
	}
	template.now = func() time.Time { return time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC) }
	got, err := template.render([]turn{{engine.User, []string{"x"}}}, nil)
	if want := "02 Jan 2026, Friday, 15:04 PM, 2 %dx"; err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

func TestThinkingSwitch(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, end string
		thinks    bool
	}{
		{"none", "", false},
		{"Qwen's", "{% if enable_thinking is defined and enable_thinking is false %}<think>\n\n</think>\n\n{% endif %}", true},
		{"Kimi's", "{% if thinking is defined and not thinking %}<think></think>{% else %}<think>{% endif %}", true},
		{"one that is refused", "{% if enable_thinking is false %}{{ raise_exception('I think') }}{% endif %}", false},
		{"always", "<think>\n", true},
	} {
		template, err := newChatTemplate(sayAll+c.end, "", "")
		if err != nil {
			t.Fatal(err)
		}
		if template.Thinks != c.thinks {
			t.Errorf("%s: Thinks is %v", c.name, template.Thinks)
		}
	}
}

// renderPlain compiles a source and renders it with x = "X".
func renderPlain(source string) (string, error) {
	template, err := compileTemplate(source, "", "")
	if err != nil {
		return "", err
	}
	return template.compiled.RenderValues(map[string]jinja.Value{"x": jinja.NewString("X")})
}
