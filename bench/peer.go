package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/testdata/llamaserver"
)

const describe = "Describe this image."

// greedy makes the two sides say the same.
func (b *bench) greedy() engine.Sampling {
	return engine.Sampling{Temperature: 0, MaxTokens: b.maxTokens}
}

// startPeer starts a llama-server with one slot, as the worker has one sequence.
func (b *bench) startPeer() (*llamaserver.Server, error) {
	return llamaserver.New(b.model.Path, b.model.Projector, "-np", "1")
}

// peerRequest is the request of a conversation. With cache, what llama-server
// still holds of the prompt need not be computed again.
func (b *bench) peerRequest(messages []engine.Message, stream, cache bool) ([]byte, error) {
	type object = map[string]any
	var wire []object
	for _, m := range messages {
		var parts []object
		for _, p := range m.Parts {
			if p.Picture == nil {
				parts = append(parts, object{"type": "text", "text": p.Text})
				continue
			}
			parts = append(parts, object{"type": "image_url", "image_url": object{"url": dataURL(p.Picture)}})
		}
		wire = append(wire, object{"role": m.Role, "content": parts})
	}
	return json.Marshal(object{
		"messages": wire, "temperature": 0, "max_tokens": b.maxTokens, "stream": stream, "cache_prompt": cache,
	})
}

func dataURL(p *images.Picture) string {
	return "data:image/" + p.Format + ";base64," + base64.StdEncoding.EncodeToString(p.Data)
}

// peerClient is as little of a client as there can be. It makes a connection for
// each request: llama-server hangs up on those that had a streamed answer, now
// and then just as the next request is on its way.
var peerClient = http.Client{Transport: &http.Transport{DisableCompression: true, DisableKeepAlives: true}}

// askPeer asks llama-server for a streamed answer.
func (b *bench) askPeer(ctx context.Context, url string, messages []engine.Message, cache bool) (answer, error) {
	body, err := b.peerRequest(messages, true, cache)
	if err != nil {
		return answer{}, err
	}
	a := answer{asked: time.Now()}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/v1/chat/completions", bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := peerClient.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
		return answer{}, fmt.Errorf("llama-server: %s: %s", resp.Status, text)
	}
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		data, ok := bytes.CutPrefix(lines.Bytes(), []byte("data: "))
		if !ok {
			continue
		}
		if string(data) == "[DONE]" {
			return a, a.check()
		}
		var chunk struct {
			Choices []struct {
				Delta struct {
					Content string `json:"content"`
				} `json:"delta"`
			} `json:"choices"`
			Timings struct { // of the last chunk
				PredictedN  int     `json:"predicted_n"`
				PredictedMS float64 `json:"predicted_ms"`
			} `json:"timings"`
		}
		if err := json.Unmarshal(data, &chunk); err != nil {
			return answer{}, err
		}
		if len(chunk.Choices) > 0 {
			a.add(chunk.Choices[0].Delta.Content)
		}
		if t := chunk.Timings; t.PredictedN > 0 {
			a.own = clock{t.PredictedN, time.Duration(t.PredictedMS * float64(time.Millisecond))}
		}
	}
	return answer{}, errors.Join(lines.Err(), errors.New("llama-server's answer has no end"))
}

// postCommand makes this executable post a file to a URL and print the answer:
// the peer of a vlmchat command where there is no curl.
const postCommand = "post"

func postMain(url, file string) int {
	f, err := os.Open(file)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer f.Close()
	resp, err := http.Post(url, "application/json", f)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer resp.Body.Close()
	if _, err := io.Copy(os.Stdout, resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		fmt.Fprintln(os.Stderr, resp.Status, err)
		return 1
	}
	return 0
}

// answer is what a client sees of an answer, and when.
type answer struct {
	text               strings.Builder
	tokens             int // pieces of text: each side sends one for each token
	asked, first, last time.Time
	own                clock
}

// clock is what a side says of its own generation.
type clock struct {
	tokens int
	took   time.Duration
}

func (a *answer) add(text string) {
	if text == "" {
		return
	}
	a.last = time.Now()
	if a.tokens == 0 {
		a.first = a.last
	}
	a.tokens++
	a.text.WriteString(text)
}

func (a *answer) check() error {
	if a.tokens < 2 {
		return fmt.Errorf("the answer %q has too few tokens to time them", a.text.String())
	}
	if a.own.tokens == 0 || a.own.took <= 0 {
		return fmt.Errorf("nothing is told of how long the answer %q took", a.text.String())
	}
	return nil
}
