package tasks

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestClaims(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		answer string
		want   string // kind: text → question, with | between
	}{
		{"A large red digit 9 in the top right on a white background.",
			"object: A large red digit 9 → Is there a large red digit 9 in the image? | place: in the top right → Is the large red digit 9 in the top right? | background: a white background → Is the background white?"},
		{"two dogs on a red sofa",
			"count: two dogs → How many dogs are there in the image? | object: a red sofa → Is there a red sofa in the image?"},
		{"The image shows one object on an orange background: a small blue ring at the bottom.",
			"count: one object → How many objects are there in the image? | background: an orange background → Is the background orange? | object: a small blue ring → Is there a small blue ring in the image? | place: at the bottom → Is the small blue ring at the bottom?"},
		{"The star is red. The star is in the upper left corner of the image.",
			"object: The star → Is there a star in the image? | property: red → Is the star red? | place: in the upper left corner of the image → Is the star in the upper left corner of the image?"},
		{"A man riding a horse jumps over a fence, and two people watch him.",
			"object: A man → Is there a man in the image? | object: a horse → Is there a horse in the image? | object: a fence → Is there a fence in the image? | count: two people → How many people are there in the image?"},
		{"On the left, a black and white cat is sleeping; there are several red flowers in the foreground.",
			"object: a black and white cat → Is there a black and white cat in the image? | place: On the left → Is the black and white cat on the left? | property: sleeping → Is the black and white cat sleeping? | object: several red flowers → Are there several red flowers in the image? | place: in the foreground → Are the red flowers in the foreground?"},
		{"There is no heart in the image.", ""},
		{"The background is white.", "background: white → Is the background white?"},
		{"A tall building near the Eiffel Tower", "object: A tall building → Is there a tall building in the image? | object: the Eiffel Tower → Is the Eiffel Tower in the image?"},
		{"A large, red ball and grass.", "object: A large, red ball → Is there a large, red ball in the image? | object: grass → Is there grass in the image?"},
		{"A cup at the top of the stairs.", "object: A cup → Is there a cup in the image? | object: the stairs → Are there stairs in the image?"},
		{"", ""},
		{"Ein Hund.", "object: Ein Hund → Is there Ein Hund in the image?"},
		{"3 cats", "count: 3 cats → How many cats are there in the image?"},
	} {
		var got []string
		for _, c := range Claims(test.answer) {
			got = append(got, fmt.Sprintf("%s: %s → %s", c.Kind, c.Text, c.Question))
			if c.Kind != Count && c.Text != strings.Join(strings.Fields(test.answer[c.Start:c.End]), " ") {
				t.Errorf("%q is not what is at %d to %d of %q", c.Text, c.Start, c.End, test.answer)
			}
		}
		if want := strings.Split(test.want, " | "); !slices.Equal(got, want) && (test.want != "" || len(got) > 0) {
			t.Errorf("%q claims\n\t%s\nwant\n\t%s", test.answer, strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
		}
	}
}

func FuzzClaims(f *testing.F) {
	f.Add("A large red digit 9 in the top right on a white background.")
	f.Add("On the left, a black and white cat is sleeping; there are several red flowers.")
	f.Add("two 3 a in the the of and is, is")
	f.Fuzz(func(t *testing.T, answer string) {
		for _, c := range Claims(answer) {
			if c.Start < 0 || c.End > len(answer) || c.Start >= c.End || !strings.HasSuffix(c.Question, "?") {
				t.Fatalf("%+v of %q", c, answer)
			}
		}
	})
}
