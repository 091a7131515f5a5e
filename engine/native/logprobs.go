package native

import (
	"math"
	"strings"
	"unicode/utf8"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/llamacpp"
)

// logSumExp is the logarithm of the sum of exp(logits), by which a logit becomes
// a log-probability.
func logSumExp(logits []float32) float64 {
	most := float32(math.Inf(-1))
	for _, v := range logits {
		most = max(most, v)
	}
	sum := 0.0
	for _, v := range logits {
		sum += float64(expf(v - most))
	}
	return float64(most) + math.Log(sum)
}

func expf(x float32) float32 { return float32(math.Exp(float64(x))) }

// impossible is the log-probability of a token that can't come: minus infinity has
// no form in JSON. OpenAI's API has the same number.
const impossible = -9999

// tokenLogprob tells how likely a token was by the logits of its place, and which
// top tokens were the likeliest there.
func tokenLogprob(m *llamacpp.Model, logits []float32, t llamacpp.Token, top int) engine.TokenLogprob {
	if logits == nil || int(t) >= len(logits) || t < 0 {
		return engine.TokenLogprob{Text: tokenText(m, t), Token: int(t), Logprob: impossible}
	}
	sum := logSumExp(logits)
	of := func(t llamacpp.Token) engine.TokenLogprob {
		logprob := float64(logits[t]) - sum
		if !(logprob > impossible) { // or not a number
			logprob = impossible
		}
		return engine.TokenLogprob{Text: tokenText(m, t), Token: int(t), Logprob: logprob}
	}
	found := of(t)
	for _, t := range likeliest(logits, top) {
		found.Top = append(found.Top, of(t))
	}
	return found
}

// tokenText is a token as text; a part of a character is shown as one that is
// missing.
func tokenText(m *llamacpp.Model, t llamacpp.Token) string {
	return strings.ToValidUTF8(string(m.Piece(nil, t)), string(utf8.RuneError))
}

// likeliest returns the n tokens with the highest logits, the highest first.
func likeliest(logits []float32, n int) []llamacpp.Token {
	n = min(n, len(logits))
	if n <= 0 {
		return nil
	}
	found := make([]llamacpp.Token, 0, n+1)
	for t, v := range logits {
		if len(found) == n && v <= logits[found[n-1]] {
			continue
		}
		i := len(found)
		found = append(found, llamacpp.Token(t))
		for ; i > 0 && v > logits[found[i-1]]; i-- {
			found[i] = found[i-1]
		}
		found[i] = llamacpp.Token(t)
		found = found[:min(len(found), n)]
	}
	return found
}
