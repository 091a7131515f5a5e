package tasks

import (
	"context"
	"iter"
	"math"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
)

// wrongWays are the kinds of attributes of the scenes' captions, as patterns of what says
// them, with all that could stand there.
var wrongWays = []struct {
	kind string
	at   *regexp.Regexp
	all  []string
}{
	{"colour", regexp.MustCompile(`\b(red|orange|yellow|green|blue|purple|pink|brown|black|white)\b [^b]`), strings.Fields("red orange yellow green blue purple pink brown black white")},
	{"place", regexp.MustCompile(`\b(in the top left|at the top|in the top right|on the left|in the center|on the right|in the bottom left|at the bottom|in the bottom right)\b(?: and|,|\.| on)`), strings.Split("in the top left,at the top,in the top right,on the left,in the center,on the right,in the bottom left,at the bottom,in the bottom right", ",")},
	{"shape", regexp.MustCompile(`\b(circle|square|triangle|star|cross|diamond|heart|ring)\b`), strings.Fields("circle square triangle star cross diamond heart ring")},
	{"background", regexp.MustCompile(`\b(red|orange|yellow|green|blue|purple|pink|brown|black|white) background`), strings.Fields("red yellow green blue purple pink brown black white")},
	{"size", regexp.MustCompile(`\b(small|large)\b`), []string{"small", "large"}},
	{"count", regexp.MustCompile(`\b(one|two|three|four) objects?\b`), []string{"one", "two", "three", "four"}},
}

// spoilAny puts something wrong of the kind of this number, or of the next that there is,
// into a caption.
func spoilAny(caption string, number int, random *rand.Rand) (wrong, kind string, at span) {
	for try := range len(wrongWays) {
		way := wrongWays[(number+try)%len(wrongWays)]
		found := way.at.FindAllStringSubmatchIndex(caption, -1)
		if len(found) == 0 {
			continue
		}
		where := found[random.IntN(len(found))]
		for range 100 {
			word := way.all[random.IntN(len(way.all))]
			// What the caption has elsewhere could be true here in another order.
			if right := caption[where[2]:where[3]]; word != right && (way.kind == "size" || !strings.Contains(caption, word)) {
				return caption[:where[2]] + word + caption[where[3]:], way.kind, span{where[2], where[2] + len(word)}
			}
		}
	}
	return "", "", span{}
}

// Of captions with one wrong attribute the wrong claim is found.
func TestCheckFindsWrongClaims(t *testing.T) {
	t.Parallel()
	e := openNative(t)
	random := rand.New(rand.NewPCG(3, 4))
	var rightSentences, wrongSentences, rightClaims, wrongClaims []float64
	verdicts := map[bool]map[Verdict]int{true: {}, false: {}}
	for i, row := range rows[struct {
		Image      string
		References []string
	}](t, "captions.jsonl") {
		p := scene(t, row.Image)
		right := row.References[i%2]
		question := []string{"Caption this image.", "Describe this image."}[i%2]
		wrong, kind, at := spoilAny(right, i, random)
		for _, answer := range []string{right, wrong} {
			g, err := Ground(t.Context(), e, []engine.Message{engine.Ask(question, p)}, answer, nil)
			if err != nil {
				t.Fatal(err)
			}
			checked, err := Check(t.Context(), e, engine.PictureParts(p), Claims(answer), &g, nil)
			if err != nil {
				t.Fatal(err)
			}
			least, hit := math.Inf(1), false
			for _, c := range checked {
				least = min(least, c.Evidence())
				isWrong := answer == wrong && c.Start < at.end && at.start < c.End
				hit = hit || isWrong
				verdicts[!isWrong][c.Verdict]++
				if isWrong {
					wrongClaims = append(wrongClaims, c.Evidence())
				} else {
					rightClaims = append(rightClaims, c.Evidence())
				}
			}
			if answer == right {
				rightSentences = append(rightSentences, least)
				continue
			}
			wrongSentences = append(wrongSentences, least)
			if !hit {
				t.Errorf("the wrong %s of %q is in none of its claims", kind, answer)
			}
		}
	}
	sentences, claims := auc(rightSentences, wrongSentences), auc(rightClaims, wrongClaims)
	t.Logf("%d sentences: AUC %.3f; claims: AUC %.3f; of %d wrong claims %v, of %d right ones %v",
		len(rightSentences), sentences, claims, len(wrongClaims), verdicts[false], len(rightClaims), verdicts[true])
	if sentences < 0.9 || claims < 0.9 {
		t.Errorf("an AUC of %.3f for sentences and of %.3f for claims, and 0.9 is the least", sentences, claims)
	}
	if found := verdicts[false][ClaimContradicted]; found*10 < len(wrongClaims)*8 {
		t.Errorf("%d of %d wrong claims are contradicted", found, len(wrongClaims))
	}
	if blamed := verdicts[true][ClaimContradicted]; blamed*20 > len(rightClaims) {
		t.Errorf("%d of %d right claims are contradicted", blamed, len(rightClaims))
	}
}

