package native

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/engine"
)

func TestTemplate(t *testing.T) {
	t.Parallel()
	conversation := []turn{
		{engine.System, []string{"be brief"}}, {engine.User, []string{"hi"}}, {engine.Assistant, []string{"ho"}},
		{engine.User, []string{"bye", "now"}},
	}
	for _, c := range []struct{ name, source, want string }{
		{"none", "", "<|im_start|>system\nbe brief<|im_end|>\n<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\nho<|im_end|>\n<|im_start|>user\nbye\nnow<|im_end|>\n<|im_start|>assistant\n"},
		{"text", "{{bos_token}}{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}", "<s>[system]be brief[user]hi[assistant]ho[user]bye\nnow"},
		{"parts", "{% for m in messages %}[{{ m.role }}]{% for p in m.content %}{% if p.type == 'text' %}{{ p.text }}{% endif %}{% endfor %}{% endfor %}", "[system]be brief[user]hi[assistant]ho[user]byenow"},
		{"text or parts", "{% for m in messages %}[{{ m.role }}]{% if m.content is string %}{{ m.content }}{% else %}{% for p in m.content %}{{ p.text }}{% endfor %}{% endif %}{% endfor %}", "[system]be brief[user]hi[assistant]ho[user]byenow"},
		{"no system", "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system') }}{% endif %}[{{ m.role }}]{{ m.content }}{% endfor %}", "[user]be brief\n\nhi[assistant]ho[user]bye\nnow"},
		{"system left out", "{% for m in messages %}{% if m.role != 'system' %}[{{ m.role }}]{{ m.content }}{% endif %}{% endfor %}", "[user]be brief\n\nhi[assistant]ho[user]bye\nnow"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			template, err := newChatTemplate(c.source, "<s>", "</s>")
			if err != nil {
				t.Fatal(err)
			}
			if got, err := template.render(conversation); err != nil || got != c.want {
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
	if got, err := template.render([]turn{{engine.System, []string{"say hello"}}}); err != nil || got != "[user]say hello" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestTemplateThatIsNone(t *testing.T) {
	t.Parallel()
	for name, source := range map[string]string{
		"broken": "{% for m in messages %}",
		"huge":   strings.Repeat(" ", maxTemplateSize+1),
	} {
		if _, err := newChatTemplate(source, "", ""); err == nil || !strings.Contains(err.Error(), "chat template") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTemplateThatHangs(t *testing.T) {
	t.Parallel()
	template, err := newChatTemplate("{{ messages[0].content }}", "", "")
	if err != nil {
		t.Fatal(err)
	}
	hanging, err := newChatTemplate("{% if messages|length == 3 %}{% for i in range(1000) %}{% for j in range(1000) %}{% endfor %}{% endfor %}{% endif %}{{ messages[0].content }}", "", "")
	if err != nil {
		t.Fatal(err)
	}
	template.compiled, template.limit = hanging.compiled, time.Millisecond
	if _, err := template.render(make([]turn, 3)); !errors.Is(err, errTemplateHangs) {
		t.Errorf("the error is %v", err)
	}
}

func TestStrftime(t *testing.T) {
	t.Parallel()
	template, err := newChatTemplate("{{ strftime_now('%Y') }}{{ messages[0].content }}", "", "")
	if err != nil {
		t.Fatal(err)
	}
	got, err := template.render([]turn{{engine.User, []string{"x"}}})
	if want := time.Now().Format("2006") + "x"; err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}
