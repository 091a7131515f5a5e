package ui

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/sessions"
)

// telling is an engine that draws a seed for each answer and tells it, and knows its model
// a while after.
type telling struct {
	*fake
	drawn uint32
}

func (e *telling) answers(_ context.Context, r engine.Request, yield yield) {
	p := &engine.Provenance{Template: "t", Options: map[string]string{"threads": "2"}, Seed: r.Sampling.Seed}
	if p.Seed == nil {
		e.drawn++
		seed := e.drawn
		p.Seed = &seed
	}
	yield(engine.Event{Kind: engine.Delta, Text: fmt.Sprintf("Said %d.", *p.Seed), Provenance: p}, nil)
	end := done()
	end.Provenance = p
	yield(end, nil)
}

func (e *telling) Prove(_ context.Context, p engine.Provenance) (engine.Provenance, error) {
	p.Model = "abc"
	return p, nil
}

// What is asked again is what was asked then, on whatever branch, with the seed that was
// drawn, whatever holds by now.
func TestReplays(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	e := &telling{fake: &fake{}}
	e.reply = e.answers
	prompt := strings.Replace(colours, "[[fields]]", "schema = '{\"type\": \"object\"}'\n\n[[examples]]\nquestion = \"And the sky?\"\nanswer = \"Blue.\"\n\n[[fields]]", 1)
	o := withPrompts(t, e, map[string]string{"colours": prompt})
	setup := settable(e, 0.5, "", "Be brief.")
	thinking := true
	setup.Thinking, setup.Opened = &thinking, map[string]string{"model": "/m.gguf"} // until something is set
	setup.Sampling.MaxTokens = 77
	o.Setup, o.Version = setup, "v1.2.3"
	p := open(t, keptIn(o, dir))
	p.asks("What is this?")
	p.asks("And what is that?")
	p.asks("/retry")
	p.asks("/system Be long.")
	p.enter("/prompt colours thing=disc")
	p.sees("Said 4.")
	p.idle()
	p.asks("/branch 1")
	p.asks("Another way?")
	p.press(keyUp) // to change it
	p.write(" Really?")
	p.asks("")
	e.reply = func(ctx context.Context, r engine.Request, yield yield) {
		seed := uint32(99)
		yield(engine.Event{Kind: engine.Delta, Text: "Half", Provenance: &engine.Provenance{Seed: &seed}}, nil)
		<-ctx.Done()
	}
	p.enter("And now?")
	p.sees("Half")
	p.press(keyEsc)
	p.idle()
	p.asks("/origin 1")
	for _, line := range []string{"Answer 1 is by", "model: abc", "template: t", "threads: 2", "thinking: on", "seed: 1", "vlmchat: v1.2.3", "#1 asks for it again, and compares."} {
		p.sees(line)
	}
	p.ended()

	c := stored(t, dir)
	bytesOf := func(k images.Kept) *images.Picture {
		return new(images.Loader).Recall(k, func() ([]byte, error) { return pictureIn(t, dir, k.SHA256), nil })
	}
	all := Replays(c, bytesOf)
	asked := e.asked()
	if len(all) != len(asked) || len(all) != 7 {
		t.Fatalf("there are %d replays of %d requests:\n%q", len(all), len(asked), tree(c))
	}
	for i, r := range all {
		got, lost, ok := r.Request(t.Context())
		if !ok || lost != nil || r.Number != i+1 {
			t.Errorf("%d is number %d: %v, lost %q", i+1, r.Number, ok, lost)
		}
		want := asked[i]
		drawn := *r.Origin.Seed
		if want.Sampling.Seed == nil {
			want.Sampling.Seed = &drawn
		}
		if !reflect.DeepEqual(turns(got), turns(want)) {
			t.Errorf("%d is asked again as\n%q, and was\n%q", i+1, turns(got), turns(want))
		}
		if !reflect.DeepEqual(got.Sampling, want.Sampling) || !reflect.DeepEqual(got.Thinking, want.Thinking) || string(got.Schema) != strings.ReplaceAll(string(want.Schema), " ", "") {
			t.Errorf("%d is asked again with\n%+v, and was with\n%+v", i+1, got, want)
		}
		if i < 6 && (r.Origin.Model != "abc" || r.Origin.Vlmchat != "v1.2.3" || (r.Origin.Settings["model"] == "/m.gguf") != (i < 3) || r.Answer.Text() != fmt.Sprintf("Said %d.", i+1)) {
			t.Errorf("%d came from %+v, and says %q", i+1, r.Origin, r.Answer.Text())
		}
		if got.Messages[len(got.Messages)-1].Role != engine.User {
			t.Errorf("%d ends in %q", i+1, turns(got))
		}
	}
	if last := all[6]; !last.OnBranch || last.Answer.State != sessions.Stopped || *last.Origin.Seed != 99 || all[2].OnBranch || all[4].OnBranch {
		t.Errorf("the last is %+v", last)
	}

	// A picture that is lost is told of.
	lostOne := Replays(c, func(k images.Kept) *images.Picture {
		return new(images.Loader).Recall(k, func() ([]byte, error) { return nil, sessions.ErrNotFound })
	})
	if _, lost, ok := lostOne[0].Request(t.Context()); !ok || len(lost) != 1 {
		t.Errorf("of a picture that is not there is told %q", lost)
	}
}

// pictureIn is the file of a picture in a store.
func pictureIn(t *testing.T, dir, sha256 string) []byte {
	t.Helper()
	s, err := sessions.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	data, err := s.Bytes(sha256)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
