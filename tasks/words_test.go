package tasks

import (
	"slices"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
)

func TestWords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"":                                {},
		" … ":                             {},
		"A red-brown cat isn't 3.5 m, is": {"A", "red-brown", "cat", "isn't", "3.5", "m", "is"},
		"**bold** `code_name` (x)":        {"bold", "code_name", "x"},
		"- one\n- two-":                   {"one", "two"},
		"ένα μεγάλο Straße":               {"ένα", "μεγάλο", "Straße"},
		"e\u0301te\u0301":                 {"e\u0301te\u0301"},
	} {
		var got []string
		for _, w := range words(text, nil) {
			got = append(got, text[w.start:w.end])
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q has the words %q, want %q", text, got, want)
		}
	}
}

func tokens(texts ...string) (all []engine.TokenLogprob) {
	for _, t := range texts {
		all = append(all, engine.TokenLogprob{Text: t})
	}
	return all
}

// Without blanks a token is a word.
func TestDenseWords(t *testing.T) {
	t.Parallel()
	const text = "红色的圆形abc 好"
	spans := place(text, tokens("红色", "的", "圆", "形abc", " 好"))
	var got []string
	for _, w := range words(text, spans) {
		got = append(got, text[w.start:w.end])
	}
	if want := []string{"红色", "的", "圆", "形", "abc", "好"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestPlace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text   string
		tokens []string
		want   []string
	}{
		{"A cat.", []string{"A", " cat", "."}, []string{"A", " cat", "."}},
		{"A cat.", []string{" A", " cat", ".", "<|im_end|>"}, []string{"A", " cat", ".", ""}},
		{"好 a 👋!", []string{"\ufffd", "\ufffd", " a", " \ufffd", "\ufffd", "\ufffd", "!"}, []string{"", "", " a", " ", "", "", "!"}},
		{"x", []string{"y", "x"}, []string{"", "x"}},
	} {
		var got []string
		for _, s := range place(c.text, tokens(c.tokens...)) {
			got = append(got, c.text[s.start:s.end])
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%q of %q is %q, want %q", c.tokens, c.text, got, c.want)
		}
	}
}

// Whatever an engine calls the tokens of a text, their places are in it and in order,
// and so are its words.
func FuzzPlace(f *testing.F) {
	f.Add("A red-brown cat.", "A| red|-brown| cat|.")
	f.Add("红色的圆形👋", "红|\ufffd|\ufffd|圆形|\ufffd")
	f.Fuzz(func(t *testing.T, text, cut string) {
		spans := place(text, tokens(strings.Split(cut, "|")...))
		at := 0
		for _, s := range spans {
			if s.start < at || s.end < s.start || s.end > len(text) {
				t.Fatalf("the places are %v", spans)
			}
			at = s.end
		}
		at = 0
		for _, w := range words(text, spans) {
			if w.start < at || w.end <= w.start || w.end > len(text) {
				t.Fatalf("the words are at %v", w)
			}
			at = w.end
		}
	})
}
