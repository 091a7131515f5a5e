package tokenizer

import (
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const fixtures = "../../../testdata/clip/tokenizers"

// reference is what testdata/clip/make_tokenizers.py wrote: texts, and their tokens by the
// tokenizers library.
type reference struct {
	Limit int `json:"limit"`
	Cases []struct {
		Text    string  `json:"text"`
		CLIP    []int32 `json:"clip"`
		SigLIP  []int32 `json:"siglip"`
		SigLIP2 []int32 `json:"siglip2"`
	} `json:"cases"`
}

func readReference(t *testing.T) reference {
	t.Helper()
	f, err := os.Open(filepath.Join(fixtures, "cases.json.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var r reference
	if err := json.NewDecoder(z).Decode(&r); err != nil {
		t.Fatal(err)
	}
	return r
}

func parseFile(t testing.TB, path string) *Tokenizer {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(fixtures, path))
	if err != nil {
		t.Fatal(err)
	}
	tokenizer, err := parseJSON(content)
	if err != nil {
		t.Fatal(err)
	}
	return tokenizer
}

func open(t testing.TB, dir string) *Tokenizer {
	t.Helper()
	tokenizer, err := Open(filepath.Join(fixtures, dir))
	if err != nil {
		t.Fatal(err)
	}
	return tokenizer
}

// TestLikeTheReference holds the tokens of some thousand texts against those of the
// tokenizers library.
func TestLikeTheReference(t *testing.T) {
	t.Parallel()
	r := readReference(t)
	for name, tokenizer := range map[string]*Tokenizer{
		"CLIP":                              parseFile(t, "clip.json"),
		"CLIP by vocab.json and merges.txt": open(t, "clip"),
		"SigLIP":                            open(t, "siglip"),
		"SigLIP 2":                          parseFile(t, "siglip2.json"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wrong := 0
			for _, c := range r.Cases {
				want := c.CLIP
				switch name {
				case "SigLIP":
					want = c.SigLIP
				case "SigLIP 2":
					want = c.SigLIP2
				}
				if have := tokenizer.Encode(c.Text, r.Limit); !slices.Equal(have, want) {
					if wrong++; wrong < 10 {
						t.Errorf("%q\nhas  %v\nwant %v", c.Text, have, want)
					}
				}
			}
			if wrong > 0 {
				t.Errorf("%d of %d texts differ", wrong, len(r.Cases))
			}
		})
	}
}

// TestSpecialTokens: what a person writes is no special token, and a text that is cut keeps
// the one at its end.
func TestSpecialTokens(t *testing.T) {
	t.Parallel()
	tokenizer := open(t, "clip")
	begin, _ := tokenizer.ID("<|startoftext|>")
	end, _ := tokenizer.ID("<|endoftext|>")
	for _, text := range []string{"<|endoftext|>", "a <|startoftext|> b <|endoftext|> c", strings.Repeat("a photo of ", 100)} {
		ids := tokenizer.Encode(text, 20)
		if ids[0] != begin || ids[len(ids)-1] != end || len(ids) > 20 {
			t.Errorf("%q becomes %v", text, ids)
		}
		if own := ids[1 : len(ids)-1]; slices.Contains(own, begin) || slices.Contains(own, end) {
			t.Errorf("%q becomes %v, with a special token in the text", text, ids)
		}
	}
	if tokenizer.Pad() != end {
		t.Errorf("the token for padding is %d", tokenizer.Pad())
	}
}

// TestLongTexts: what a text costs is bounded, and where it is cut no letter is.
func TestLongTexts(t *testing.T) {
	t.Parallel()
	for _, tokenizer := range []*Tokenizer{open(t, "clip"), open(t, "siglip"), parseFile(t, "siglip2.json")} {
		for _, text := range []string{strings.Repeat("日本", 1<<20), strings.Repeat("x", 5<<20), strings.Repeat("\xff", 1<<20), "x" + strings.Repeat("é", maxText)} {
			if ids := tokenizer.Encode(text, 77); len(ids) > 77 {
				t.Errorf("a text of %d bytes becomes %d tokens", len(text), len(ids))
			}
		}
	}
	if s := cut("x" + strings.Repeat("é", maxText)); len(s) != maxText-1 {
		t.Errorf("a text is cut after %d bytes", len(s))
	}
}
