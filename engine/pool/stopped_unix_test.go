//go:build !windows

package pool

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/openai"
	"github.com/vlmchat/vlmchat/engine/remote"
	"github.com/vlmchat/vlmchat/testdata/llamaserver"
)

// hold stops a server's process as it is, with its connections open.
func hold(t *testing.T, s *llamaserver.Server, sig syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(s.PID(), sig); err != nil {
		t.Error(err)
	}
}

// An answer of a server that is stuck in its middle is one that was cut, and begins
// anew with another server where that is wanted.
func TestServerStuckInAnAnswer(t *testing.T) {
	t.Parallel()
	for _, restart := range []bool{false, true} {
		t.Run(fmt.Sprint(restart), func(t *testing.T) {
			t.Parallel()
			stuck := llamaserver.RunEndless(t)
			e, err := openai.New(openai.Options{BaseURL: stuck.URL, Options: remote.Options{IdleTimeout: 2 * time.Second}})
			if err != nil {
				t.Fatal(err)
			}
			_, other := realMember(t)
			p := New(0, Member{Host: strings.TrimPrefix(stuck.URL, "http://"), Engine: e}, other)
			t.Cleanup(func() { _ = p.Close() })
			req := engine.Request{Messages: []engine.Message{engine.Ask("Hello")}, Sampling: engine.Sampling{TopP: 1, MaxTokens: 4096}, Restart: restart}
			want := ask(t.Context(), other.Engine, req).text
			var got course
			for ev, err := range p.Chat(t.Context(), req) {
				switch {
				case err != nil:
					got.err = err
				case ev.Kind == engine.Delta && got.text == "":
					hold(t, stuck, syscall.SIGSTOP)
					fallthrough
				case ev.Kind == engine.Delta:
					got.text += ev.Text
				case ev.Kind == engine.Restart:
					got.text = ""
				}
			}
			switch {
			case restart && (got.err != nil || got.text != want):
				t.Errorf("%+v, want %q", got, want)
			case !restart && (engine.KindOf(got.err) != engine.AnswerCut || got.text == ""):
				t.Errorf("%+v", got)
			}
		})
	}
}

// A server that gets nowhere holds up its share of a batch and no more: the rest
// goes to the other one meanwhile.
func TestBatchWithAServerThatHangs(t *testing.T) {
	t.Parallel()
	const requests, clients = 16, 4
	slow, first := realMember(t)
	_, second := realMember(t)
	p := New(0, first, second)
	t.Cleanup(func() { _ = p.Close() })
	hold(t, slow, syscall.SIGSTOP)
	req := engine.Request{Messages: []engine.Message{engine.Ask("Hello")}, Sampling: engine.Sampling{TopP: 1, MaxTokens: 8}, Background: true}
	want := ask(t.Context(), second.Engine, req).text
	waiting := make(chan struct{}, requests)
	for range requests {
		waiting <- struct{}{}
	}
	close(waiting)
	var all sync.WaitGroup
	var answered atomic.Int32
	for range clients {
		all.Go(func() {
			for range waiting {
				if got := ask(t.Context(), p, req); got.err != nil || got.text != want {
					t.Errorf("%+v, want %q", got, want)
				}
				// The one that hangs has taken as many as the other one, and these wait.
				if answered.Add(1) == requests-clients/2 {
					hold(t, slow, syscall.SIGCONT)
				}
			}
		})
	}
	all.Wait()
	if n := answered.Load(); n != requests {
		t.Errorf("%d answers", n)
	}
}
