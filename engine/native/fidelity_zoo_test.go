package native

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"maps"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/models"
	"github.com/vlmchat/vlmchat/testdata/llamaserver"
	"github.com/vlmchat/vlmchat/testdata/zoo"
)

// zooTokens is how long answers of the zoo are, as in its reference.
const zooTokens = 48

// nearTie is how much likelier than the runner-up a token has to be for another
// choice to be a difference: below that the order of additions decides, which
// depends on how a prompt is split into batches (by 0.05, says the zoo's README) and
// on where it lies in a KV cache that has other conversations, too (flash attention
// on the CPU adds up in 16 bits).
const nearTie = 0.1

// zooOptions are for a family of the zoo, in the context of llama-server -c 0.
func zooOptions(t *testing.T, family string) Options {
	t.Helper()
	o := options(t)
	model, projector := zoo.Model(t, family)
	var err error
	if o.Model, err = models.Find(model, projector); err != nil {
		t.Fatal(err)
	}
	o.ContextSize = 0
	return o
}

// drawing is a picture of a size: colours that run over it, and shapes.
func drawing(t *testing.T, width, height int) *images.Picture {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			u, v := float64(x)/float64(width), float64(y)/float64(height)
			c := color.RGBA{uint8(255 * u), uint8(255 * v), uint8(128 + 127*math.Sin(6*(u+v))), 255}
			if math.Hypot(u-0.3, v-0.4) < 0.15 {
				c = color.RGBA{250, 20, 30, 255}
			}
			if u > 0.6 && v > 0.55 && u < 0.85 && v < 0.9 {
				c = color.RGBA{20, 60, 240, 255}
			}
			m.SetRGBA(x, y, c)
		}
	}
	var file bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&file, m); err != nil {
		t.Fatal(err)
	}
	p, err := images.Decode(fmt.Sprintf("%dx%d.png", width, height), file.Bytes(), images.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// zooServer is a llama-server as the zoo's reference had it, with one slot and
// no reuse of prompts: each answer is computed afresh.
func zooServer(t *testing.T, m models.Model, extra ...string) *llamaserver.Server {
	t.Helper()
	return llamaserver.Run(t, m.Path, m.Projector, append([]string{"-np", "1", "--temp", "0", "-c", "0", "--no-warmup"}, extra...)...)
}

// greedyAnswer is an answer and its tokens.
type greedyAnswer struct {
	text         string
	tokens       []int     // with the end token, if there is one
	gaps         []float64 // of log-probability, from each token to the runner-up
	promptTokens int
	usage        engine.Usage // of ours
}

// askUs asks the engine. The number of an end token is not told: -1 stands for it.
func askUs(t *testing.T, e *Engine, messages []engine.Message) greedyAnswer {
	t.Helper()
	var a greedyAnswer
	req := engine.Request{Messages: messages, Sampling: engine.Sampling{MaxTokens: zooTokens}, Logprobs: true}
	for ev, err := range e.Chat(t.Context(), req) {
		if err != nil {
			t.Fatal(err)
		}
		a.text += ev.Text
		for _, token := range ev.Logprobs {
			a.tokens = append(a.tokens, token.Token)
		}
		if ev.Kind == engine.Done {
			a.usage, a.promptTokens = *ev.Usage, ev.Usage.PromptTokens
			if ev.Finish == engine.Stop {
				a.tokens = append(a.tokens, -1)
			}
		}
	}
	if len(a.tokens) != a.usage.GeneratedTokens {
		t.Errorf("an answer of %d tokens has the log-probabilities of %d", a.usage.GeneratedTokens, len(a.tokens))
	}
	return a
}

// askGreedy asks llama-server, with the picture files as they are. refused is
// what it says where it does not answer.
func askGreedy(t *testing.T, server *llamaserver.Server, messages []engine.Message) (a greedyAnswer, refused string) {
	t.Helper()
	body, err := json.Marshal(map[string]any{
		"messages": toOpenAI(messages), "temperature": 0, "max_tokens": zooTokens,
		"cache_prompt": false, "logprobs": true, "top_logprobs": 2,
	})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Post(server.URL+"/v1/chat/completions", "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatalf("llama-server: %v", err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("llama-server: %v", err)
	}
	if resp.StatusCode != http.StatusOK {
		return a, string(b)
	}
	var answer struct {
		Choices []struct {
			Message  struct{ Content string } `json:"message"`
			Logprobs struct {
				Content []struct {
					Token       int                         `json:"id"`
					Logprob     float64                     `json:"logprob"`
					TopLogprobs []struct{ Logprob float64 } `json:"top_logprobs"`
				} `json:"content"`
			} `json:"logprobs"`
		} `json:"choices"`
		Usage struct {
			Prompt int `json:"prompt_tokens"`
		} `json:"usage"`
	}
	if err := json.Unmarshal(b, &answer); err != nil || len(answer.Choices) != 1 {
		t.Fatalf("llama-server: %s, %v", b, err)
	}
	c := answer.Choices[0]
	a = greedyAnswer{text: c.Message.Content, promptTokens: answer.Usage.Prompt}
	for _, token := range c.Logprobs.Content {
		a.tokens = append(a.tokens, token.Token)
		a.gaps = append(a.gaps, token.Logprob-token.TopLogprobs[len(token.TopLogprobs)-1].Logprob)
	}
	return a, ""
}

// agree reports whether our answer is the one referred to, token for token. Where
// it parts from that at a near tie, this is neither a difference nor the same.
func agree(t *testing.T, what string, got, want greedyAnswer) bool {
	t.Helper()
	if got.promptTokens != want.promptTokens {
		t.Errorf("%s: the prompt has %d tokens, and %d in llama-server", what, got.promptTokens, want.promptTokens)
		return false
	}
	i := 0
	for i < min(len(got.tokens), len(want.tokens)) && got.tokens[i] == want.tokens[i] {
		i++
	}
	if end := len(want.tokens) - 1; i == end && len(got.tokens) == len(want.tokens) && got.tokens[i] == -1 {
		i++ // what else ends an answer shows in its text
	}
	switch {
	case i == len(got.tokens) && i == len(want.tokens):
		if got.text != want.text {
			t.Errorf("%s: the same tokens are the text %q, and %q in llama-server", what, got.text, want.text)
		}
		return got.text == want.text
	case i < len(want.gaps) && want.gaps[i] < nearTie:
		t.Logf("%s: another token at number %d than one that is %.3f likelier than the runner-up", what, i, want.gaps[i])
	default:
		t.Errorf("%s: another token at number %d of %d, which is %.3f likelier than the runner-up:\n\t%q, and in llama-server\n\t%q",
			what, i, len(want.tokens), append(want.gaps, 0)[i], got.text, want.text)
	}
	return false
}

// conversation is what a person says turn by turn, whatever the answers are.
type conversation struct {
	name  string
	turns []engine.Message
}

// conversations are the ways in which pictures come into one. They are asked of
// one engine, one after the other, so that each meets what others left in its
// cache.
func conversations(one, two *images.Picture) []conversation {
	user := engine.User
	return []conversation{
		{"single, two turns", []engine.Message{engine.Ask("describe the picture", one), engine.Text(user, "is there a dog or a cat")}},
		{"text alone", []engine.Message{engine.Text(user, "what is near the tree"), engine.Text(user, "and the sky")}},
		{"system", []engine.Message{engine.Text(engine.System, "answer with one word"), engine.Ask("what shape is in the picture", one)}},
		{"late picture", []engine.Message{engine.Text(user, "is there a dog or a cat"), engine.Ask("describe the picture", two), engine.Text(user, "what color is it")}},
		{"two pictures", []engine.Message{engine.Ask("compare the picture with the image", one, two)}},
		{"a picture a turn", []engine.Message{engine.Ask("describe the picture", two), engine.Ask("and this image", one), engine.Text(user, "compare both")}},
		{"the same picture twice", []engine.Message{engine.Ask("compare the picture with the image", one, one)}},
		{"picture in the middle", []engine.Message{
			{Role: user, Parts: []engine.Part{{Text: "look at this"}, {Picture: one}, {Text: "is it light or dark"}, {Text: "answer"}}},
			engine.Text(user, "what is on top"),
		}},
	}
}

// converse plays a conversation with both, as long as they agree. It returns the
// numbers of answers that were compared and that were the same.
func converse(t *testing.T, e *Engine, server *llamaserver.Server, c conversation) (all, same int) {
	t.Helper()
	var messages []engine.Message
	for i, turn := range c.turns {
		messages = append(messages, turn)
		if turn.Role == engine.System {
			continue
		}
		what := fmt.Sprintf("%s, turn %d", c.name, i+1)
		want, refused := askGreedy(t, server, messages)
		if refused != "" {
			t.Errorf("%s: llama-server refuses: %s", what, refused)
			return all, same
		}
		all++
		got := askUs(t, e, messages)
		if !agree(t, what, got, want) {
			return all, same // what follows says nothing
		}
		same++
		messages = append(messages, engine.Text(engine.Assistant, got.text))
	}
	return all, same
}

// Every kind of projector gives the answers of the llama-server of the same
// runtime, token for token, in every kind of conversation and for pictures of
// every size.
func TestFamiliesLikeLlamaServer(t *testing.T) {
	t.Parallel()
	all := conversations(drawing(t, 320, 240), drawing(t, 90, 130))
	// Large ones last: what no longer fits the KV cache behind them is computed in
	// another order of cells, which moves more than near ties.
	for _, size := range [][2]int{{2, 2}, {8, 8}, {64, 64}, {2, 300}, {5000, 37}, {900, 600}, {1600, 1200}} {
		p := drawing(t, size[0], size[1])
		all = append(all, conversation{p.Source, []engine.Message{engine.Ask("describe the picture", p)}})
	}
	for _, family := range zoo.Families {
		t.Run(family, func(t *testing.T) {
			t.Parallel()
			o := zooOptions(t, family)
			server := zooServer(t, o.Model)
			e := open(t, o)
			compared, same := 0, 0
			for _, c := range all {
				n, equal := converse(t, e, server, c)
				compared, same = compared+n, same+equal
			}
			t.Logf("%d of %d answers are the same", same, compared)
		})
	}
}

// The bounds of a picture's tokens are llama-server's. What has to be seen at
// once is, if so many tokens were asked for.
func TestImageTokensLikeLlamaServer(t *testing.T) {
	t.Parallel()
	large := drawing(t, 1600, 1200)
	for _, c := range []struct {
		family      string
		bounds      ImageTokens
		flags       []string
		picture     *images.Picture
		least, most int // tokens of the picture
	}{
		{"qwen2vl", ImageTokens{Min: 100, Max: 120}, []string{"--image-min-tokens", "100", "--image-max-tokens", "120"}, drawing(t, 64, 64), 100, 120},
		{"qwen2vl", ImageTokens{Max: 50}, []string{"--image-max-tokens", "50"}, large, 40, 50},
		{"gemma4", ImageTokens{}, nil, large, 400, 512},
		{"gemma4", ImageTokens{Max: 700}, []string{"--image-max-tokens", "700", "-ub", "700"}, large, 600, 700},
	} {
		t.Run(fmt.Sprintf("%s %+v", c.family, c.bounds), func(t *testing.T) {
			t.Parallel()
			o := zooOptions(t, c.family)
			o.ImageTokens = c.bounds
			messages := []engine.Message{engine.Ask("describe the picture", c.picture)}
			want, refused := askGreedy(t, zooServer(t, o.Model, c.flags...), messages)
			if refused != "" {
				t.Fatal(refused)
			}
			got := askUs(t, open(t, o), messages)
			agree(t, c.family, got, want)
			if n := got.usage.ImageTokens; n < c.least || n > c.most {
				t.Errorf("the picture has %d tokens, and %d to %d were asked for", n, c.least, c.most)
			}
		})
	}
}

// Where llama-server refuses a picture that is too narrow for the model's
// preprocessing, we pad it, so that every other question is answered as if it
// were not there.
func TestNarrowPictures(t *testing.T) {
	t.Parallel()
	e := open(t, zooOptions(t, "smolvlm"))
	narrow := drawing(t, 4000, 8)
	first := mustAsk(t, e, greedy, engine.Ask("describe the picture", narrow))
	if first.text == "" || first.usage.ImageTokens == 0 {
		t.Errorf("answered %q with usage %+v", first.text, first.usage)
	}
	wide := drawing(t, 320, 240)
	alone := mustAsk(t, e, greedy, engine.Ask("describe the picture", wide))
	both := mustAsk(t, e, greedy, engine.Ask("compare them", narrow, wide))
	if both.usage.ImageTokens != first.usage.ImageTokens+alone.usage.ImageTokens {
		t.Errorf("the pictures have %d and %d tokens alone, and %d together", first.usage.ImageTokens, alone.usage.ImageTokens, both.usage.ImageTokens)
	}
}

// The public families give the answers of another build of llama-server, as
// nearly as builds agree, also when they are asked in no good order, twice: then
// the KV cache has all those conversations, or what is left of them.
func TestFamiliesLikeTheReference(t *testing.T) {
	t.Parallel()
	var pictures []*images.Picture
	for _, name := range zoo.Pictures {
		p, err := images.Load(t.Context(), zoo.Path(t, name), images.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		pictures = append(pictures, p)
	}
	for family, cases := range zoo.Reference(t) {
		t.Run(family, func(t *testing.T) {
			t.Parallel()
			e := open(t, zooOptions(t, family))
			names := slices.Sorted(maps.Keys(cases))
			names = append(names, names...)
			rand.New(rand.NewPCG(1, 0)).Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
			for _, name := range names {
				c := cases[name]
				var messages []engine.Message
				answers := c.Answers
				for _, turn := range c.Turns {
					messages = append(messages, turnOf(turn, pictures))
					if turn.Role != string(engine.User) {
						continue
					}
					got, a := askUs(t, e, messages), answers[0]
					if !agree(t, name, got, greedyAnswer{text: a.Content, tokens: a.Tokens, gaps: a.Gaps, promptTokens: a.PromptTokens}) {
						break
					}
					messages = append(messages, engine.Text(engine.Assistant, got.text))
					answers = answers[1:]
				}
			}
		})
	}
}

// turnOf is a turn of the reference as a message.
func turnOf(turn zoo.Turn, pictures []*images.Picture) engine.Message {
	m := engine.Message{Role: engine.Role(turn.Role)}
	for _, part := range turn.Parts {
		if part.Image != nil {
			m.Parts = append(m.Parts, engine.Part{Picture: pictures[*part.Image]})
		} else {
			m.Parts = append(m.Parts, engine.Part{Text: part.Text})
		}
	}
	return m
}
