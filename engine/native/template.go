package native

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ardanlabs/jinja"

	"github.com/vlmchat/vlmchat/engine"
)

// chatTemplate renders a conversation into the prompt that a model was trained
// on, by the Jinja template of its GGUF file. That template is foreign code
// without limits, one more reason for the worker: it may cost the worker, never
// the chat.
type chatTemplate struct {
	compiled *jinja.Template
	bos, eos string
	// A message's content is a text or a list of parts; templates know the one,
	// the other or both.
	takesText, takesParts bool
	// system is set for templates that have a place for a system message.
	system bool
	limit  time.Duration // of one rendering
}

// Bounds of what a template may do.
const (
	maxTemplateSize   = 256 << 10 // bytes of its source
	templateTimeLimit = 5 * time.Second
)

// chatML is the template of models that bring none, as in llama.cpp.
const chatML = `{%- for message in messages -%}
{{- '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' -}}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\n' -}}{%- endif -%}`

// errTemplateHangs means that a template did not end in time. There is no way
// to stop it but to end the worker.
var errTemplateHangs = errors.New("the model's chat template did not come to an end")

// turn is a message as a template sees it. One with pictures has them, as
// markers, in its one text.
type turn struct {
	role  engine.Role
	texts []string // at least one
}

func newChatTemplate(source, bos, eos string) (*chatTemplate, error) {
	if source == "" {
		source = chatML
	}
	if len(source) > maxTemplateSize {
		return nil, fmt.Errorf("the model's chat template has %d bytes, more than the %d allowed", len(source), maxTemplateSize)
	}
	compiled, err := jinja.Compile(source)
	if err != nil {
		return nil, fmt.Errorf("the model's chat template: %w", err)
	}
	t := &chatTemplate{compiled: compiled, bos: bos, eos: eos, system: true, limit: templateTimeLimit}

	// What a template wants is found out by asking it.
	const probe = "vlmchatprobe"
	says := func(turns ...turn) (string, error) {
		out, err := t.render(turns)
		if errors.Is(err, errTemplateHangs) {
			return "", err
		}
		if err != nil || !strings.Contains(out, probe) {
			return "", nil
		}
		return out, nil
	}
	user := turn{engine.User, []string{probe}}
	t.takesText = true
	asText, err := says(user)
	if err != nil {
		return nil, err
	}
	t.takesText, t.takesParts = false, true
	asPart, err := says(user)
	if err != nil {
		return nil, err
	}
	// One that prints a list as it prints any value does not take parts.
	t.takesText, t.takesParts = asText != "", asText == "" || asText == asPart
	system, err := says(turn{engine.System, []string{probe}}, turn{engine.User, []string{"x"}})
	t.system = system != ""
	return t, err
}

// render returns the prompt for the next answer.
func (t *chatTemplate) render(turns []turn) (string, error) {
	if !t.system {
		turns = foldSystem(turns)
	}
	messages := make([]jinja.Value, 0, len(turns))
	for _, turn := range turns {
		m := jinja.NewDict()
		m.AsDict().Set("role", jinja.NewString(string(turn.role)))
		m.AsDict().Set("content", t.content(turn.texts))
		messages = append(messages, m)
	}
	values := map[string]jinja.Value{
		"messages":              jinja.NewList(messages),
		"add_generation_prompt": jinja.NewBool(true),
		"bos_token":             jinja.NewString(t.bos),
		"eos_token":             jinja.NewString(t.eos),
		"strftime_now":          jinja.NewCallable("strftime_now", strftimeNow),
		"raise_exception":       jinja.NewCallable("raise_exception", raiseException),
	}
	type result struct {
		text string
		err  error
	}
	done := make(chan result, 1)
	go func() {
		defer func() {
			if r := recover(); r != nil {
				done <- result{err: fmt.Errorf("the model's chat template: %v", r)}
			}
		}()
		text, err := t.compiled.RenderValues(values)
		done <- result{text, err}
	}()
	select {
	case r := <-done:
		return r.text, r.err
	case <-time.After(t.limit):
		return "", errTemplateHangs
	}
}

func (t *chatTemplate) content(texts []string) jinja.Value {
	if !t.takesParts || t.takesText && len(texts) < 2 {
		return jinja.NewString(strings.Join(texts, textSeparator))
	}
	parts := make([]jinja.Value, 0, len(texts))
	for _, text := range texts {
		part := jinja.NewDict()
		part.AsDict().Set("type", jinja.NewString("text"))
		part.AsDict().Set("text", jinja.NewString(text))
		parts = append(parts, part)
	}
	return jinja.NewList(parts)
}

// foldSystem puts system messages at the head of the user's message after
// them, for templates that know no such role.
func foldSystem(turns []turn) []turn {
	var folded []turn
	system := ""
	for _, t := range turns {
		switch t.role {
		case engine.System:
			system += strings.Join(t.texts, textSeparator) + "\n\n"
			continue
		case engine.User:
			t.texts, system = append([]string{system + t.texts[0]}, t.texts[1:]...), ""
		}
		folded = append(folded, t)
	}
	if system != "" { // nobody spoke after it
		folded = append(folded, turn{engine.User, []string{strings.TrimSpace(system)}})
	}
	return folded
}

func raiseException(args []jinja.Value, _ map[string]jinja.Value) (jinja.Value, error) {
	message := "refused by the model's chat template"
	if len(args) > 0 && args[0].IsString() {
		message = args[0].AsString()
	}
	return jinja.Undefined(), errors.New(message)
}

// strftimeNow is the function by which some templates tell the model the date.
func strftimeNow(args []jinja.Value, _ map[string]jinja.Value) (jinja.Value, error) {
	if len(args) != 1 || !args[0].IsString() {
		return jinja.Undefined(), errors.New("strftime_now wants a format")
	}
	now := time.Now()
	replace := strings.NewReplacer(
		"%Y", now.Format("2006"), "%m", now.Format("01"), "%d", now.Format("02"),
		"%b", now.Format("Jan"), "%B", now.Format("January"), "%a", now.Format("Mon"), "%A", now.Format("Monday"),
		"%H", now.Format("15"), "%M", now.Format("04"), "%S", now.Format("05"), "%y", now.Format("06"), "%%", "%",
	)
	return jinja.NewString(replace.Replace(args[0].AsString())), nil
}
