package native

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
)

// A crowd that wants more than there is comes to its end, whether it may compute
// one request at a time or several: prompts that fill the context, more candidates
// than sequences, a batch in front of them; and who goes away leaves nothing behind.
func TestCrowd(t *testing.T) {
	t.Parallel()
	for _, parallel := range []int{1, 2, 8} {
		t.Run(fmt.Sprint(parallel), func(t *testing.T) {
			t.Parallel()
			o := options(t)
			o.Parallel = parallel
			e := open(t, o)
			info, err := e.Info(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			picture := sample(t, "scene-01.png")
			question := engine.Ask("Describe this image.", picture)
			want := mustAsk(t, e, greedy, question).text
			long := strings.Repeat("red ", info.ContextSize-200)
			come := func(ctx context.Context, all *sync.WaitGroup, failed func(string, error)) {
				for i := range 4 {
					ask := func(name string, req engine.Request) {
						all.Go(func() {
							for _, err := range e.Chat(ctx, req) {
								failed(name, err)
							}
						})
					}
					batch := engine.Request{Background: true, Messages: []engine.Message{engine.Ask(fmt.Sprint("Number ", i), picture)}}
					ask("batch", batch) // as long as the context allows
					ask("full", engine.Request{Messages: []engine.Message{engine.Text(engine.User, fmt.Sprint(i, long))}, Sampling: engine.Sampling{MaxTokens: 20}})
					ask("chat", engine.Request{Messages: []engine.Message{question}, Sampling: greedy})
					all.Go(func() {
						var candidates []string
						for n := range 40 {
							candidates = append(candidates, strings.Repeat("a red circle ", 1+(i+n)%12))
						}
						_, err := e.Score(ctx, engine.ScoreRequest{Messages: []engine.Message{question}, Candidates: candidates})
						failed("score", err)
					})
				}
			}
			var crowd sync.WaitGroup
			come(t.Context(), &crowd, func(name string, err error) {
				if err != nil {
					t.Errorf("%s: %v", name, err)
				}
			})
			crowd.Wait()
			ctx, leave := context.WithCancel(t.Context())
			come(ctx, &crowd, func(name string, err error) {
				if err != nil && engine.KindOf(err) != engine.Cancelled && ctx.Err() == nil {
					t.Errorf("%s: %v", name, err)
				}
				if name == "chat" {
					leave() // all at once
				}
			})
			crowd.Wait()
			leave()
			if a := mustAsk(t, e, greedy, question); a.text != want {
				t.Errorf("afterwards the answer is %q, want %q", a.text, want)
			}
		})
	}
}

// A client that asks and never reads holds up nobody.
func TestClientThatReadsNothing(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.Parallel = 1
	e := open(t, o)
	question := engine.Ask("Describe this image.", sample(t, "scene-01.png"))
	want := mustAsk(t, e, greedy, question).text
	dir, err := socketDir()
	if err != nil {
		t.Fatal(err)
	}
	body := `{"messages":[{"role":"user","parts":[{"text":"Who are you?"}]}],"logprobs":true,"top_logprobs":100,"grammar":"root ::= (\"a red circle \"){200}"}`
	for range 3 {
		c, err := net.Dial("unix", socketPath(dir, e.spec.key()))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := fmt.Fprintf(c, "POST /chat HTTP/1.1\r\nHost: worker\r\nContent-Length: %d\r\n\r\n%s", len(body), body); err != nil {
			t.Fatal(err)
		}
	}
	if a := mustAsk(t, e, greedy, question); a.text != want {
		t.Errorf("beside it the answer is %q, want %q", a.text, want)
	}
}
