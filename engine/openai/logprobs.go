package openai

import (
	"math"
	"strings"
	"unicode/utf8"

	"github.com/vlmchat/vlmchat/engine"
)

// logprobs are the tokens of a piece of the answer.
type logprobs struct {
	Content []tokenLogprob `json:"content"`
	Refusal []tokenLogprob `json:"refusal"`
}

// tokenLogprob is a token as servers tell it.
type tokenLogprob struct {
	ID      *int           `json:"id"` // llama-server
	Token   word           `json:"token"`
	Bytes   []number       `json:"bytes"`   // of the token, which may be a part of a character
	Logprob *float64       `json:"logprob"` // null, or a huge number, for one that can't come
	Top     []tokenLogprob `json:"top_logprobs"`
}

// impossible is the log-probability of a token that can't come, as vLLM and the
// native engine tell it: minus infinity has no form in JSON.
const impossible = -9999

// notTold is the number of a token that the server does not tell.
const notTold = -1

// told makes the vocabulary's form of it, with the likeliest in its place, at most
// top of them.
func (t tokenLogprob) told(top int) engine.TokenLogprob {
	l := engine.TokenLogprob{Text: t.text(), Token: notTold, Logprob: impossible}
	if t.ID != nil {
		l.Token = *t.ID
	}
	if t.Logprob != nil && *t.Logprob > impossible {
		l.Logprob = math.Min(*t.Logprob, 0)
	}
	for _, other := range t.Top[:min(top, len(t.Top))] {
		l.Top = append(l.Top, other.told(0))
	}
	return l
}

// text is the token's, with a sign for what is a part of a character only.
func (t tokenLogprob) text() string {
	if len(t.Bytes) == 0 {
		return string(t.Token)
	}
	b := make([]byte, len(t.Bytes))
	for i, n := range t.Bytes {
		b[i] = byte(n)
	}
	return strings.ToValidUTF8(string(b), string(utf8.RuneError))
}

// noLogprobs is the error of a server that was asked for log-probabilities, and
// tells none.
func noLogprobs(host string) *engine.Error {
	return &engine.Error{
		Kind:    engine.BadOption,
		Message: "the server at " + host + " tells no log-probabilities",
		Hint:    "ask without them, or use the native engine, which tells them",
	}
}
