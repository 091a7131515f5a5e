package native

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ardanlabs/jinja"

	"github.com/vlmchat/vlmchat/engine"
)

// chatTemplate renders a conversation into the prompt that a model was trained
// on, by the Jinja template of its GGUF file. That template is foreign code
// without limits: see templatelimits.go for what holds it.
type chatTemplate struct {
	compiled *jinja.Template
	bos, eos string
	templateForm
	limits templateLimits
	now    func() time.Time
	sum    string // SHA-256 of the source
	dated  bool   // it tells the model the date
	family string // whose template stands in for the model's own; "" if that is used
}

// templateForm is what a template wants to be given. Nothing says so but the
// template itself: examine finds it out.
type templateForm struct {
	// A message's content is a text or a list of parts; templates know the one,
	// the other or both.
	TakesText  bool `json:"takes_text"`
	TakesParts bool `json:"takes_parts"`
	// System is set for templates that have a place for a system message.
	System bool `json:"system"`
	// Thinks is set for templates by which a model can be told to think, or not
	// to, or that let it think in any case.
	Thinks bool `json:"thinks"`
}

// turn is a message as a template sees it. One with pictures has them, as
// markers, in its one text.
type turn struct {
	role  engine.Role
	texts []string // at least one
}

// compileTemplate compiles a template. The reason of an error, as of all that
// concern a template, begins with an "it".
func compileTemplate(source, bos, eos string) (*chatTemplate, error) {
	if len(source) > maxTemplateSize {
		return nil, fmt.Errorf("it has %d bytes, more than the %d allowed", len(source), maxTemplateSize)
	}
	sum := sha256.Sum256([]byte(source))
	t := &chatTemplate{bos: bos, eos: eos, limits: defaultTemplateLimits, now: time.Now, sum: hex.EncodeToString(sum[:]),
		dated: strings.Contains(source, "strftime_now")}
	_, err := t.limits.hold(0, func() (_ string, err error) {
		t.compiled, err = jinja.Compile(plainTemplate(source))
		return "", err
	})
	if err != nil && !errors.Is(err, errTemplateHangs) {
		err = fmt.Errorf("it can't be compiled: %w", err)
	}
	return t, err
}

// newChatTemplate compiles a template and finds out what it wants. It refuses
// one that does not render ordinary conversations. Run it where a hostile
// template may do harm.
func newChatTemplate(source, bos, eos string) (*chatTemplate, error) {
	t, err := compileTemplate(source, bos, eos)
	if err != nil {
		return nil, err
	}
	return t, t.examine()
}

// examine sets the form. What a template wants is found out by asking it, as
// llama-server does (common/jinja/caps.cpp): it takes texts if it shows one,
// system messages if it shows one.
func (t *chatTemplate) examine() error {
	const probe = "vlmchatprobe"
	var failure error // the last one
	says := func(turns ...turn) (string, error) {
		out, err := t.render(turns, nil)
		if errors.Is(err, errTemplateHangs) {
			return "", err
		}
		if err != nil {
			failure = err
		}
		if err != nil || !strings.Contains(out, probe) {
			return "", nil
		}
		return out, nil
	}
	user := turn{engine.User, []string{probe}}
	t.templateForm = templateForm{TakesText: true, System: true}
	asText, err := says(user)
	if err != nil {
		return err
	}
	t.TakesText, t.TakesParts = false, true
	asPart, err := says(user)
	switch {
	case err != nil:
		return err
	case asText == "" && asPart == "" && failure != nil:
		return fmt.Errorf("it fails for an ordinary conversation: %w", failure)
	case asText == "" && asPart == "":
		return errors.New("it leaves out what is said")
	}
	// One that prints a list as it prints any value does not take parts.
	t.TakesText, t.TakesParts = asText != "", asText == "" || asText == asPart
	system, err := says(turn{engine.System, []string{probe}}, turn{engine.User, []string{"x"}})
	if err != nil {
		return err
	}
	t.System = system != ""
	return t.examineConversation()
}

