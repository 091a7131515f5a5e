package ui

import (
	"context"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
)

// scorer is a fake that tells how likely texts are: with a picture on which there is
// something, words of six letters are likelier, and those with a z are not.
type scorer struct {
	*fake
	hangs bool
}

func (s scorer) Score(ctx context.Context, r engine.ScoreRequest) ([]engine.Score, error) {
	if s.hangs {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	rgb := engine.Pictures(r.Messages)[0].RGB()
	blank := !strings.ContainsFunc(string(rgb), func(c rune) bool { return c != rune(rgb[0]) })
	var scores []engine.Score
	for _, c := range r.Candidates {
		var score engine.Score
		for word := range strings.SplitAfterSeq(c, " ") {
			t := engine.TokenLogprob{Text: word, Logprob: -5}
			if !blank && len(strings.TrimSpace(word)) == 6 {
				t.Logprob = -1
			}
			t.Top = []engine.TokenLogprob{{Logprob: t.Logprob}}
			if !blank && strings.Contains(word, "z") {
				t.Top[0] = engine.TokenLogprob{Token: 7, Logprob: -1}
			}
			score.Tokens = append(score.Tokens, t)
		}
		scores = append(scores, score)
	}
	return scores, nil
}

func withPicture(e engine.Engine) Options {
	return Options{Setup: Setup{Engine: e}, Pictures: []*images.Picture{testPicture("/x/disc.png", 96, 64)}}
}

func TestGround(t *testing.T) {
	t.Parallel()
	f := &fake{reply: say("A *yellow* haze.")}
	p := open(t, withPicture(scorer{fake: f}))
	p.enter("/ground")
	p.sees("There is no answer yet whose words could rest on a picture.")
	p.enter("What is it?")
	p.sees("yellow")
	p.idle()
	p.enter("/ground")
	p.sees("A *yellow* [haze].")
	p.sees("rests on the picture · said without it too · [the picture says otherwise]")
	p.enter("/ground 1")
	p.until("the answer as it was", func() bool { return !strings.Contains(p.screen(), "[haze]") })
	p.enter("/ground")
	p.sees("[haze]") // at once: it is known
	p.enter("/ground 5")
	p.sees("There is no message 5.")
	p.enter("Sure?")
	p.until("a second answer", func() bool { return len(f.asked()) == 2 })
	if got := turns(f.asked()[1])[1]; got != "assistant: A *yellow* haze." {
		t.Errorf("the model is told %q", got)
	}
}

func TestGroundWithoutAPicture(t *testing.T) {
	t.Parallel()
	p := open(t, Options{Setup: Setup{Engine: scorer{fake: &fake{reply: say("Hello.")}}}})
	p.enter("Hi")
	p.sees("Hello.")
	p.idle()
	p.enter("/ground")
	p.sees("There is no picture in the conversation up to this answer")
}

// Of an engine that can't tell of words the claims are asked back alone, and it says so; where
// there are none it names what could tell.
func TestGroundWithoutScores(t *testing.T) {
	t.Parallel()
	f := &fake{reply: say("A disc.")}
	p := open(t, withPicture(f))
	p.enter("What is it?")
	p.sees("A disc.")
	p.idle()
	f.reply = say("No.")
	p.enter("/ground")
	p.sees("does not tell")
	p.sees("✗ A disc    contradicted")
	p.sees("supports 0 of 1 claim")
	p.enter("And now?")
	p.sees("No.")
	p.idle()
	p.enter("/ground")
	p.sees("servers tell it of their own answers at most")
}

func TestStopTask(t *testing.T) {
	t.Parallel()
	e := scorer{fake: &fake{reply: say("A disc.")}, hangs: true}
	p := open(t, withPicture(e))
	p.enter("What is it?")
	p.sees("A disc.")
	p.idle()
	p.enter("/ground")
	p.sees("asking what the answer rests on · Esc stops")
	p.enter("/classify a, b")
	p.sees(withKey(taskHint, " · Esc stops"))
	p.press(keyEsc)
	p.until("stopped", func() bool { return p.m.task == nil && !strings.Contains(p.screen(), "asking what") })
	if strings.Contains(p.screen(), "✗") {
		t.Errorf("an error for what was stopped:\n%s", p.screen())
	}
}

func TestClassify(t *testing.T) {
	t.Parallel()
	p := open(t, withPicture(scorer{fake: &fake{}}))
	p.enter("/classify")
	p.sees("Which labels?")
	p.enter("/classify a, b, a")
	p.sees(`the label "a" is there twice`)
	p.enter("/classify 2: a, b")
	p.sees("There is no picture of this number. There are:\n  1 disc.png")
	p.sees("› /classify 2: a, b") // to be put right
	p.press(tea.KeyPressMsg{Code: 'u', Mod: tea.ModCtrl})
	p.enter("/classify 1: orange, haze")
	p.sees("Which label fits disc.png:")
	p.sees("98%")
	screen := p.screen()
	if !strings.Contains(screen, "orange █") || strings.Index(screen, "orange █") > strings.LastIndex(screen, "haze ") {
		t.Errorf("the likeliest is not the first:\n%s", screen)
	}
	none := open(t, Options{Setup: Setup{Engine: scorer{fake: &fake{}}}})
	none.enter("/classify a, b")
	none.sees("There is no picture yet.")
}

// Without a screen the same is said in words.
func TestPlainTasks(t *testing.T) {
	t.Parallel()
	out, err := plainly(t, withPicture(scorer{fake: &fake{reply: say("A yellow haze.")}}), "What is it?", "/ground", "/classify orange, haze")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"Rests on the picture: yellow.\nThe picture speaks against: haze.\nThe rest would be said without it.\n",
		"Which label fits disc.png:\norange: 98%\nhaze: 2%\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

// The levels of support look different with few colours and with none.
func TestGroundLooks(t *testing.T) {
	t.Parallel()
	for _, profile := range []colorprofile.Profile{colorprofile.ASCII, colorprofile.ANSI, colorprofile.TrueColor} {
		for _, dark := range []bool{false, true} {
			st := newStyles(dark, profile, ansi.WcWidth)
			seen := map[string]bool{}
			for _, s := range []string{st.stronglySeen.Render("x"), st.guessed.Render("x"), st.contradicted.Render("[x]")} {
				var out strings.Builder
				w := colorprofile.Writer{Forward: &out, Profile: profile}
				if _, err := w.WriteString(s); err != nil {
					t.Fatal(err)
				}
				seen[out.String()] = true
			}
			if len(seen) != 3 {
				t.Errorf("%v, dark %v: %v", profile, dark, seen)
			}
		}
	}
}

// nearest is an encoder to which every picture is an orange.
type nearest struct{ closed *bool }

func (nearest) Space(context.Context) (engine.Space, error) {
	return engine.Space{Scale: 1, Note: "The CPU took over."}, nil
}

func (n nearest) Close() error {
	*n.closed = true
	return nil
}

func (nearest) EncodePictures(_ context.Context, pictures []*images.Picture) ([][]float32, error) {
	return slices.Repeat([][]float32{{0, 1}}, len(pictures)), nil
}

func (nearest) EncodeTexts(_ context.Context, texts []string) ([][]float32, error) {
	var all [][]float32
	for _, text := range texts {
		if strings.Contains(text, "orange") {
			all = append(all, []float32{0, 1})
		} else {
			all = append(all, []float32{0, -1})
		}
	}
	return all, nil
}

// A number means the picture that /zoom and /crop mean by it: those that are attached are the first.
func TestClassifyCountsAsZoomDoes(t *testing.T) {
	t.Parallel()
	o := withPicture(scorer{fake: &fake{reply: say("A disc.")}})
	o.Attach = func(_ context.Context, source string) ([]*images.Picture, error) {
		return []*images.Picture{testPicture(source, 40, 30)}, nil
	}
	p := open(t, o)
	p.enter("What is it?")
	p.sees("A disc.")
	p.idle()
	p.enter("/attach next.png")
	p.idle()
	p.enter("/classify 1: orange, haze")
	p.sees("Which label fits next.png:")
	p.enter("/classify 2: orange, haze")
	p.sees("Which label fits disc.png:")
}

// Where an encoder is set it tells which label fits, also beside an engine that can't.
func TestClassifyByEncoder(t *testing.T) {
	t.Parallel()
	o := withPicture(&fake{})
	closed := false
	o.Encoder = func() (engine.Encoder, error) { return nearest{&closed}, nil }
	p := open(t, o)
	p.enter("/classify orange, haze")
	p.sees("The CPU took over.")
	p.sees("88%")
	p.enter("/classify orange, mist")
	p.sees("mist ")
	if n := strings.Count(p.screen(), "The CPU took over."); n != 1 {
		t.Errorf("it is said %d times:\n%s", n, p.screen())
	}
	if !closed {
		t.Error("the encoder was left open")
	}
	p.m.options.Encoder = func() (engine.Encoder, error) {
		return nil, &engine.Error{Kind: engine.ModelNotFound, Message: "there is no such encoder"}
	}
	p.enter("/classify orange, haze")
	p.sees("there is no such encoder")
}
