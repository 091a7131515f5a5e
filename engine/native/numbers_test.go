package native

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/testdata/llamaserver"
	"github.com/vlmchat/vlmchat/testdata/zoo"
)

// numberFamilies are what llama-server's numbers are compared for: a plain
// projector, M-RoPE, non-causal pictures in a sliding window, tiles, and a state.
var numberFamilies = []string{"llava", "qwen2vl", "gemma3", "smolvlm", "lfm2"}

// closeEnough is how far two numbers may be apart.
const closeEnough = 1e-2

// exact are options and a server whose numbers do not depend on where in the KV
// cache a conversation lies: by f16 and flash attention they move by some
// hundredths.
func exact(t *testing.T, family string, flags ...string) (Options, *llamaserver.Server) {
	t.Helper()
	o := zooOptions(t, family)
	o.KVType, o.FlashAttn = "f32", "off"
	return o, zooServer(t, o.Model, append(flags, "-ctk", "f32", "-ctv", "f32", "-fa", "off")...)
}

// postJSON sends JSON to a server and reads its answer into reply.
func postJSON(t *testing.T, url string, body, reply any) {
	t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Post(url, "application/json", bytes.NewReader(b))
	if err != nil {
		t.Fatalf("llama-server: %v", err)
	}
	defer resp.Body.Close()
	b, err = io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("llama-server: %s: %s, %v", resp.Status, b, err)
	}
	if err := json.Unmarshal(b, reply); err != nil {
		t.Fatalf("llama-server: %v in %s", err, b)
	}
}

// serverTokens are the tokens of llama-server's answer, which a grammar may force.
func serverTokens(t *testing.T, server *llamaserver.Server, messages []engine.Message, grammar string, top int) []engine.TokenLogprob {
	t.Helper()
	type token struct {
		ID      int     `json:"id"`
		Token   string  `json:"token"`
		Logprob float64 `json:"logprob"`
	}
	var reply struct {
		Choices []struct {
			Logprobs struct {
				Content []struct {
					token
					Top []token `json:"top_logprobs"`
				} `json:"content"`
			} `json:"logprobs"`
		} `json:"choices"`
	}
	body := map[string]any{
		"messages": toOpenAI(messages), "temperature": 0, "max_tokens": zooTokens,
		"cache_prompt": false, "logprobs": true, "top_logprobs": top,
	}
	if grammar != "" {
		body["grammar"] = grammar
	}
	postJSON(t, server.URL+"/v1/chat/completions", body, &reply)
	var all []engine.TokenLogprob
	for _, c := range reply.Choices[0].Logprobs.Content {
		l := engine.TokenLogprob{Token: c.ID, Text: c.Token, Logprob: c.Logprob}
		for _, o := range c.Top {
			l.Top = append(l.Top, engine.TokenLogprob{Token: o.ID, Text: o.Token, Logprob: o.Logprob})
		}
		all = append(all, l)
	}
	return all
}

// The log-probabilities of an answer's tokens and of the likeliest in their place,
// and those of a text that is scored, are llama-server's.
func TestLogprobsLikeLlamaServer(t *testing.T) {
	t.Parallel()
	for _, family := range numberFamilies {
		t.Run(family, func(t *testing.T) {
			t.Parallel()
			o, server := exact(t, family)
			e := open(t, o)
			for i, messages := range [][]engine.Message{
				{engine.Ask("describe the picture", drawing(t, 320, 240))},
				{engine.Text(engine.User, "what is near the tree"), engine.Text(engine.Assistant, "a dog"), engine.Ask("and here", drawing(t, 90, 130))},
				{engine.Text(engine.User, "what is near the tree")},
			} {
				const top = 8
				want := serverTokens(t, server, messages, "", top)
				var got []engine.TokenLogprob
				req := engine.Request{Messages: messages, Sampling: engine.Sampling{MaxTokens: zooTokens}, Logprobs: true, TopLogprobs: top}
				for ev, err := range e.Chat(t.Context(), req) {
					if err != nil {
						t.Fatal(err)
					}
					got = append(got, ev.Logprobs...)
				}
				if len(got) == 0 || len(want) == 0 {
					t.Fatalf("conversation %d: %d tokens, and %d in llama-server", i, len(got), len(want))
				}
				text := ""
				for at := range min(len(got), len(want)) {
					g, w := got[at], want[at]
					if g.Token != w.Token && gap(w) < nearTie {
						break // what follows says nothing
					}
					for k := range w.Top {
						// Like ones may change places.
						if math.Abs(g.Top[k].Logprob-w.Top[k].Logprob) > closeEnough {
							t.Errorf("conversation %d, token %d: number %d is %+v, in llama-server %+v", i, at, k, g.Top[k], w.Top[k])
						}
					}
					if g.Token != w.Token || math.Abs(g.Logprob-w.Logprob) > closeEnough {
						t.Errorf("conversation %d, token %d: %+v, in llama-server %+v", i, at, g, w)
					}
					if text += w.Text; i == 0 && at > 8 {
						break
					}
				}
				compareScores(t, e, server, messages, text)
			}
		})
	}
}

