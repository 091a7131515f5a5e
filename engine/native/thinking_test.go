package native

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine/llamacpp"
)

// written is what a thinker makes of pieces.
func written(t *thinker, pieces ...string) (thinking, answer string) {
	for _, piece := range pieces {
		thought, said := t.push(piece)
		thinking, answer = thinking+thought, answer+said
	}
	thought, said := t.flush()
	return thinking + thought, answer + said
}

var thinkingCases = []struct{ name, prompt, text, thinking, answer string }{
	{"no thinking", "", "A red circle.", "", "A red circle."},
	{"thinking", "", "<think>\nIt is\n\nround.\n</think>\n\nA circle.", "It is\n\nround.", "A circle."},
	{"space before it", "", " \n<think>x</think>y", "x", "y"},
	{"empty thinking", "", "<think>\n\n</think>\n\nA circle.", "", "A circle."},
	{"begun by the prompt", "assistant\n<think>\n", "\nround\n</think>\nA circle.", "round", "A circle."},
	{"begun and ended by the prompt", "assistant\n<think>\n\n</think>\n\n", "A circle.", "", "A circle."},
	{"Kimi", "", "◁think▷ hm ◁/think▷ A ◁ circle.", "hm", "A ◁ circle."},
	{"Mistral", "", "[THINK]hm[/THINK]A circle.", "hm", "A circle."},
	{"Cohere", "<|START_THINKING|>", "hm<|END_THINKING|>A circle.", "hm", "A circle."},
	{"Gemma 4", "", "<|channel>thought\nhm\n<channel|>A circle.", "hm", "A circle."},
	{"Apriel", "Here are my reasoning steps:\n", "hm\n[BEGIN FINAL RESPONSE]\nA circle.", "hm", "A circle."},
	{"another family's closing tag", "", "<think>a[/THINK]b</think>c", "a[/THINK]b", "c"},
	{"thinking twice", "", "<think>a</think>\n<think>b</think> c", "ab", "c"},
	{"a tag in the answer", "", "Use <think> and </think>.", "", "Use <think> and </think>."},
	{"a closing tag alone", "", "x</think>y", "", "x</think>y"},
	{"cut in the thinking", "", "<think>a\nb\n</thi", "a\nb\n</thi", ""},
	{"cut in the opening tag", "", "  <thin", "", "  <thin"},
	{"cut after the thinking", "", "<think>a</think>\n\n", "a", ""},
	{"space alone", "", " \n", "", " \n"},
	{"nothing", "", "", "", ""},
	{"almost a tag", "", "<thinker>x</thinker>", "", "<thinker>x</thinker>"},
	{"almost a closing tag", "", "<think>a</</think>b", "a</", "b"},
	{"answer keeps its space", "", "\n  indented", "", "\n  indented"},
}

func TestThinker(t *testing.T) {
	t.Parallel()
	for _, c := range thinkingCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if thinking, answer := written(newThinker(thinkingTags, c.prompt), c.text); thinking != c.thinking || answer != c.answer {
				t.Errorf("thinking %q, answer %q; want %q and %q", thinking, answer, c.thinking, c.answer)
			}
		})
	}
}

// However the text is cut into pieces, it is split at the same place, and no
// part of a tag is told on either side before that is decided.
func TestThinkerIsBlindToPieces(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for _, c := range thinkingCases {
		for range 300 {
			var pieces []string
			for rest := c.text; rest != ""; {
				n := 1 + random.IntN(min(len(rest), 6))
				pieces, rest = append(pieces, rest[:n]), rest[n:]
			}
			if thinking, answer := written(newThinker(thinkingTags, c.prompt), pieces...); thinking != c.thinking || answer != c.answer {
				t.Fatalf("%q gives thinking %q, answer %q; want %q and %q", pieces, thinking, answer, c.thinking, c.answer)
			}
		}
	}
}

// What is told early is told at once: an answer without thinking is not held.
func TestThinkerHoldsNothingBack(t *testing.T) {
	t.Parallel()
	th := newThinker(thinkingTags, "")
	if _, answer := th.push("A"); answer != "A" {
		t.Errorf("%q was told of the answer", answer)
	}
	th = newThinker(thinkingTags, "<think>\n")
	if thinking, _ := th.push("It is a"); thinking != "It is a" || !th.inside() {
		t.Errorf("%q was told of the thinking", thinking)
	}
	if thinking, answer := th.push(" b</think>c"); thinking != " b" || answer != "c" || th.inside() {
		t.Errorf("thinking %q, answer %q", thinking, answer)
	}
}

// An answer that goes on where it was cut is answer from the first word on.
func TestThinkerSkipsToTheAnswer(t *testing.T) {
	t.Parallel()
	for prompt, want := range map[string]string{"assistant\n": "", "assistant\n<think>\n": "</think>\n\n"} {
		th := newThinker(thinkingTags, prompt)
		if got := th.skip(); got != want {
			t.Errorf("after %q, %q leads to the answer, want %q", prompt, got, want)
		}
		if thinking, answer := written(th, " <think>x</think>"); thinking != "" || answer != " <think>x</think>" {
			t.Errorf("after %q: thinking %q, answer %q", prompt, thinking, answer)
		}
	}
}

// What came last belongs to the answer, or to the thinking and the space after it.
func TestThinkerKnowsWhoseTokensCame(t *testing.T) {
	t.Parallel()
	th := newThinker(thinkingTags, "")
	for _, step := range []struct {
		text string
		may  bool
	}{{" ", true}, {"<th", true}, {"ink>", false}, {"a", false}, {"</think>", false}, {"\n", false}, {"<", true}, {"b", true}, {"c", true}} {
		th.push(step.text)
		if th.mayAnswer() != step.may {
			t.Errorf("after %q mayAnswer is %v", step.text, !step.may)
		}
	}
}

func TestNoTagBeginsAnother(t *testing.T) {
	t.Parallel()
	for _, a := range thinkingTags {
		for _, b := range thinkingTags {
			if a != b && strings.HasPrefix(a.open, b.open) {
				t.Errorf("%q begins with %q", a.open, b.open)
			}
		}
	}
}

func TestKnownTags(t *testing.T) {
	t.Parallel()
	none := func(string) bool { return false }
	if got := knownTags("{{ '<think>' }}", none); !reflect.DeepEqual(got, thinkingTags[:1]) {
		t.Errorf("a template with <think> gives %v", got)
	}
	if got := knownTags("", none); got != nil {
		t.Errorf("a model without tags has %v", got)
	}
	mistral := func(text string) bool { return text == "[THINK]" || text == "[/THINK]" }
	if got := knownTags("", mistral); !reflect.DeepEqual(got, []thinkingTag{{"[THINK]", "[/THINK]"}}) {
		t.Errorf("a vocabulary with [THINK] gives %v", got)
	}
	// Without tags everything is the answer.
	if thinking, answer := written(newThinker(nil, "<think>"), "<think>a</think>b"); thinking != "" || answer != "<think>a</think>b" {
		t.Errorf("thinking %q, answer %q", thinking, answer)
	}
}

func TestTagTokens(t *testing.T) {
	t.Parallel()
	specials := map[string]llamacpp.Token{"[THINK]": 7, "[/THINK]": 8, "[INST]": 9}
	if got, want := tagTokens(thinkingTags, specials), (map[llamacpp.Token]string{7: "[THINK]", 8: "[/THINK]"}); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
