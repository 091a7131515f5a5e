package ui

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/prompts"
)

var keyShiftTab = tea.KeyPressMsg{Code: tea.KeyTab, Mod: tea.ModShift}

// withPrompts is a chat about a picture with some prompts.
func withPrompts(t *testing.T, e engine.Engine, texts map[string]string) Options {
	t.Helper()
	o := withPicture(e)
	l := &prompts.Library{Templates: prompts.BuiltIn()}
	for name, text := range texts {
		p, err := prompts.Parse("/home/me/"+name+".md", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		p.File = "/home/me/" + name + ".md"
		l.Templates = append([]*prompts.Template{p}, l.Templates...)
	}
	o.Prompts = func() *prompts.Library { return l }
	return o
}

const colours = `+++
description = "Which colours there are"
system = "You know {{kind}} colours."
[[fields]]
name = "kind"
about = "of colours"
default = "all"
choices = ["all", "warm"]
[[fields]]
name = "thing"
about = "whose they are"
required = true
[sampling]
temperature = 0.1
max-tokens = 9
+++
Which {{kind}} colours has the {{thing}}?
`

// A prompt's fields are filled in in a form; its system message and sampling hold for
// its question alone.
func TestPromptForm(t *testing.T) {
	t.Parallel()
	e := &fake{reply: say("Yellow.")}
	o := withPrompts(t, e, map[string]string{"colours": colours})
	o.Sampling, o.System = engine.DefaultSampling(), "Be brief."
	p := open(t, o)
	p.enter("/prompt")
	p.sees("Yours")
	p.sees("Which {{kind}} colours has the {{thing}}?") // the preview
	p.write("colours")
	p.press(keyEnter)
	p.sees("‹ all ›")
	p.press(keyRight, keyEnter)
	p.sees("‹ warm ›")
	p.press(keyEnter)
	p.sees("✗ thing is needed")
	p.write("d")
	p.until("the problem to go", func() bool { return !strings.Contains(p.screen(), "✗") })
	p.write("isc")
	p.press(keyTab, keyShiftTab, keyEnter)
	p.sees("Yellow.")
	p.idle()
	p.enter("Sure?")
	p.until("a second answer", func() bool { return len(e.asked()) == 2 })
	p.idle()
	first, second := e.asked()[0], e.asked()[1]
	if want := []string{"system: You know warm colours.", "user: [/x/disc.png] Which warm colours has the disc?"}; !slices.Equal(turns(first), want) {
		t.Errorf("asked %q, want %q", turns(first), want)
	}
	if first.Sampling.Temperature != 0.1 || first.Sampling.MaxTokens != 9 || first.Sampling.TopP != o.Sampling.TopP {
		t.Errorf("asked with %+v", first.Sampling)
	}
	if second.Sampling.Temperature != o.Sampling.Temperature || turns(second)[0] != "system: Be brief." || len(turns(second)) != 4 {
		t.Errorf("the next question is %q with %+v", turns(second), second.Sampling)
	}
	p.enter("/branch 1")
	p.idle()
	p.enter("/retry")
	p.until("a third answer", func() bool { return len(e.asked()) == 3 })
	if got := turns(e.asked()[2]); got[0] != "system: You know warm colours." {
		t.Errorf("asked again it is %q", got)
	}
}

// What a prompt wants for its question holds as well when it is asked again in a
// conversation that was opened again.
func TestPromptIsKept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	e := &fake{reply: say("Yellow.")}
	prompt := strings.Replace(colours, "[[fields]]", "schema = '{\"type\": \"object\"}'\n\n[[examples]]\npictures = [\"shot.png\"]\nquestion = \"And the sky?\"\nanswer = \"Blue.\"\n\n[[fields]]", 1)
	p := open(t, keptIn(withPrompts(t, e, map[string]string{"colours": prompt}), dir))
	p.enter("/prompt colours thing=disc")
	p.sees("Yellow.")
	p.idle()
	p.ended()
	q := open(t, keptIn(Options{Setup: Setup{Engine: e}}, dir))
	q.run(q.m.resume(stored(t, dir).ID))
	q.sees("Yellow.")
	q.enter("/retry")
	q.until("a second answer", func() bool { return len(e.asked()) == 2 })
	first, again := e.asked()[0], e.asked()[1]
	if !slices.Equal(turns(again), turns(first)) || len(turns(again)) != 4 {
		t.Errorf("asked again it is %q, and was %q", turns(again), turns(first))
	} else if pictures := engine.Pictures(again.Messages); len(pictures) != 2 || pictures[0].RGB() == nil {
		t.Errorf("the example's picture has no pixels: %+v", pictures)
	}
	if again.Sampling.Temperature != 0.1 || again.Sampling.MaxTokens != 9 || string(again.Schema) != `{"type":"object"}` {
		t.Errorf("asked again with %+v and the schema %s", again.Sampling, again.Schema)
	}
}

