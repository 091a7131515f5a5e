package tasks

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
)

// attributes are words of the scenes' captions of which one can stand for another.
var attributes = [][]string{
	{"red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white"},
	{"circle", "square", "triangle", "star", "cross", "diamond", "heart", "ring"},
	{"small", "large"},
}

// spoil puts a wrong word in the place of an attribute of a caption, and tells where.
func spoil(caption string, random *rand.Rand) (wrong string, at span, ok bool) {
	type attribute struct {
		span
		kind int
	}
	var found []attribute
	for _, w := range words(caption, nil) {
		for kind, all := range attributes {
			if slices.Contains(all, caption[w.start:w.end]) {
				found = append(found, attribute{w, kind})
			}
		}
	}
	if len(found) == 0 {
		return "", span{}, false
	}
	a := found[random.IntN(len(found))]
	for {
		word := attributes[a.kind][random.IntN(len(attributes[a.kind]))]
		// A word that the caption has elsewhere could be true here in another order.
		if word != caption[a.start:a.end] && (a.kind == 2 || !strings.Contains(caption, word)) {
			return caption[:a.start] + word + caption[a.end:], span{a.start, a.start + len(word)}, true
		}
	}
}

// auc is how often a number of the first kind is above one of the second.
func auc(above, below []float64) float64 {
	n := 0.0
	for _, a := range above {
		for _, b := range below {
			switch {
			case a > b:
				n++
			case a == b:
				n += 0.5
			}
		}
	}
	return n / float64(len(above)*len(below))
}

// A caption with one wrong attribute is told from a right one, and the wrong word from
// the right ones, by what they rest on.
func TestGroundFindsWrongWords(t *testing.T) {
	t.Parallel()
	e := openNative(t)
	random := rand.New(rand.NewPCG(1, 2))
	least := func(g Grounding) float64 {
		least := 0.0
		for _, w := range g.Words {
			least = min(least, w.Weight)
		}
		return least
	}
	var rightSentences, wrongSentences, rightWords, wrongWords []float64
	flagged := 0
	for _, row := range rows[struct {
		Image      string
		References []string
	}](t, "captions.jsonl") {
		p := scene(t, row.Image)
		// As the model says it: its own captions are what is grounded in use.
		for i, question := range []string{"Caption this image.", "Describe this image."} {
			right := row.References[i]
			wrong, at, ok := spoil(right, random)
			if !ok {
				continue
			}
			ground := func(answer string) Grounding {
				g, err := Ground(t.Context(), e, []engine.Message{engine.Ask(question, p)}, answer, nil)
				if err != nil {
					t.Fatal(err)
				}
				return g
			}
			g := ground(right)
			rightSentences = append(rightSentences, least(g))
			for _, w := range g.Words {
				rightWords = append(rightWords, w.Weight)
			}
			g = ground(wrong)
			wrongSentences = append(wrongSentences, least(g))
			for _, w := range g.Words {
				if w.Start == at.start {
					wrongWords = append(wrongWords, w.Weight)
					if w.Support() == Contradicted {
						flagged++
					}
				}
			}
		}
	}
	sentences, single := auc(rightSentences, wrongSentences), auc(rightWords, wrongWords)
	held := 0
	for _, w := range rightWords {
		if (Word{Weight: w}).Support() != Contradicted {
			held++
		}
	}
	t.Logf("%d sentences: AUC %.3f; words: AUC %.3f; %d of %d wrong words are flagged, %d of %d right ones are not",
		len(rightSentences), sentences, single, flagged, len(wrongWords), held, len(rightWords))
	if sentences < 0.9 || single < 0.9 {
		t.Errorf("an AUC of %.3f for sentences and of %.3f for words, and 0.9 is the least", sentences, single)
	}
	if flagged*10 < len(wrongWords)*8 || held*100 < len(rightWords)*95 {
		t.Errorf("%d of %d wrong words are flagged, %d of %d right ones are not", flagged, len(wrongWords), held, len(rightWords))
	}
}