// compareScores compares the scores of texts that a model would and would not say
// with what llama-server says when a grammar makes it say them.
func compareScores(t *testing.T, e *Engine, server *llamaserver.Server, messages []engine.Message, likely string) {
	t.Helper()
	for _, text := range []string{likely, " the dog near the tree", "\nblue and red, 12 of 30"} {
		scores, err := e.Score(t.Context(), engine.ScoreRequest{Messages: messages, Candidates: []string{text, "no"}})
		if err != nil {
			t.Fatal(err)
		}
		got := scores[0].Tokens
		want := serverTokens(t, server, messages, "root ::= "+strconv.Quote(text), 1)
		for i := range min(len(got), len(want)) {
			if got[i].Token != want[i].Token {
				break // llama-server may put the same text together of other tokens
			}
			if math.Abs(got[i].Logprob-want[i].Logprob) > closeEnough {
				t.Errorf("token %d of %q has the score %+v, in llama-server %+v", i, text, got[i], want[i])
			}
		}
	}
}

// Vectors of texts and pictures are llama-server's.
func TestEmbeddingsLikeLlamaServer(t *testing.T) {
	t.Parallel()
	for _, family := range numberFamilies {
		t.Run(family, func(t *testing.T) {
			t.Parallel()
			o, server := exact(t, family, "--embeddings", "--pooling", "last")
			e := open(t, o)
			picture := drawing(t, 320, 240)
			encoded := base64.StdEncoding.EncodeToString(picture.Data)
			marker := mediaMarker(t, server)
			for what, c := range map[string]struct {
				ours   []engine.Part
				theirs any
			}{
				"text":    {[]engine.Part{{Text: "the dog near the tree"}}, "the dog near the tree"},
				"picture": {[]engine.Part{{Picture: picture}, {Text: "describe it"}}, map[string]any{"prompt_string": marker + "describe it", "multimodal_data": []string{encoded}}},
			} {
				var reply []struct {
					Embedding [][]float64 `json:"embedding"`
				}
				postJSON(t, server.URL+"/embeddings", map[string]any{"content": c.theirs}, &reply)
				got, err := e.Embed(t.Context(), [][]engine.Part{c.ours})
				if err != nil {
					t.Fatal(err)
				}
				want := reply[0].Embedding[0]
				if len(got[0]) != len(want) {
					t.Fatalf("%s: a vector of %d numbers, and of %d in llama-server", what, len(got[0]), len(want))
				}
				for i := range want {
					if math.Abs(float64(got[0][i])-want[i]) > closeEnough {
						t.Errorf("%s: number %d is %v, in llama-server %v", what, i, got[0][i], want[i])
						break
					}
				}
			}
		})
	}
}

// mediaMarker is what stands for a picture in a prompt to a server.
func mediaMarker(t *testing.T, server *llamaserver.Server) string {
	t.Helper()
	resp, err := http.Get(server.URL + "/props")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var props struct {
		Marker string `json:"media_marker"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&props); err != nil {
		t.Fatal(err)
	}
	if props.Marker == "" {
		return "<__media__>"
	}
	return props.Marker
}

// What a conversation takes is counted as it is computed, for pictures of every
// size, before any is encoded. (How it is computed is llama-server's way, which
// TestFamiliesLikeLlamaServer has.)
func TestCountOfEveryFamily(t *testing.T) {
	t.Parallel()
	for _, family := range zoo.Families {
		t.Run(family, func(t *testing.T) {
			t.Parallel()
			e := open(t, zooOptions(t, family))
			for _, size := range [][2]int{{64, 64}, {90, 130}, {2, 300}, {500, 37}, {900, 600}} {
				messages := []engine.Message{
					engine.Ask("describe the picture", drawing(t, size[0], size[1])), engine.Text(engine.Assistant, "a dog"),
					engine.Ask("and this", drawing(t, size[1]+20, size[0]+30)),
				}
				c, err := e.Count(t.Context(), engine.Request{Messages: messages})
				if err != nil {
					t.Fatal(err)
				}
				a := mustAsk(t, e, engine.Sampling{MaxTokens: 1}, messages...)
				if c.Tokens != a.usage.PromptTokens || c.ImageTokens != a.usage.ImageTokens || len(c.Pictures) != 2 || c.Pictures[0]+c.Pictures[1] != c.ImageTokens {
					t.Errorf("%s: counted %+v, computed %+v", fmt.Sprint(size), c, a.usage)
				}
			}
		})
	}
}
