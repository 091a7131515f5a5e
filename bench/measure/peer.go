package measure

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
	"strconv"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/testdata/llamaserver"
)

// StartPeer starts a llama-server that answers so many requests at once. All
// else is its default, its cache of prompts in memory included, but for what more
// arguments say.
func (b *Bench) StartPeer(slots int, more ...string) (*llamaserver.Server, error) {
	args := append([]string{"-np", strconv.Itoa(slots), "-t", strconv.Itoa(b.Threads)}, more...)
	return llamaserver.New(b.Model.Path, b.Model.Projector, args...)
}

// PeerRequest is the request of a conversation. With cache, what llama-server
// still holds of the prompt need not be computed again.
func (b *Bench) PeerRequest(messages []engine.Message, stream, cache bool) ([]byte, error) {
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
		"messages": wire, "temperature": 0, "max_tokens": b.MaxTokens, "stream": stream, "cache_prompt": cache,
	})
}

func dataURL(p *images.Picture) string {
	return "data:image/" + p.Format + ";base64," + base64.StdEncoding.EncodeToString(p.Data)
}

// peerClient is as little of a client as there can be. It makes a connection for
// each request: llama-server hangs up on those that had a streamed answer, now
// and then just as the next request is on its way.
var peerClient = http.Client{Transport: &http.Transport{DisableCompression: true, DisableKeepAlives: true}}

// AskPeer asks llama-server for a streamed answer.
func (b *Bench) AskPeer(ctx context.Context, url string, messages []engine.Message, cache bool) (*Answer, error) {
	body, err := b.PeerRequest(messages, true, cache)
	if err != nil {
		return nil, err
	}
	asked := time.Now()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/v1/chat/completions", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	return ReadStream(&peerClient, req, asked)
}

// ReadStream sends a request, which was begun at a time, and reads the streamed
// answer: as little as a client can do that shows text as it comes.
func ReadStream(client *http.Client, req *http.Request, asked time.Time) (*Answer, error) {
	a := &Answer{Asked: asked}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
		return nil, fmt.Errorf("llama-server: %s: %s", resp.Status, text)
	}
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		data, ok := bytes.CutPrefix(lines.Bytes(), []byte("data: "))
		if !ok {
			continue
		}
		if string(data) == "[DONE]" {
			a.Ended = time.Now()
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
			return nil, err
		}
		if len(chunk.Choices) > 0 {
			a.add(chunk.Choices[0].Delta.Content)
		}
		if t := chunk.Timings; t.PredictedN > 0 {
			a.Own = Clock{t.PredictedN, time.Duration(t.PredictedMS * float64(time.Millisecond))}
		}
	}
	return nil, errors.Join(lines.Err(), errors.New("llama-server's answer has no end"))
}
