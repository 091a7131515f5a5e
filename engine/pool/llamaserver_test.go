package pool

import (
	"strings"
	"sync"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/enginetest"
	"github.com/vlmchat/vlmchat/engine/openai"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/testdata/llamaserver"
)

const tiny = "../../testdata/tinyvlm/tiny-vlm"

// realMember is a real llama-server with the demo model.
func realMember(t *testing.T) (*llamaserver.Server, Member) {
	t.Helper()
	s := llamaserver.Run(t, tiny+".gguf", tiny+"-mmproj.gguf", "-np", "4")
	e, err := openai.New(openai.Options{BaseURL: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	return s, Member{Host: strings.TrimPrefix(s.URL, "http://"), Engine: e}
}

// Of a batch of pictures that loses one of its two servers in the middle of an
// answer, every request is answered once, with what the server says when nothing
// happens.
func TestBatchSurvivesAServer(t *testing.T) {
	t.Parallel()
	const requests, clients = 64, 8
	doomed, first := realMember(t)
	_, second := realMember(t)
	p := New(3, first, second)
	t.Cleanup(func() { _ = p.Close() })
	var pictures []*images.Picture
	for _, name := range []string{"scene-01.png", "scene-02.png", "scene-05.jpg", "scene-06.png", "scene-09.png", "scene-13.png", "scene-22.png"} {
		pictures = append(pictures, enginetest.Sample(t, name))
	}
	request := func(i int) engine.Request {
		return engine.Request{
			Messages:   []engine.Message{engine.Ask("Describe this image.", pictures[i%7])},
			Sampling:   engine.Sampling{TopP: 1, MaxTokens: 64},
			Background: true, Restart: true,
		}
	}
	want := map[int]string{}
	for i := range 7 {
		got := ask(t.Context(), second.Engine, request(i))
		if got.err != nil || got.text == "" {
			t.Fatalf("%+v", got)
		}
		want[i] = got.text
	}

	var mu sync.Mutex
	var kill sync.Once
	answered, begun := map[int]int{}, 0
	waiting := make(chan int, requests)
	for i := range requests {
		waiting <- i
	}
	close(waiting)
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			for i := range waiting {
				text := ""
				for ev, err := range p.Chat(t.Context(), request(i)) {
					if err != nil {
						t.Errorf("request %d: %v", i, err)
						break
					}
					switch ev.Kind {
					case engine.Delta:
						text += ev.Text
						mu.Lock()
						begun++
						half := begun > 100
						mu.Unlock()
						if half {
							kill.Do(doomed.Kill)
						}
					case engine.Restart:
						text = ""
					case engine.Done:
						mu.Lock()
						answered[i]++
						mu.Unlock()
					}
				}
				if text != want[i%7] {
					t.Errorf("request %d: %q, want %q", i, text, want[i%7])
				}
			}
		})
	}
	all.Wait()
	kill.Do(func() { t.Error("the server was never killed") })
	for i := range requests {
		if answered[i] != 1 {
			t.Errorf("request %d was answered %d times", i, answered[i])
		}
	}
}

// A chat goes on with the other server, and the error names both when both are gone.
func TestChatSurvivesAServer(t *testing.T) {
	t.Parallel()
	doomed, first := realMember(t)
	other, second := realMember(t)
	p := New(0, first, second)
	t.Cleanup(func() { _ = p.Close() })
	req := engine.Request{Messages: []engine.Message{engine.Ask("Hello")}, Sampling: engine.Sampling{TopP: 1, MaxTokens: 8}}
	before := ask(t.Context(), p, req)
	doomed.Kill()
	after := ask(t.Context(), p, req)
	if before.err != nil || after.err != nil || after.text != before.text || len(after.notes) != 1 {
		t.Errorf("%+v, %+v", before, after)
	}
	other.Kill()
	got := ask(t.Context(), p, req)
	if engine.KindOf(got.err) != engine.Unreachable || !strings.Contains(got.err.Error(), first.Host) || !strings.Contains(got.err.Error(), second.Host) {
		t.Error(got.err)
	}
}