func TestGround(t *testing.T) {
	t.Parallel()
	p := scene(t, "scene-01.png")
	conversation := []engine.Message{engine.Text(engine.System, "Be brief."), engine.Ask("What is it?", p)}
	token := func(text string, number int, logprob float64, top ...engine.TokenLogprob) engine.TokenLogprob {
		return engine.TokenLogprob{Text: text, Token: number, Logprob: logprob, Top: top}
	}
	top := func(number int, logprob float64) engine.TokenLogprob {
		return engine.TokenLogprob{Token: number, Logprob: logprob}
	}
	e := teller{tell: func(r engine.ScoreRequest) ([]engine.Score, error) {
		if r.Candidates[0] != "A red st-ar, so." {
			t.Errorf("asked for %q", r.Candidates)
		}
		if isBlank(r) {
			return []engine.Score{{Tokens: []engine.TokenLogprob{
				token("A", 1, -0.1, top(1, -0.1)), token(" red", 2, -5, top(3, -1), top(4, -2)),
				token(" st", 5, -4, top(6, -0.5), top(7, -1.5)), token("-ar", 8, -0.5, top(8, -0.5)),
				token(",", 9, -6, top(10, -1)), token(" so", 11, -0.1, top(11, -0.1)), token(".", 12, 0, top(12, 0)),
			}}}, nil
		}
		return []engine.Score{{Tokens: []engine.TokenLogprob{
			token("A", 1, -0.2, top(1, -0.2)), token(" red", 2, -1, top(2, -1)), // 4 likelier
			token(" st", 5, -7, top(7, -0.5)), token("-ar", 8, -0.5, top(8, -0.5)), // 6.5 behind, 2.5 of which without it
			token(",", 9, -6, top(10, -1)), token(" so", 11, -0.1, top(11, -0.1)), token(".", 12, 0, top(12, 0)),
		}}}, nil
	}}
	var steps []int
	g, err := Ground(t.Context(), e, conversation, "A red st-ar, so.", func(done, total int) { steps = append(steps, done, total) })
	if err != nil {
		t.Fatal(err)
	}
	want := []Word{{0, 1, 0}, {2, 5, 4}, {6, 11, -4}, {13, 15, 0}}
	if !slices.Equal(g.Words, want) {
		t.Errorf("the words are %v, want %v", g.Words, want)
	}
	var levels []Support
	for _, w := range g.Words {
		levels = append(levels, w.Support())
	}
	if want := []Support{Guessed, Seen, Contradicted, Guessed}; !slices.Equal(levels, want) {
		t.Errorf("they are %v, want %v", levels, want)
	}
	if want := []int{0, 2, 1, 2, 2, 2}; !slices.Equal(steps, want) {
		t.Errorf("the steps are %v, want %v", steps, want)
	}
}

func TestGroundRefuses(t *testing.T) {
	t.Parallel()
	p := scene(t, "scene-01.png")
	conversation := []engine.Message{engine.Ask("What is it?", p)}
	if _, err := Ground(t.Context(), mute{}, conversation, "A star.", nil); engine.KindOf(err) != engine.BadOption {
		t.Errorf("an engine that can't: %v", err)
	}
	if _, err := Ground(t.Context(), teller{}, []engine.Message{engine.Text(engine.User, "Hi")}, "Hi.", nil); engine.KindOf(err) != engine.BadPicture {
		t.Errorf("no picture: %v", err)
	}
	other := teller{tell: func(r engine.ScoreRequest) ([]engine.Score, error) {
		return []engine.Score{{Tokens: make([]engine.TokenLogprob, 1+len(engine.Pictures(r.Messages))%2)}, {}}, nil
	}}
	if _, err := Ground(t.Context(), other, conversation, "A star.", nil); err != nil {
		t.Errorf("tokens without a text: %v", err)
	}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Ground(stopped, openNative(t), conversation, "A star.", nil); engine.KindOf(err) != engine.Cancelled {
		t.Errorf("cancelled: %v", err)
	}
}