// sayer is an engine that answers as a test has it, and tells nothing of given texts.
type sayer struct {
	mute
	say func(engine.Request) (string, []engine.TokenLogprob, error)
}

func (e sayer) Chat(_ context.Context, r engine.Request) iter.Seq2[engine.Event, error] {
	return func(yield func(engine.Event, error) bool) {
		text, logprobs, err := e.say(r)
		if err != nil {
			yield(engine.Event{}, err)
			return
		}
		_ = yield(engine.Event{Kind: engine.Delta, Text: text, Logprobs: logprobs}, nil) && yield(engine.Event{Kind: engine.Done, Finish: engine.Stop}, nil)
	}
}

// lastQuestion is what a request asks.
func lastQuestion(r engine.Request) string {
	parts := r.Messages[len(r.Messages)-1].Parts
	return parts[len(parts)-1].Text
}

// An engine that tells how likely its own answers are is asked, and one that does not tell is
// read.
func TestCheckByAnswers(t *testing.T) {
	t.Parallel()
	p := scene(t, "scene-01.png")
	claims := Claims("Two cats on a red sofa.")
	refuse := false
	e := sayer{say: func(r engine.Request) (string, []engine.TokenLogprob, error) {
		if r.Logprobs && refuse {
			return "", nil, &engine.Error{Kind: engine.BadOption, Message: "no log-probabilities here"}
		}
		said, other := "No", "Yes"
		blind := isBlank(engine.ScoreRequest{Messages: r.Messages})
		switch q := lastQuestion(r); {
		case strings.HasPrefix(q, "How many cats are there in the image?"):
			said, other = "3", "2"
		case blind:
		case q != "Is there a red sofa in the image? Answer yes or no.":
			t.Errorf("asked %q", q)
		default:
			said, other = "Yes", "No"
		}
		if !r.Logprobs {
			return said + ".", nil, nil
		}
		return said, []engine.TokenLogprob{
			{Text: "\n", Top: []engine.TokenLogprob{{Text: "\n"}}},
			{Text: said, Logprob: math.Log(0.8), Top: []engine.TokenLogprob{{Text: said, Logprob: math.Log(0.8)}, {Text: " " + other, Logprob: math.Log(0.1)}, {Text: "It", Logprob: math.Log(0.05)}}},
		}, nil
	}}
	for range 2 {
		checked, err := Check(t.Context(), e, engine.PictureParts(p), claims, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(checked) != 2 || checked[0].Verdict != ClaimContradicted || checked[0].Probe.Said != "3" || checked[1].Verdict != ClaimSupported || checked[1].Probe.Said != "yes" {
			t.Fatalf("%+v", checked)
		}
		if known := checked[1].Probe.Probability; refuse != (known == nil) || known != nil && math.Abs(*known-0.8/0.9) > 1e-9 {
			t.Errorf("the probability is %v", known)
		}
		refuse = true
	}
}

// What an answer says twice is asked once with the pictures, and once with blank ones.
func TestCheckAsksOnce(t *testing.T) {
	t.Parallel()
	asked := 0
	e := sayer{say: func(engine.Request) (string, []engine.TokenLogprob, error) {
		asked++
		return "Yes", nil, nil
	}}
	claims := Claims("A red star. A red star. Two dogs. A red star.")
	checked, err := Check(t.Context(), e, engine.PictureParts(scene(t, "scene-01.png")), claims, nil, nil)
	if err != nil || len(checked) != 4 || asked != 4 || checked[1].Probe != checked[0].Probe {
		t.Errorf("%d claims were asked for %d times: %+v, %v", len(checked), asked, checked, err)
	}
}
