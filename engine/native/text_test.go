package native

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestTextStream(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		stops  []string
		pieces []string
		want   string
	}{
		{"plain", nil, []string{"a", "b", "c"}, "a|b|c"},
		{"a character over two tokens", nil, []string{"\xc3", "\xa9!"}, "|é!"},
		{"an emoji over four", nil, []string{"\xf0", "\x9f", "\x98", "\x80"}, "|||😀"},
		{"a character that never ends", nil, []string{"a\xe2\x82"}, "a|\ufffd"},
		{"bytes that are no text", nil, []string{"a\xffb"}, "a\ufffdb"},
		{"a stop string", []string{"END"}, []string{"one END two"}, "one "},
		{"a stop string over tokens", []string{"END"}, []string{"one E", "N", "D two"}, "one ||"},
		{"half a stop string", []string{"END"}, []string{"one E", "N", "O"}, "one ||ENO"},
		{"half a stop string at the end", []string{"END"}, []string{"one EN"}, "one |EN"},
		{"the earlier of two", []string{"long stop", "stop"}, []string{"a long stop"}, "a "},
		{"the one that is whole first", []string{"abc", "b"}, []string{"xabc"}, "xa"},
		{"an empty stop string", []string{""}, []string{"abc"}, "abc"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := textStream{stops: c.stops}
			var got []string
			for _, p := range c.pieces {
				got = append(got, s.push([]byte(p)))
			}
			if end := s.flush(); end != "" {
				got = append(got, end)
			}
			if strings.Join(got, "|") != c.want {
				t.Errorf("got %q, want %q", strings.Join(got, "|"), c.want)
			}
		})
	}
}

// However an answer is cut into tokens, in the middle of characters too: what is
// shown is the text before the first stop string, at no moment a part of one, and
// held back is no more than may be one.
func TestStopStringsInEveryCut(t *testing.T) {
	t.Parallel()
	cuts := func(answer string, each func(pieces []string)) {
		for bits := range 1 << (len(answer) - 1) {
			pieces, from := []string(nil), 0
			for i := 1; i <= len(answer); i++ {
				if i == len(answer) || bits>>(i-1)&1 == 1 {
					pieces, from = append(pieces, answer[from:i]), i
				}
			}
			each(pieces)
		}
	}
	for _, c := range []struct {
		answer, want string
		stops        []string
	}{
		{"ein Ende ja", "ein ", []string{"Ende"}},
		{"aaaab", "a", []string{"aaab"}},
		{"ababac", "ab", []string{"abac"}},
		{"né où?", "n", []string{"é"}},
		{"né où?", "né o", []string{"ù?"}},
		{"a😀b😁", "a😀b", []string{"😁", "😀c"}},
		{"x</s>y", "x", []string{"<|end|>", "</s>", "</"}},
		{"no stop ST", "no stop ST", []string{"STOP", "xx"}},
		{"\n\nUser:", "\n", []string{"\nUser"}},
		{"abcd", "a", []string{"bcd", "bc", "d"}},
		{"a\xffSTOP", "a\ufffd", []string{"STOP"}},
		{"STOP", "", []string{"STOP"}},
	} {
		cuts(c.answer, func(pieces []string) {
			s := textStream{stops: c.stops}
			shown := ""
			for i, p := range pieces {
				if s.stopped {
					break
				}
				shown += s.push([]byte(p))
				read := strings.ToValidUTF8(strings.Join(pieces[:i+1], ""), "\ufffd")
				if !utf8.ValidString(shown) || !strings.HasPrefix(c.want, shown) {
					t.Fatalf("%q, cut into %q: after %q it shows %q", c.answer, pieces, p, shown)
				}
				if rest := strings.TrimPrefix(read, shown); !s.stopped && len(s.pending) > 0 && !begins(rest, c.stops) {
					t.Fatalf("%q, cut into %q: after %q it holds %q back", c.answer, pieces, p, s.pending)
				}
			}
			if shown += s.flush(); shown != c.want {
				t.Fatalf("%q, cut into %q: it shows %q, want %q", c.answer, pieces, shown, c.want)
			}
		})
	}
}

// begins reports whether a text, the last character of which may be cut, begins
// a stop string.
func begins(text string, stops []string) bool {
	text = strings.TrimSuffix(text, "\ufffd")
	for _, stop := range stops {
		if strings.HasPrefix(stop, text) {
			return true
		}
	}
	return false
}

// However an answer is cut into tokens, the text is the same and always valid.
func FuzzTextStream(f *testing.F) {
	f.Add([]byte("héllo 😀 END"), uint8(1), "END")
	f.Add([]byte("\xff\xfe\xc3"), uint8(2), "")
	f.Fuzz(func(t *testing.T, answer []byte, step uint8, stop string) {
		width := int(step)%7 + 1
		pieces, whole := textStream{stops: []string{stop}}, textStream{stops: []string{stop}}
		var got strings.Builder
		for i := 0; i < len(answer) && !pieces.stopped; i += width {
			piece := pieces.push(answer[i:min(i+width, len(answer))])
			if !utf8.ValidString(piece) {
				t.Fatalf("%q is not valid", piece)
			}
			got.WriteString(piece)
		}
		got.WriteString(pieces.flush())
		want := whole.push(answer) + whole.flush()
		// How many marks stand for a run of bad bytes depends on the cut.
		clean := func(s string) string { return strings.ReplaceAll(s, "\ufffd", "") }
		if utf8.Valid(answer) && utf8.ValidString(stop) && clean(got.String()) != clean(want) {
			t.Fatalf("in pieces %q, at once %q", got.String(), want)
		}
	})
}