// examineConversation renders what anybody might say, and notices whether the
// template can be told to think.
func (t *chatTemplate) examineConversation() error {
	conversation := []turn{
		{engine.System, []string{"a"}}, {engine.User, []string{"b"}},
		{engine.Assistant, []string{"c"}}, {engine.User, []string{"d"}},
	}
	plain, err := t.render(conversation, nil)
	if err != nil {
		return fmt.Errorf("it fails for an ordinary conversation: %w", err)
	}
	on, off := true, false
	thinking, err1 := t.render(conversation, &on)
	silent, err2 := t.render(conversation, &off)
	if err := errors.Join(err1, err2); errors.Is(err, errTemplateHangs) {
		return err
	} else if err == nil {
		t.Thinks = thinking != silent
	}
	t.Thinks = t.Thinks || newThinker(thinkingTags, plain).inside()
	return nil
}

// render returns the prompt for the next answer. thinking tells the model to
// think before it answers, or not to; nil leaves the choice to the template.
func (t *chatTemplate) render(turns []turn, thinking *bool) (string, error) {
	if !t.System {
		turns = foldSystem(turns)
	}
	size := 0
	messages := make([]jinja.Value, 0, len(turns))
	for _, turn := range turns {
		m := jinja.NewDict()
		m.AsDict().Set("role", jinja.NewString(string(turn.role)))
		m.AsDict().Set("content", t.content(turn.texts))
		messages = append(messages, m)
		for _, text := range turn.texts {
			size += len(text)
		}
	}
	values := map[string]jinja.Value{
		"messages":              jinja.NewList(messages),
		"tools":                 jinja.None(),
		"documents":             jinja.None(),
		"add_generation_prompt": jinja.NewBool(true),
		"bos_token":             jinja.NewString(t.bos),
		"eos_token":             jinja.NewString(t.eos),
		"strftime_now":          jinja.NewCallable("strftime_now", t.strftimeNow),
		"raise_exception":       jinja.NewCallable("raise_exception", raiseException),
	}
	if thinking != nil {
		for _, name := range thinkingSwitches {
			values[name] = jinja.NewBool(*thinking)
		}
	}
	return t.limits.hold(size, func() (string, error) { return t.compiled.RenderValues(values) })
}

// thinkingSwitches are the variables by which templates know whether the model
// is to think: Qwen, GLM and most others; Kimi and DeepSeek; Cohere.
var thinkingSwitches = []string{"enable_thinking", "thinking", "reasoning"}

func (t *chatTemplate) content(texts []string) jinja.Value {
	if !t.TakesParts || t.TakesText && len(texts) < 2 {
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

// foldSystem puts system messages at the head of the message after them, for
// templates that know no such role, as llama-server does.
func foldSystem(turns []turn) []turn {
	var folded []turn
	system := ""
	for _, t := range turns {
		if t.role == engine.System {
			system += strings.Join(t.texts, textSeparator) + textSeparator
			continue
		}
		t.texts, system = append([]string{system + t.texts[0]}, t.texts[1:]...), ""
		folded = append(folded, t)
	}
	if system != "" { // nobody spoke after it
		folded = append(folded, turn{engine.User, []string{strings.TrimSuffix(system, textSeparator)}})
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
func (t *chatTemplate) strftimeNow(args []jinja.Value, _ map[string]jinja.Value) (jinja.Value, error) {
	if len(args) != 1 || !args[0].IsString() {
		return jinja.Undefined(), errors.New("strftime_now wants a format")
	}
	now := t.now()
	format := func(layout string) string { return now.Format(layout) }
	replace := strings.NewReplacer(
		"%Y", format("2006"), "%m", format("01"), "%d", format("02"), "%-d", format("2"), "%-m", format("1"), "%e", format("_2"),
		"%b", format("Jan"), "%B", format("January"), "%a", format("Mon"), "%A", format("Monday"), "%j", format("002"),
		"%H", format("15"), "%I", format("03"), "%M", format("04"), "%S", format("05"), "%p", format("PM"), "%y", format("06"),
		"%F", format("2006-01-02"), "%T", format("15:04:05"), "%Z", format("MST"), "%z", format("-0700"), "%%", "%",
	)
	return jinja.NewString(replace.Replace(args[0].AsString())), nil
}
