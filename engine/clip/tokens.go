package clip

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/vlmchat/vlmchat/engine/clip/tokenizer"
)

// Tokens makes a text ready for Model.Texts. One that is too long is cut, and keeps the
// token at its end; SigLIP's are filled up, as the model was trained on texts of one
// length. The tokenizer's files are read with the first text: they can have 34 MB, and who
// encodes pictures needs none of them.
func (c *Checkpoint) Tokens(text string) ([]int32, error) {
	t, err := c.tokenizer()
	if err != nil {
		return nil, err
	}
	length := c.Config.Text.Length
	if c.Config.Type != "siglip" {
		return t.Encode(text, length), nil
	}
	ids := t.Encode(canonical(text, t.Kind()), length)
	for len(ids) < length {
		ids = append(ids, t.Pad())
	}
	return ids, nil
}

// openTokenizer reads the tokenizer's files.
func (c *Checkpoint) openTokenizer() (*tokenizer.Tokenizer, error) {
	t, err := tokenizer.Open(c.Dir)
	if err != nil {
		return nil, c.invalid(fmt.Errorf("its tokenizer: %w", err))
	}
	if size := t.Size(); size > c.Config.Text.Vocabulary {
		return nil, c.invalid(fmt.Errorf("its tokenizer has %d tokens, and config.json says that the model knows %d (text_config.vocab_size)",
			size, c.Config.Text.Vocabulary))
	}
	return t, nil
}

// canonical is a text as SigLIP's training had it: lower-case, and the first models'
// without punctuation and with single spaces. SiglipTokenizer of transformers does so before
// the tokenizer; for SigLIP 2, whose files don't say it, Siglip2Tokenizer does.
//
// SiglipTokenizer makes a token more of white space before a text. We don't: the training
// had none there.
func canonical(text string, kind tokenizer.Kind) string {
	text = tokenizer.Lower(strings.ToValidUTF8(text, "\uFFFD"))
	if kind == tokenizer.BPE {
		return text
	}
	text = strings.Map(func(r rune) rune {
		if r == '▁' { // which stands for a space in tokens
			return ' '
		}
		if strings.ContainsRune("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", r) {
			return -1
		}
		return r
	}, text)
	// Python's white space has the four separators of ASCII, too.
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f }), " ")
}