// What is written behind the name is for the fields.
func TestPromptInALine(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"/prompt colours thing=disc":                 "Which all colours has the disc?",
		"/prompt col kind=WARM thing='old disc'":     "Which warm colours has the old disc?",
		`/prompt colours thing=old disc kind="warm"`: "Which warm colours has the old disc?",
		"/prompt vqa What colour = red is it?":       "What colour = red is it?\nAnswer the question using a single word or phrase.",
		"/prompt receipt":                            "Read this receipt or invoice",
		`/prompt vqa question="a  b"`:                "a  b\nAnswer",
	} {
		e := &fake{reply: say("Yellow.")}
		p := open(t, withPrompts(t, e, map[string]string{"colours": colours}))
		p.enter(line)
		p.until("asked: "+line, func() bool { return len(e.asked()) == 1 })
		r := e.asked()[0]
		if text := r.Messages[len(r.Messages)-1].Parts[1].Text; !strings.HasPrefix(text, want) {
			t.Errorf("%s asks %q, want %q", line, text, want)
		}
	}
	p := open(t, withPrompts(t, &fake{}, map[string]string{"colours": colours}))
	p.enter("/prompt colours kind=cold")
	p.sees(`✗ kind is all or warm: not "cold"`)
	p.press(keyEsc)
	p.enter("/prompt t")
	p.sees("several prompts begin with t: table-to-csv, tags, translate-sign.")
	p.enter("/prompt compare")
	p.sees("focus")
	p.press(keyEnter)
	p.sees("The prompt compare is about 2 pictures, and here are 1.")
}

// The answer to a prompt with a schema is held to it, and shown as JSON.
func TestPromptWithSchema(t *testing.T) {
	t.Parallel()
	e := &fake{reply: say(`{"tags": [`, `"disc"]}`)}
	p := open(t, withPrompts(t, e, nil))
	p.enter("/prompt tags")
	p.sees(`"disc"`)
	p.idle()
	if r := e.asked()[0]; !json.Valid(r.Schema) {
		t.Errorf("the schema is %s", r.Schema)
	}
	if screen := p.screen(); strings.Contains(screen, "```") || !strings.Contains(screen, "\n      \"tags\": [\n") && !strings.Contains(screen, `  "tags": [`) {
		t.Errorf("the document is not shown on lines of its own:\n%s", screen)
	}
	if said := p.m.talk.leaf.answer.said(); !json.Valid([]byte(said)) {
		t.Errorf("what was said is %q", said)
	}
}

// Examples stand before the question, and are read off the chat's path.
func TestPromptWithExamples(t *testing.T) {
	t.Parallel()
	e := &fake{reply: say("A disc.")}
	p := open(t, withPrompts(t, e, map[string]string{"shot": `+++
[[examples]]
pictures = ["a.png", "b.png"]
answer = "Two stars."
[[examples]]
question = "And now?"
answer = "None."
+++
What is it?`}))
	p.enter("/prompt shot")
	p.sees("A disc.")
	want := []string{"user: [/home/me/a.png] [/home/me/b.png] What is it?", "assistant: Two stars.", "user: And now?", "assistant: None.", "user: [/x/disc.png] What is it?"}
	if got := turns(e.asked()[0]); !slices.Equal(got, want) {
		t.Errorf("asked %q, want %q", got, want)
	}
	broken := open(t, withPrompts(t, e, map[string]string{"shot": "+++\n[[examples]]\npictures = [\"missing.png\"]\nanswer = \"x\"\n+++\nWhat?"}))
	broken.enter("/prompt shot")
	broken.sees("missing.png: no such file.")
}

func TestPlainPrompts(t *testing.T) {
	t.Parallel()
	e := &fake{reply: say("Yellow.")}
	o := withPrompts(t, e, map[string]string{"colours": colours})
	o.Prompts().Problems = []error{&prompts.Error{File: "/home/me/bad.md", Line: 3, Detail: "there is no text to ask"}}
	out, err := plainly(t, o, "/prompt", "/prompt 1", "/prompt colours thing=disc", "/prompt nothing")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"A prompt of yours can't be used: /home/me/bad.md:3: there is no text to ask",
		"1. colours",
		"The prompt colours was not asked: thing is needed.",
		`/prompt colours kind="all|warm" thing="whose they are"`,
		"Yellow.",
		"there is no prompt nothing.",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

func TestPromptWithoutAPicture(t *testing.T) {
	t.Parallel()
	o := withPrompts(t, &fake{}, nil)
	o.Pictures = []*images.Picture{}
	p := open(t, o)
	p.enter("/prompt receipt")
	p.sees("The prompt receipt is about a picture, and there is none yet.")
}

// What is written behind a prompt without fields is not lost without a word.
func TestPromptWithTooMuch(t *testing.T) {
	t.Parallel()
	e := &fake{reply: say("A disc.")}
	p := open(t, withPrompts(t, e, nil))
	p.enter("/prompt tags please")
	p.sees("The prompt tags was not asked: ")
	if len(e.asked()) > 0 {
		t.Error("it was asked")
	}
}
