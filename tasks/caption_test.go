package tasks

import (
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
)

func TestOneLineAndBare(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]string{
		"A dog\non a\r\n sofa. ":          "A dog on a sofa.",
		`"A dog."`:                        "A dog.",
		`"Stop" and "Go"`:                 `"Stop" and "Go"`,
		"An image of a dog.":              "A dog.",
		"The photo shows two dogs":        "Two dogs",
		"Picture of élan":                 "Élan",
		"This image depicts a red heart.": "A red heart.",
		"Images of dogs hang on a wall.":  "Images of dogs hang on a wall.",
		"The image of":                    "The image of",
		"":                                "",
	} {
		if got := bare(OneLine(answer)); got != want {
			t.Errorf("%q becomes %q, want %q", answer, got, want)
		}
	}
}

func TestWholeSentences(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text string
		most int
		want string
	}{
		{"One dog. Two cats. Three", 20, "One dog. Two cats."},
		{"One dog. Two cats.", 17, "One dog."},
		{"One dog and 3.5 cats. No", 12, ""},
		{"犬がいる。猫もいる。", 5, "犬がいる。"},
		{"", 5, ""},
	} {
		if got := wholeSentences(test.text, test.most); got != test.want {
			t.Errorf("of %q within %d: %q, want %q", test.text, test.most, got, test.want)
		}
	}
}

// A caption that is too long is asked for again, then cut at a sentence's end, or else stays
// and is told of.
func TestCaptionThatIsLong(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		answers []string
		want    Caption
	}{
		{[]string{"The image shows a dog."}, Caption{Text: "A dog."}},
		{[]string{"A very long text about a dog.", "A dog."}, Caption{Text: "A dog."}},
		{[]string{"A very long text about a dog.", "A dog. It is brown and large."}, Caption{Text: "A dog."}},
		{[]string{"A long text about a dog", "A very long text about a dog"}, Caption{Text: "A long text about a dog", Long: true}},
	} {
		asked := 0
		e := sayer{say: func(r engine.Request) (string, []engine.TokenLogprob, error) {
			if asked > 0 && !strings.Contains(r.Messages[0].Parts[0].Text, "20 at most") {
				t.Errorf("asked %+v", r.Messages)
			}
			asked++
			return test.answers[asked-1], nil, nil
		}}
		got, err := Captioner{Asker: &Asker{Engine: e}, Bare: true, Most: 20}.Caption(t.Context(), engine.Request{Messages: []engine.Message{engine.Text(engine.User, "Caption")}}, nil)
		if err != nil || got.Text != test.want.Text || got.Long != test.want.Long || asked != len(test.answers) {
			t.Errorf("%q becomes %+v, %v, asked %d times", test.answers, got, err, asked)
		}
	}
}
