package ptb

import (
	"bufio"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
)

func TestTokenizeIsTheReference(t *testing.T) {
	t.Parallel()
	hold(t, "testdata/tokens.jsonl", 3000)
	if more := os.Getenv("VLMCHAT_PTB_TEXTS"); more != "" {
		hold(t, more, 1)
	}
}

// hold holds Tokenize to a file that testdata/make_tokens.py has made.
func hold(t *testing.T, path string, least int) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	n := 0
	for ; lines.Scan(); n++ {
		var line []json.RawMessage
		var text string
		var want []string
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(line[0], &text); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(line[1], &want); err != nil {
			t.Fatal(err)
		}
		if got := Tokenize(text); !slices.Equal(got, want) {
			t.Errorf("%q\n  becomes %q\n  and     %q in the reference", text, got, want)
		}
	}
	if err := lines.Err(); err != nil || n < least {
		t.Fatalf("%d texts, %v", n, err)
	}
}

func TestTokenizeLines(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                         "",
		" \n\t ":                   "",
		"A dog.\nA cat.\r\nA cow.": "a dog a cat a cow",
		"two\u2028lines\u0085more": "two lines more",
		"\xff\xfebroken":           "broken",
		"nothing\x00here":          "nothing here",
	} {
		if got := strings.Join(Tokenize(text), " "); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

// What takes a time that grows with the square of a text would not end here.
func TestTokenizeLongTexts(t *testing.T) {
	t.Parallel()
	const size = 1 << 17
	for _, piece := range []string{
		"a", "-", ".", "'", "<", "&", "@", "1", "_", "?", "é", "猫", " ", "😀", "\\", ",", "a.", "a-", "a'", "1/", "a@", "<a ", "<!a", "http://", "www.a.",
		"a.com/", "a;b", "1 ", "(1", "$", "A$", "A&", "n't", "a!", "<a b=\"", "a,b-", "www.-", "x.com", "a b@c ", ";@", "a.-", "1.", "&lt;a", ":-", "a/b-c",
	} {
		Tokenize(strings.Repeat(piece, size/len(piece)))
	}
}

func FuzzTokenize(f *testing.F) {
	for _, s := range []string{"", "A dog can't (no!) 1/2 - 5.", "http://a.b/c <a b='c'>", "&amp;&eacute; 'tis d'xy-o'z", "Mr. X. The (555) 555-5555 \xff\u00ad", ":-) (^_^) U.S.-based, etc.,"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		size := 0
		for _, w := range Tokenize(text) {
			if w == "" || strings.ContainsAny(w, " \n\r\t") || slices.Contains(punctuation, w) {
				t.Errorf("%q has the word %q", text, w)
			}
			size += len(w)
		}
		if size > 5*len(text) {
			t.Errorf("%d bytes become %d", len(text), size)
		}
		if Lower(Lower(text)) != Lower(text) {
			t.Errorf("%q is not small after once", text)
		}
	})
}

func BenchmarkTokenize(b *testing.B) {
	const caption = "A man in a black-and-white shirt is riding a wave on his brother's surfboard."
	b.SetBytes(int64(len(caption)))
	for b.Loop() {
		Tokenize(caption)
	}
}
