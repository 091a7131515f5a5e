package clip

import (
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"
	"unicode/utf8"
)

const tokenizers = "../../testdata/clip/tokenizers"

// reader is a checkpoint of which the tokenizer alone is of use.
func reader(dir, family string, vocabulary, length int) *Checkpoint {
	c := &Checkpoint{Dir: dir, Config: Config{Type: family, Text: TextConfig{Vocabulary: vocabulary, Length: length}}}
	c.tokenizer = sync.OnceValues(c.openTokenizer)
	return c
}

// TestTokensLikeSiglipTokenizer: what transformers does with a text before SentencePiece
// sees it, Tokens does.
func TestTokensLikeSiglipTokenizer(t *testing.T) {
	t.Parallel()
	f, err := os.Open(filepath.Join(tokenizers, "cases.json.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var reference struct {
		Limit int
		Cases []struct {
			Text string
			Slow []int32
		}
	}
	if err := json.NewDecoder(z).Decode(&reference); err != nil {
		t.Fatal(err)
	}
	c := reader(filepath.Join(tokenizers, "siglip"), "siglip", 1000, reference.Limit)
	wrong := 0
	for _, r := range reference.Cases {
		if r.Slow == nil || unlike(r.Text) {
			continue
		}
		have, err := c.Tokens(r.Text)
		if err != nil {
			t.Fatal(err)
		}
		for len(r.Slow) < reference.Limit {
			r.Slow = append(r.Slow, 1)
		}
		if !slices.Equal(have, r.Slow) {
			if wrong++; wrong < 20 {
				t.Errorf("%q\nhas  %v\nwant %v", r.Text, have, r.Slow)
			}
		}
	}
	if wrong > 0 {
		t.Errorf("%d of %d texts differ", wrong, len(reference.Cases))
	}
}

// unlike tells of texts that mean to differ (canonical), or do because the reference of
// tokenizer.json is the tokenizers library, which applies the table of characters otherwise
// than SentencePiece: to long graphemes, and without dropping the space before what it removes.
func unlike(text string) bool {
	bare := strings.TrimLeft(text, "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
	first, _ := utf8.DecodeRuneInString(bare)
	return first == '▁' || unicode.IsSpace(first) || first >= 0x1c && first <= 0x1f ||
		strings.ContainsAny(text, "\x7f\u00ad\u200b") || strings.Contains(text, "\u0301\u0301")
}

// TestTokensOfFamilies: what differs between the families, and what is said of tokenizers
// that don't fit the model.
func TestTokensOfFamilies(t *testing.T) {
	t.Parallel()
	clip := reader(filepath.Join(tokenizers, "clip"), "clip", 1103, 12)
	short, err := clip.Tokens("a photo")
	if err != nil {
		t.Fatal(err)
	}
	long, err := clip.Tokens(strings.Repeat("photo ", 50))
	if err != nil {
		t.Fatal(err)
	}
	if len(short) >= 12 || len(long) != 12 || long[11] != short[len(short)-1] {
		t.Errorf("CLIP's texts become %v and %v", short, long)
	}
	dir := t.TempDir()
	content, err := os.ReadFile(filepath.Join(tokenizers, "siglip2.json"))
	if err != nil {
		t.Fatal(err)
	}
	content = []byte(strings.Replace(string(content), `{"type":"Lowercase"},`, "", 1)) // as SigLIP 2 is published
	write(t, filepath.Join(dir, "tokenizer.json"), string(content))
	write(t, filepath.Join(dir, "tokenizer_config.json"), `{"pad_token":"<pad>"}`)
	gemma := reader(dir, "siglip", 1000, 20)
	upper, err := gemma.Tokens("A Photo, of a CAT")
	if err != nil {
		t.Fatal(err)
	}
	lower, _ := gemma.Tokens("a photo, of a cat")
	without, _ := gemma.Tokens("a photo of a cat")
	if !slices.Equal(upper, lower) || slices.Equal(lower, without) || len(upper) != 20 || upper[19] != 0 {
		t.Errorf("SigLIP 2's texts become %v, %v and %v", upper, lower, without)
	}
	for _, c := range []struct {
		dir  string
		size int
		want string
	}{{filepath.Join(tokenizers, "clip"), 100, "config.json says that the model knows 100"}, {t.TempDir(), 100, "neither a tokenizer.json"}} {
		if _, err := reader(c.dir, "clip", c.size, 20).Tokens("a"); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.dir) {
			t.Errorf("the error is %v, which should say %s", err, c.want)
		}
	}
}
