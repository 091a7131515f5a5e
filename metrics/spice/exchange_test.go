package spice

import (
	"fmt"
	"strings"
	"testing"
)

func TestOnlyScoresOfWhatWasAskedAreTaken(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		{``, "EOF"},
		{`{}`, "not as they should be"},
		{`[]`, "0 captions"},
		{`[{"image_id":0,"scores":{"All":{"f":0.5}}},{"image_id":0,"scores":{"All":{"f":0.5}}}]`, "two scores of caption 0"},
		{`[{"image_id":0,"scores":{"All":{"f":0.5}}},{"image_id":2,"scores":{"All":{"f":0.5}}}]`, "not asked about"},
		{`[{"image_id":0,"scores":{"All":{"f":0.5}}},{"scores":{"All":{"f":0.5}}}]`, "not asked about"},
		{`[{"image_id":0,"scores":{"All":{"f":0.5}}},{"image_id":1,"scores":{}}]`, "no score of caption 1"},
		{`[{"image_id":0,"scores":{"All":{"f":0.5}}},{"image_id":1,"scores":{"All":{"f":null}}}]`, "no score of caption 1"},
		{`[{"image_id":0,"scores":{"All":{"f":0.5}}},{"image_id":1,"scores":{"All":{"f":1.5}}}]`, "1.5"},
	} {
		if _, err := readScores(strings.NewReader(c.text), 2); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s gives %v, which does not say %q", c.text, err, c.want)
		}
	}
}

func TestLastWordsAreBounded(t *testing.T) {
	t.Parallel()
	w := &lastWords{}
	for i := range 20000 {
		fmt.Fprintf(w, "line %d\n", i)
	}
	if len(w.b) > keepWords || !strings.HasSuffix(w.said(), "line 19999") {
		t.Errorf("kept %d bytes, that end in %q", len(w.b), w.said())
	}
}

func FuzzReadScores(f *testing.F) {
	f.Add(`[{"image_id":0,"scores":{"All":{"f":0.5}}},{"image_id":1,"scores":{"All":{"f":0.5}}}]`)
	f.Add(`[{"image_id":null}]`)
	f.Fuzz(func(t *testing.T, text string) {
		if scores, err := readScores(strings.NewReader(text), 2); err == nil && len(scores) != 2 {
			t.Errorf("%d scores", len(scores))
		}
	})
}
