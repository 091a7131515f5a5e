package llamacpp

import (
	"errors"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/testdata/hostile"
)

func TestHostileGrammars(t *testing.T) {
	for _, g := range hostile.Grammars {
		if err := checkGrammar(g.Text); err == nil || !strings.Contains(err.Error(), g.Want) {
			t.Errorf("%s: the error is %v; want %q", g.Name, err, g.Want)
		}
	}
}

// goodGrammars are grammars as people write them.
var goodGrammars = []string{
	`root ::= "yes" | "no"`,
	"# a comment\nroot  ::= item+ # more\nitem ::= \"- \" [^\\n]* \"\\n\"\n\n",
	"root ::= (\n  \"a\" |\n  \"b\"\n)\r\n",
	`root ::= [0-9]{1,3} ("," [0-9]{3})* "."?`,
	"root ::= object\nobject ::= \"{\" (pair (\",\" pair)*)? \"}\"\npair ::= string \":\" value\n" +
		"value ::= object | string | [0-9]+\nstring ::= \"\\\"\" ([^\"\\\\\\x7F\\x00-\\x1F] | \"\\\\\" [\"\\\\bfnrt])* \"\\\"\"\n",
	`root ::= "a" root | ""`,
	`root ::= .{0,20} "é" [à-ü] "\u00e9"`,
	`root ::= ("a" | ("b" "c"){2}){3,} [\]\[\-]`,
	"root ::=\n  \"late\"",
	`root ::= "a"{ 2 , 3 } " b "`,
}

// What the check accepts llama.cpp can read.
func TestGoodGrammars(t *testing.T) {
	r := newRig(t)
	for _, text := range goodGrammars {
		g, err := r.model.NewGrammar(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		g.Close()
	}
	for _, h := range hostile.Grammars {
		if _, err := r.model.NewGrammar(h.Text); err == nil {
			t.Errorf("%s: read", h.Name)
		}
	}
}

// write answers about a picture within a grammar.
func (r *rig) write(t *testing.T, picture Bitmap, grammar string, o engine.Sampling) string {
	t.Helper()
	g, err := r.model.NewGrammar(grammar)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	r.context.Clear()
	sampler := r.sampler(t, o)
	answer, _ := r.answer(t, picture, func() (Token, error) { return sampler.SampleWithin(g, r.context, -1) })
	return answer
}

func TestGrammarRestrictsTheAnswer(t *testing.T) {
	r := newRig(t)
	for grammar, want := range map[string]string{
		// What the model would write anyway stays as it is.
		`root ::= [^\x00]*`: described,
		`root ::= "yes"`:    "yes",
		// The likeliest of what is allowed.
		`root ::= "The image shows " ("a blue circle" | "one object") "."`:                        "The image shows one object.",
		`root ::= "The image shows one object on a " ("white" | "black") " background" [^.]* "."`: described,
	} {
		if got := r.write(t, bitmap(t, "scene-01.png"), grammar, engine.Sampling{}); got != want {
			t.Errorf("within %s the answer is %q, want %q", grammar, got, want)
		}
	}
	for seed := range uint32(5) {
		got := r.write(t, bitmap(t, "scene-02.png"), `root ::= ("red" | "green") " " [0-9]{2}`, engine.Sampling{Temperature: 1.5, TopP: 1, Seed: &seed})
		colour, digits, _ := strings.Cut(got, " ")
		if colour != "red" && colour != "green" || len(digits) != 2 || strings.Trim(digits, "0123456789") != "" {
			t.Errorf("seed %d: the answer is %q", seed, got)
		}
	}
}

// A token that is not allowed would end the process if llama.cpp accepted it.
func TestForbiddenToken(t *testing.T) {
	r := newRig(t)
	g, err := r.model.NewGrammar(`root ::= "yes"`)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	yes, err := r.model.Tokenize("yes", false, false)
	if err != nil {
		t.Fatal(err)
	}
	end := r.endToken(t)
	no, err := r.model.Tokenize("no", false, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, token := range []Token{no[0], end} {
		if err := g.Accept(token); !errors.Is(err, ErrForbidden) {
			t.Errorf("token %d: the error is %v", token, err)
		}
	}
	for _, token := range append(yes, end) {
		if err := g.Accept(token); err != nil {
			t.Errorf("token %d: %v", token, err)
		}
	}
	if err := g.Accept(yes[0]); !errors.Is(err, ErrForbidden) {
		t.Errorf("after the end the error is %v", err)
	}
}

// endToken is a token that ends an answer.
func (r *rig) endToken(t *testing.T) Token {
	t.Helper()
	for token := range Token(r.model.VocabSize()) {
		if r.model.IsEnd(token) {
			return token
		}
	}
	t.Fatal("the model has no token that ends an answer")
	return 0
}

func FuzzGrammar(f *testing.F) {
	for _, g := range goodGrammars {
		f.Add(g)
	}
	for _, g := range hostile.Grammars {
		f.Add(g.Text[:min(len(g.Text), 300)])
	}
	f.Fuzz(func(t *testing.T, text string) {
		if err := checkGrammar(text); err != nil && err.Error() == "" {
			t.Error("an error without words")
		}
	})
}
