package native

import (
	"strings"

	"github.com/vlmchat/vlmchat/engine/llamacpp"
)

// thinkingTag is a pair of texts between which models think before they answer.
type thinkingTag struct{ open, close string }

// thinkingTags are those of the families that think, none the beginning of
// another.
var thinkingTags = []thinkingTag{
	{"<think>", "</think>"},                                    // Qwen, GLM, MiniCPM, InternVL, Kimi and most others
	{"◁think▷", "◁/think▷"},                                    // Kimi-VL
	{"[THINK]", "[/THINK]"},                                    // Mistral
	{"<|START_THINKING|>", "<|END_THINKING|>"},                 // Cohere
	{"<|channel>thought", "<channel|>"},                        // Gemma 4
	{"<seed:think>", "</seed:think>"},                          // Seed
	{"<mm:think>", "</mm:think>"},                              // MiniMax
	{"<thought>", "</thought>"},                                // Exaone Deep and others
	{"Here are my reasoning steps:", "[BEGIN FINAL RESPONSE]"}, // Apriel
	{"Here is my thought process:", "Here is my response:"},    // Granite 3.2
	{"<|begin_of_thought|>", "<|end_of_thought|>"},             // Skywork and others
	{"<reasoning>", "</reasoning>"},                            // GRPO fine-tunes
	{"<|inner_prefix|>", "<|inner_suffix|>"},                   // Apertus
	{"<unused94>thought", "<unused95>"},                        // MedGemma
	{"<SPECIAL_THINK_START>", "<SPECIAL_THINK_END>"},           // Nemotron
}

// knownTags are those of the tags by which a model may think: its template or
// its vocabulary has them. Others that it writes are part of its answer.
func knownTags(template string, isToken func(text string) bool) []thinkingTag {
	var known []thinkingTag
	for _, tag := range thinkingTags {
		if strings.Contains(template, tag.open) || strings.Contains(template, tag.close) ||
			isToken(tag.open) && isToken(tag.close) {
			known = append(known, tag)
		}
	}
	return known
}

// thinker separates what a model thinks from its answer, as the text comes.
// Thinking stands at the beginning of what the model writes; some templates have
// it begin at the prompt's end. Space around the tags is dropped. Nothing that
// may be the beginning of a tag is let through before it is known to be none, so
// how a text is cut into pieces makes no difference.
type thinker struct {
	tags  []thinkingTag
	state thinkingState
	close string // the tag that ends the thinking
	held  string // text that is not told yet
	begun bool   // something but space was thought
	again bool   // this is after thinking: space is dropped
}

type thinkingState int

const (
	beforeAnswer   thinkingState = iota // a tag may come
	withinThinking                      // until the closing tag
	withinAnswer                        // to the end
)

// newThinker makes a thinker of what follows a rendered prompt.
func newThinker(tags []thinkingTag, prompt string) *thinker {
	t := &thinker{tags: tags}
	prompt = strings.TrimRight(prompt, whitespace)
	for _, tag := range tags {
		if strings.HasSuffix(prompt, tag.open) {
			t.state, t.close = withinThinking, tag.close
		}
	}
	if len(tags) == 0 {
		t.state = withinAnswer
	}
	return t
}

// inside reports whether the next text is thinking, as far as is known.
func (t *thinker) inside() bool { return t.state == withinThinking }

// mayAnswer reports whether tokens that came last are of the answer, or may be.
func (t *thinker) mayAnswer() bool {
	return t.state == withinAnswer || t.state == beforeAnswer && (!t.again || strings.Trim(t.held, whitespace) != "")
}

// skip goes to the answer, and returns what has to stand before that in the
// prompt.
func (t *thinker) skip() string {
	if t.state != withinThinking {
		t.state = withinAnswer
		return ""
	}
	t.state = withinAnswer
	return t.close + "\n\n"
}

// push takes the next piece of what the model writes, and returns what of it can
// be told by now: of the thinking and, after that, of the answer.
func (t *thinker) push(text string) (thinking, answer string) {
	t.held += text
	for {
		switch t.state {
		case beforeAnswer:
			if !t.seekOpen() {
				return thinking, ""
			}
		case withinThinking:
			more, closed := t.seekClose()
			thinking += more
			if !closed {
				return thinking, ""
			}
		case withinAnswer:
			answer, t.held = t.held, ""
			return thinking, answer
		}
	}
}

// seekOpen looks for a tag that opens at the beginning of what is held. It
// reports false while that can't be decided.
func (t *thinker) seekOpen() bool {
	text := strings.TrimLeft(t.held, whitespace)
	if text == "" {
		return false
	}
	for _, tag := range t.tags {
		if rest, ok := strings.CutPrefix(text, tag.open); ok {
			t.state, t.close, t.held, t.begun = withinThinking, tag.close, rest, false
			return true
		}
		if strings.HasPrefix(tag.open, text) {
			return false
		}
	}
	if t.again {
		t.held = text
	}
	t.state = withinAnswer
	return true
}

// seekClose returns what is thought before the closing tag, and whether that was
// there.
func (t *thinker) seekClose() (thought string, closed bool) {
	thought, rest, closed := strings.Cut(t.held, t.close)
	if closed {
		t.state, t.again = beforeAnswer, true
	} else {
		thought = t.held[:len(t.held)-overlap(t.held, t.close)]
	}
	thought = strings.TrimRight(thought, whitespace)
	if !closed {
		rest = t.held[len(thought):]
	}
	if t.held = rest; !t.begun {
		thought = strings.TrimLeft(thought, whitespace)
		t.begun = thought != ""
	}
	return thought, closed
}

// flush returns what is held when the model has ended.
func (t *thinker) flush() (thinking, answer string) {
	text := t.held
	t.held = ""
	switch {
	case t.state == withinThinking && !t.begun:
		return strings.TrimLeft(text, whitespace), ""
	case t.state == withinThinking:
		return text, ""
	case t.again && strings.Trim(text, whitespace) == "":
		return "", ""
	}
	return "", text
}

// tagTokens are the thinking tags that are one token each, by their texts.
// llama.cpp gives a control token no bytes, so that a thinker would not see it.
func tagTokens(tags []thinkingTag, specials map[string]llamacpp.Token) map[llamacpp.Token]string {
	tokens := map[llamacpp.Token]string{}
	for _, tag := range tags {
		for _, text := range []string{tag.open, tag.close} {
			if t, ok := specials[text]; ok {
				tokens[t] = text
			}
		}
	}
	return tokens
}
