package tasks

import (
	"context"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/vlmchat/vlmchat/engine"
)

// Probe is what a model says of a claim when it is asked about it alone (POPE,
// arXiv:2305.10355): whether it is so, or how many there are.
type Probe struct {
	// Said is the answer, "yes", "no" or a number; "" where the model said neither.
	Said string `json:"said"`
	// Probability is that of the claim: of yes against no, or of the number claimed against
	// the others. It is nil where the engine tells no log-probabilities.
	Probability *float64 `json:"probability,omitempty"`
	logit       float64  // of Probability, or what Said stands for
}

const (
	// sayYesOrNo and sayNumber end the questions.
	sayYesOrNo = " Answer yes or no."
	sayNumber  = " Answer with a number."
	// mostLogit bounds a probe's: of two answers of which one is all but impossible it is
	// noise by how much.
	mostLogit = 10
	// toplist is for how many of the likeliest tokens a server is asked: what Ollama and
	// OpenAI tell at most.
	toplist = 20
	// mostCounted is up to which number a count is compared with others.
	mostCounted = 12
)

// prober asks claims back.
type prober struct {
	scorer engine.Scorer // nil for an engine that is none
	asker  *Asker
}

// ask asks a claim back about pictures.
func (p *prober) ask(ctx context.Context, pictures []engine.Part, c Claim) (Probe, error) {
	question := c.Question
	if len(engine.Pictures([]engine.Message{{Parts: pictures}})) > 1 {
		question = strings.ReplaceAll(question, "in the image?", "in the images?")
	}
	right, wrong := yes, no
	if c.Kind == Count {
		question += sayNumber
		right, wrong = counts(c.Count)
	} else {
		question += sayYesOrNo
	}
	messages := []engine.Message{{Role: engine.User, Parts: append(pictures[:len(pictures):len(pictures)], engine.Part{Text: question})}}
	if p.scorer == nil {
		return p.chat(ctx, messages, right, wrong)
	}
	scores, err := p.scorer.Score(ctx, engine.ScoreRequest{Messages: messages, Candidates: append(right[:len(right):len(right)], wrong...)})
	if err != nil {
		return Probe{}, err
	}
	said, others := right[0], scores[len(right):]
	logit := anyOf(scores[:len(right)]) - anyOf(others)
	if logit < 0 {
		said = wrong[0]
		best := others[0].Logprob()
		for i, s := range others {
			if s.Logprob() > best {
				said, best = wrong[i], s.Logprob()
			}
		}
	}
	return probed(said, logit), nil
}

// probed makes a probe of what is known of probabilities.
func probed(said string, logit float64) Probe {
	logit = max(-mostLogit, min(mostLogit, logit))
	probability := sigmoid(logit)
	return Probe{Said: strings.ToLower(said), Probability: &probability, logit: logit}
}

// counts are the ways to say a number, and others.
func counts(n int) (right, wrong []string) {
	for i := range max(mostCounted, n) + 1 {
		to := &wrong
		if i == n {
			to = &right
		}
		*to = append(*to, strconv.Itoa(i))
		if i < len(numbers) {
			*to = append(*to, numbers[i])
		}
	}
	return right, wrong
}

// chat asks an engine that tells at most how likely its own answers are.
func (p *prober) chat(ctx context.Context, messages []engine.Message, right, wrong []string) (Probe, error) {
	answer, err := p.asker.Ask(ctx, engine.Request{
		Messages: messages, Sampling: engine.Sampling{TopP: 1, MaxTokens: shortAnswer}, Thinking: new(bool), TopLogprobs: toplist,
	}, nil)
	if err != nil {
		return Probe{}, err
	}
	if of, against, ok := answer.odds(right, wrong); ok {
		said := right[0]
		if of < against {
			said = firstWord(answer.Text())
		}
		return probed(said, math.Log(of)-math.Log(against)), nil
	}
	switch said := firstWord(answer.Text()); {
	case slices.Contains(right, said):
		return Probe{Said: said, logit: unsure}, nil
	case slices.Contains(wrong, said):
		return Probe{Said: said, logit: -unsure}, nil
	}
	return Probe{}, nil
}

// unsure is the logit for which an answer stands of which no probability is known.
const unsure = 2

// shortAnswer is how many tokens an answer of a word or a letter may take.
const shortAnswer = 16

// odds are the probabilities that the first word of an answer is one of these or of those, as
// far as the tokens tell that are likeliest in its place.
func (c *Collector) odds(these, those []string) (of, against float64, ok bool) {
	for _, t := range c.logprobs {
		if !strings.ContainsFunc(t.Text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }) {
			continue // what comes before it
		}
		seen := false
		for _, other := range t.Top {
			p := math.Exp(other.Logprob)
			switch word := strings.TrimSpace(other.Text); {
			case slices.Contains(these, word):
				of += p
				seen = true
			case slices.Contains(those, word):
				against += p
				seen = true
			}
		}
		// What is not among the likeliest is at most as likely as the last of them.
		if seen {
			least := math.Exp(t.Top[len(t.Top)-1].Logprob)
			of, against = max(of, least), max(against, least)
		}
		return of, against, seen
	}
	return 0, 0, false
}

// firstWord is the first word of an answer, in lower case.
func firstWord(answer string) string {
	for _, w := range words(answer, nil) {
		return strings.ToLower(answer[w.start:w.end])
	}
	return ""
}
