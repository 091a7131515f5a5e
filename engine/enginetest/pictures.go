package enginetest

import (
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
)

// imageTokens are those of a picture in the demo model.
const imageTokens = 64

// describe asks for what is in pictures that the demo model describes well, a PNG
// and a JPEG among them.
func describe(t *testing.T, s Subject) {
	e := s.Open(t)
	for name, words := range map[string][]string{
		"scene-01.png": {"large red digit 9", "top right", "white background"},
		"scene-05.jpg": {"small green heart", "top left", "black background"},
		"scene-13.png": {"large black diamond", "top right", "yellow background"},
	} {
		a := mustAsk(t, e, Greedy(engine.Ask("Describe this image.", Sample(t, name))))
		wants(t, a.Text, words...)
		if a.Finish != engine.Stop || a.Usage.PromptTokens < imageTokens || a.Usage.PromptTokens > 2*imageTokens {
			t.Errorf("%s: finish %q, usage %+v", name, a.Finish, a.Usage)
		}
	}
}

// twoPictures puts two pictures between texts. Each of them matters, and so does
// where it stands.
func twoPictures(t *testing.T, s Subject) {
	e := s.Open(t)
	digit, heart := Sample(t, "scene-01.png"), Sample(t, "scene-05.jpg")
	ask := func(first, second *images.Picture) string {
		a := mustAsk(t, e, Greedy(engine.Message{Role: engine.User, Parts: []engine.Part{
			{Text: "First image:"}, {Picture: first}, {Text: "Second image:"}, {Picture: second}, {Text: "What is in the second image?"},
		}}))
		if a.Usage.PromptTokens < 2*imageTokens {
			t.Errorf("the usage is %+v: a picture is missing", a.Usage)
		}
		return a.Text
	}
	wants(t, ask(digit, heart), "heart", "green")
	wants(t, ask(heart, digit), "digit 9", "red")
	before, after := ask(digit, digit), ask(heart, heart)
	wants(t, before, "digit 9")
	wants(t, after, "heart")
}

// takePicture prepares a picture ahead of its question, which changes no answer.
func takePicture(t *testing.T, s Subject) {
	e := s.Open(t)
	taker, ok := e.(engine.PictureTaker)
	if !ok {
		t.Fatal("the engine takes no pictures ahead")
	}
	one, two := Sample(t, "scene-01.png"), Sample(t, "scene-05.jpg")
	if err := taker.TakePicture(t.Context(), one, nil); err != nil {
		t.Fatal(err)
	}
	if err := taker.TakePicture(t.Context(), two, []*images.Picture{one}); err != nil {
		t.Fatal(err)
	}
	wants(t, mustAsk(t, e, Greedy(engine.Ask("Describe this image.", one))).Text, "red digit 9")
	wants(t, mustAsk(t, e, Greedy(engine.Ask("Describe this image.", two))).Text, "green heart")
}

// blind asks a model without a projector: about a picture, which is refused by
// name, and without one.
func blind(t *testing.T, s Subject) {
	e := s.Blind(t)
	picture := Sample(t, "scene-01.png")
	if a := Ask(t.Context(), t, e, Greedy(engine.Ask("Describe this image.", picture))); a.Kind() != engine.NotVision {
		t.Errorf("a picture was answered %q, %v", a.Text, a.Err)
	}
	info, err := e.Info(t.Context())
	if err != nil || info.Capabilities.Vision {
		t.Errorf("it tells of itself %+v, %v", info, err)
	}
	// Now that it is known, also where the picture is taken.
	if taker, ok := e.(engine.PictureTaker); ok {
		if err := taker.TakePicture(t.Context(), picture, nil); engine.KindOf(err) != engine.NotVision {
			t.Errorf("the picture was taken: %v", err)
		}
	}
	if a := mustAsk(t, e, Greedy(engine.Text(engine.User, "Who are you?"))); a.Text == "" {
		t.Error("without a picture it says nothing")
	}
}
