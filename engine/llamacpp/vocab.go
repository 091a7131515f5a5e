package llamacpp

import (
	"fmt"
	"runtime"
)

// Token is the number of a token in a model's vocabulary.
type Token int32

// Token attributes, of llama_token_attr.
const (
	attrUnknown     = 1 << 0
	attrControl     = 1 << 3
	attrUserDefined = 1 << 4
)

// VocabSize is the number of tokens in the vocabulary.
func (m *Model) VocabSize() int { return int(m.lib.llama.VocabNTokens.callInt(m.vocab)) }

// IsEnd reports whether a token ends the model's turn.
func (m *Model) IsEnd(t Token) bool { return m.lib.llama.VocabIsEOG.callBool(m.vocab, cInt(t)) }

// AddsBOS reports whether prompts of this model begin with its BOS token.
func (m *Model) AddsBOS() bool { return m.lib.llama.VocabAddBOS.callBool(m.vocab) }

// BOS returns the text of the token that begins a document, "" if there is none.
func (m *Model) BOS() string { return m.text(Token(m.lib.llama.VocabBOS.callInt(m.vocab))) }

// EOS returns the text of the token that ends a document, "" if there is none.
func (m *Model) EOS() string { return m.text(Token(m.lib.llama.VocabEOS.callInt(m.vocab))) }

// EndOfTurn returns the token with which the model ends its turn, if it has one.
func (m *Model) EndOfTurn() (t Token, ok bool) {
	if t = Token(m.lib.llama.VocabEOT.callInt(m.vocab)); t < 0 {
		t = Token(m.lib.llama.VocabEOS.callInt(m.vocab))
	}
	return t, t >= 0
}

func (m *Model) text(t Token) string {
	if t < 0 {
		return ""
	}
	return goString(m.lib.llama.VocabGetText.call(m.vocab, cInt(t)))
}

// Special is a token whose text is always a token by itself.
type Special struct {
	Token Token
	Text  string
	// Control is set for those that Tokenize recognises only when it is told to, and
	// that have no Piece: the marks with which a chat template frames what is said.
	Control bool
}

// Specials lists the vocabulary's special tokens.
func (m *Model) Specials() []Special {
	var specials []Special
	for t := range m.VocabSize() {
		attr := m.lib.llama.VocabGetAttr.callInt(m.vocab, cInt(t))
		if attr&(attrControl|attrUnknown|attrUserDefined) == 0 {
			continue
		}
		if s := m.text(Token(t)); s != "" {
			specials = append(specials, Special{Token(t), s, attr&(attrControl|attrUnknown) != 0})
		}
	}
	return specials
}

// Tokenize turns text into tokens. addSpecial puts the tokens around it with
// which a document begins and ends; parseSpecial recognises control tokens in
// the text.
func (m *Model) Tokenize(text string, addSpecial, parseSpecial bool) ([]Token, error) {
	b := cString(text)
	tokens := make([]Token, len(text)+2)
	n := m.lib.llama.Tokenize.callInt(m.vocab, addr(b), uintptr(len(text)), addr(tokens), uintptr(len(tokens)),
		cBool(addSpecial), cBool(parseSpecial))
	if n < 0 {
		tokens = make([]Token, -n)
		n = m.lib.llama.Tokenize.callInt(m.vocab, addr(b), uintptr(len(text)), addr(tokens), uintptr(len(tokens)),
			cBool(addSpecial), cBool(parseSpecial))
	}
	runtime.KeepAlive(b)
	if n < 0 {
		return nil, fmt.Errorf("llama.cpp could not tokenize %d bytes of text", len(text))
	}
	return tokens[:n], nil
}

// Piece appends the bytes of a token to buf: a part of a UTF-8 sequence at
// times. Control tokens have no bytes.
func (m *Model) Piece(buf []byte, t Token) []byte {
	piece := make([]byte, 64)
	n := m.lib.llama.TokenToPiece.callInt(m.vocab, cInt(t), addr(piece), uintptr(len(piece)), 0, 0)
	if n < 0 {
		piece = make([]byte, -n)
		n = m.lib.llama.TokenToPiece.callInt(m.vocab, cInt(t), addr(piece), uintptr(len(piece)), 0, 0)
	}
	return append(buf, piece[:clamp(n, len(piece))]...)
}
