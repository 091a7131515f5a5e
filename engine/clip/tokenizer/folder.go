package tokenizer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// maxFile bounds each of a tokenizer's files, in bytes. Gemma's have 34 MB.
const maxFile = 256 << 20

// Files are the names of the files that a tokenizer may be read from and that decide about
// its tokens, in a checkpoint's folder.
func Files() []string {
	return []string{"tokenizer.json", "vocab.json", "merges.txt", "tokenizer_config.json", "special_tokens_map.json"}
}

// ErrMissing is the error about a folder without the files of a tokenizer.
var ErrMissing = errors.New("it has neither a tokenizer.json nor a vocab.json with a merges.txt")

// Open reads the tokenizer of a checkpoint's folder: tokenizer.json, or CLIP's vocab.json
// and merges.txt. Which token is for padding, and whether tokens for the beginning and the
// end belong to a text, tokenizer_config.json may say otherwise than tokenizer.json; it is
// then right, as for the transformers library.
func Open(dir string) (*Tokenizer, error) {
	t, err := openModel(dir)
	if err != nil {
		return nil, err
	}
	var c configFile
	for _, name := range []string{"special_tokens_map.json", "tokenizer_config.json"} {
		content, err := read(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = json.Unmarshal(content, &c)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	if err := t.configure(c); err != nil {
		return nil, fmt.Errorf("tokenizer_config.json: %w", err)
	}
	return t, nil
}

func openModel(dir string) (*Tokenizer, error) {
	content, err := read(filepath.Join(dir, "tokenizer.json"))
	if err == nil {
		t, err := parseJSON(content)
		if err != nil {
			return nil, fmt.Errorf("tokenizer.json: %w", err)
		}
		return t, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("tokenizer.json: %w", err)
	}
	vocabulary, err := read(filepath.Join(dir, "vocab.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrMissing
	}
	if err != nil {
		return nil, fmt.Errorf("vocab.json: %w", err)
	}
	merges, err := read(filepath.Join(dir, "merges.txt"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrMissing
	}
	if err != nil {
		return nil, fmt.Errorf("merges.txt: %w", err)
	}
	return parseCLIP(vocabulary, merges)
}

// configFile is what tokenizer_config.json and special_tokens_map.json say that we heed.
type configFile struct {
	Class  string       `json:"tokenizer_class"`
	Pad    contentToken `json:"pad_token"`
	BOS    contentToken `json:"bos_token"`
	EOS    contentToken `json:"eos_token"`
	AddBOS *bool        `json:"add_bos_token"`
	AddEOS *bool        `json:"add_eos_token"`
}

// contentToken is a token by its text, or an object that holds it.
type contentToken string

func (c *contentToken) UnmarshalJSON(raw []byte) error {
	if len(raw) > 0 && raw[0] == '{' {
		var token struct {
			Content string `json:"content"`
		}
		err := json.Unmarshal(raw, &token)
		*c = contentToken(token.Content)
		return err
	}
	return json.Unmarshal(raw, (*string)(c))
}

// configure applies what tokenizer_config.json says. Only Gemma's tokenizers heed whether
// to add the tokens around a text.
func (t *Tokenizer) configure(c configFile) (err error) {
	if c.Pad != "" {
		if t.pad, err = t.special(string(c.Pad)); err != nil {
			return err
		}
	}
	if !strings.HasPrefix(c.Class, "Gemma") && !strings.HasPrefix(c.Class, "Siglip2") {
		return nil
	}
	for _, end := range []struct {
		add    *bool
		token  contentToken
		tokens *[]int32
	}{{c.AddBOS, c.BOS, &t.before}, {c.AddEOS, c.EOS, &t.after}} {
		if end.add == nil || end.token == "" {
			continue
		}
		*end.tokens = nil
		if *end.add {
			id, err := t.special(string(end.token))
			if err != nil {
				return err
			}
			*end.tokens = []int32{id}
		}
	}
	return nil
}

// parseCLIP reads the files of CLIP's own tokenizer: its tokens, and what is merged into
// them. The rest is the same for all CLIPs.
func parseCLIP(vocabulary, merges []byte) (*Tokenizer, error) {
	f := bpeModel{suffix: "</w>"}
	if err := json.Unmarshal(vocabulary, &f.vocabulary); err != nil {
		return nil, fmt.Errorf("vocab.json: %w", err)
	}
	const begin, end = "<|startoftext|>", "<|endoftext|>"
	for _, token := range []string{begin, end} {
		if _, ok := f.vocabulary[token]; !ok {
			return nil, fmt.Errorf("vocab.json: it has no token %s, as CLIP's has", token)
		}
	}
	unknown := end
	f.unknown = &unknown
	for line := range bytes.Lines(merges) {
		text := strings.TrimRight(string(line), "\r\n")
		if text == "" || strings.HasPrefix(text, "#version") {
			continue
		}
		parts := strings.Split(text, " ")
		if len(parts) != 2 {
			return nil, fmt.Errorf("merges.txt: the line %.40q is not two tokens", text)
		}
		f.merges = append(f.merges, [2]string(parts))
	}
	m, ids, err := newBPE(f)
	if err != nil {
		return nil, fmt.Errorf("merges.txt: %w", err)
	}
	t := &Tokenizer{model: m, ids: ids, before: []int32{ids[begin]}, after: []int32{ids[end]}, pad: ids[end]}
	if t.normalize, err = parseNormalizer([]byte(clipNormalizer)); err != nil {
		return nil, err
	}
	if t.split, err = parsePreTokenizer([]byte(clipPreTokenizer)); err != nil {
		return nil, err
	}
	return t, nil
}

// How CLIP cuts texts, as its published tokenizer.json says it.
const (
	clipNormalizer = `{"type":"Sequence","normalizers":[
		{"type":"NFC"},
		{"type":"Replace","pattern":{"Regex":"\\s+"},"content":" "},
		{"type":"Lowercase"}]}`
	clipPreTokenizer = `{"type":"Sequence","pretokenizers":[
		{"type":"Split","pattern":{"Regex":"'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+"},"behavior":"Removed","invert":true},
		{"type":"ByteLevel","add_prefix_space":false}]}`
)

// read reads one of a tokenizer's files.
func read(path string) ([]byte, error) {
	// Opening a pipe could wait for ever.
	fi, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !fi.Mode().IsRegular() {
		return nil, errors.New("it is not a regular file")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(content) > maxFile {
		err = fmt.Errorf("it has more than %d MB, more than any tokenizer", maxFile>>20)
	}
	return content, err
}
