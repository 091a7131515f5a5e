package tokenizer

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRefusals: files that are none, are damaged or want what we don't have are refused
// with what is wrong with them.
func TestRefusals(t *testing.T) {
	t.Parallel()
	bpe := func(rest string) string {
		return `{"model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":["a b"]}` + rest + `}`
	}
	for content, want := range map[string]string{
		``:                               "no tokenizer.json",
		`[]`:                             "no tokenizer.json",
		`{}`:                             "no model",
		`{"model":1}`:                    "file.model",
		`{"model":{"type":"WordPiece"}}`: "WordPiece",
		`{"model":{"type":"BPE","vocab":{},"merges":[]}}`:                                                           "empty",
		`{"model":{"type":"BPE","vocab":{"a":-1},"merges":[]}}`:                                                     "id -1",
		`{"model":{"type":"BPE","vocab":{"a":99999999},"merges":[]}}`:                                               "id 99999999",
		`{"model":{"type":"BPE","vocab":{"a":0},"merges":["a b"]}}`:                                                 `"b"`,
		`{"model":{"type":"BPE","vocab":{"a":0},"merges":["a"]}}`:                                                   "two tokens",
		`{"model":{"type":"BPE","vocab":{"a":0},"merges":[["a"]]}}`:                                                 "two tokens",
		`{"model":{"type":"BPE","vocab":{"a":0},"merges":[7]}}`:                                                     "merge 1",
		`{"model":{"type":"BPE","vocab":{"a":0},"merges":[],"unk_token":"?"}}`:                                      `"?"`,
		`{"model":{"type":"Unigram","vocab":[]}}`:                                                                   "empty",
		`{"model":{"type":"Unigram","vocab":[["a",-1]]}}`:                                                           "unk_id",
		`{"model":{"type":"Unigram","vocab":[["a"]],"unk_id":0}}`:                                                   "pair",
		`{"model":{"type":"Unigram","vocab":[[null,1]],"unk_id":0}}`:                                                "pair",
		bpe(`,"normalizer":{"type":"BertNormalizer"}`):                                                              `normalizer: the type "BertNormalizer"`,
		bpe(`,"normalizer":{"type":"Replace","content":"x"}`):                                                       "neither",
		bpe(`,"normalizer":{"type":"Replace","pattern":{"Regex":"a(?=b)"}}`):                                        "a(?=b)",
		bpe(`,"normalizer":{"type":"Precompiled","precompiled_charsmap":"/////w=="}`):                               "damaged",
		bpe(`,"normalizer":{"type":"Precompiled","precompiled_charsmap":"AA=="}`):                                   "cut",
		bpe(`,"pre_tokenizer":{"type":"BertPreTokenizer"}`):                                                         `pre-tokenizer: the type "BertPreTokenizer"`,
		bpe(`,"pre_tokenizer":{"type":"Split","pattern":{"String":" "},"behavior":"x"}`):                            `behaviour "x"`,
		bpe(`,"pre_tokenizer":{"type":"Metaspace","replacement":"▁","prepend_scheme":"first"}`):                     "first",
		bpe(`,"pre_tokenizer":{"type":"Metaspace"}`):                                                                "replacement",
		bpe(`,"post_processor":{"type":"X"}`):                                                                       `post-processor: the type "X"`,
		bpe(`,"post_processor":{"type":"TemplateProcessing","single":[]}`):                                          "no place for the text",
		bpe(`,"post_processor":{"type":"RobertaProcessing","cls":["a",-4],"sep":["b",1]}`):                          "id -4",
		bpe(`,"added_tokens":[{"id":-2,"content":"x"}]`):                                                            "id -2",
		bpe(`,"normalizer":` + strings.Repeat(`{"type":"Sequence","normalizers":[`, 20) + strings.Repeat(`]}`, 20)): "deep",
	} {
		if _, err := parseJSON([]byte(content)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\nis refused with %v, which should name %s", content, err, want)
		}
	}
}

// TestFolders: which files a tokenizer is read from, and what is said of folders that lack them.
func TestFolders(t *testing.T) {
	t.Parallel()
	vocabulary, err := os.ReadFile(filepath.Join(fixtures, "clip/vocab.json"))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"nothing":          {nil, "neither"},
		"no merges":        {map[string]string{"vocab.json": string(vocabulary)}, "neither"},
		"odd merges":       {map[string]string{"vocab.json": string(vocabulary), "merges.txt": "#version: 0.2\na b c\n"}, `"a b c" is not two tokens`},
		"other merges":     {map[string]string{"vocab.json": string(vocabulary), "merges.txt": "a nothing\n"}, `"nothing"`},
		"other vocab":      {map[string]string{"vocab.json": `{"a":0}`, "merges.txt": ""}, "<|startoftext|>"},
		"damaged vocab":    {map[string]string{"vocab.json": `{"a":`, "merges.txt": ""}, "vocab.json"},
		"odd padding":      {map[string]string{"vocab.json": string(vocabulary), "merges.txt": "", "tokenizer_config.json": `{"pad_token":"<none>"}`}, `"<none>"`},
		"damaged settings": {map[string]string{"vocab.json": string(vocabulary), "merges.txt": "", "tokenizer_config.json": `{`}, "tokenizer_config.json"},
		"whole":            {map[string]string{"vocab.json": string(vocabulary), "merges.txt": "", "special_tokens_map.json": `{"pad_token":{"content":"!"}}`}, ""},
	} {
		dir := t.TempDir()
		for file, content := range c.files {
			if err := os.WriteFile(filepath.Join(dir, file), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		tokenizer, err := Open(dir)
		if c.want != "" {
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v, which should name %s", name, err, c.want)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if want, _ := tokenizer.ID("!"); tokenizer.Pad() != want {
			t.Errorf("%s: the token for padding is %d, not %d", name, tokenizer.Pad(), want)
		}
	}
}

// TestGemmaEnds: for Gemma's tokenizers tokenizer_config.json tells which ends belong to a text.
func TestGemmaEnds(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(filepath.Join(fixtures, "siglip2.json"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for file, content := range map[string]string{
		"tokenizer.json": string(content),
		"tokenizer_config.json": `{"tokenizer_class":"GemmaTokenizer","add_bos_token":true,"add_eos_token":false,
			"bos_token":"<bos>","eos_token":"<eos>","pad_token":"<pad>"}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tokenizer, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	begin, _ := tokenizer.ID("<bos>")
	end, _ := tokenizer.ID("<eos>")
	ids := tokenizer.Encode("a photo", 64)
	if ids[0] != begin || ids[len(ids)-1] == end || tokenizer.Pad() != 0 {
		t.Errorf("a text becomes %v, padded with %d", ids, tokenizer.Pad())
	}
}

// FuzzParse: no tokenizer.json ends the process, takes much memory or yields more tokens
// than are asked for.
func FuzzParse(f *testing.F) {
	for _, content := range []string{
		`{"model":{"vocab":{"a":0,"b":1,"ab":2},"merges":["a b"]},"normalizer":{"type":"Replace","pattern":{"Regex":"\\s+"},"content":"bb"}}`,
		`{"model":{"type":"BPE","vocab":{"a":0,"b</w>":1,"ab</w>":2,"?":3},"merges":[["a","b</w>"]],"unk_token":"?","end_of_word_suffix":"</w>"},
			"normalizer":{"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"Lowercase"},{"type":"Strip","strip_left":true}]},
			"pre_tokenizer":{"type":"Sequence","pretokenizers":[
				{"type":"Split","pattern":{"Regex":"'s|[\\p{L}]+|[^\\s\\p{L}]+"},"behavior":"Removed","invert":true},{"type":"ByteLevel","add_prefix_space":false}]},
			"post_processor":{"type":"RobertaProcessing","cls":["?",3],"sep":["a",0]}}`,
		`{"model":{"type":"Unigram","unk_id":0,"vocab":[["?",0],["a",-1],["▁",-2],["▁a",-2.5],["<0x41>",-3]],"byte_fallback":true},
			"normalizer":{"type":"Precompiled","precompiled_charsmap":"CAAAAAAAAAAAAAAAYQA="},
			"pre_tokenizer":{"type":"Metaspace","replacement":"▁","prepend_scheme":"always"},
			"added_tokens":[{"id":5,"content":"</s>","special":true},{"id":1,"content":"aa","lstrip":true,"rstrip":true,"normalized":true,"single_word":true}],
			"post_processor":{"type":"TemplateProcessing","single":[{"Sequence":{"id":"A"}},{"SpecialToken":{"id":"</s>"}}],"special_tokens":{"</s>":{"ids":[5]}}}}`,
	} {
		if _, err := parseJSON([]byte(content)); err != nil {
			f.Fatal(err)
		}
		f.Add([]byte(content), "ab it's a A\u00a0👍🏽 </s> aa")
	}
	f.Fuzz(func(t *testing.T, content []byte, text string) {
		tokenizer, err := parseJSON(content)
		if err != nil {
			return
		}
		ids := tokenizer.Encode(text, 77)
		if len(ids) > max(77, len(tokenizer.after)) {
			t.Fatalf("%d tokens", len(ids))
		}
		for _, id := range ids {
			if id < 0 || int(id) >= tokenizer.Size() {
				t.Fatalf("token %d of %d", id, tokenizer.Size())
			}
		}
	})
}
