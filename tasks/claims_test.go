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
		{"The dog is not brown, and it doesn't have a collar.", "object: The dog → Is there a dog in the image?"},
		{"There are no dogs, but there is a cat with no collar on a chair.", "object: a cat → Is there a cat in the image? | object: a chair → Is there a chair in the image?"},
		{"A man without a hat or gloves stands in front of a red car.", "object: A man → Is there a man in the image? | object: a red car → Is there a red car in the image?"},
		{"Neither a cat nor a dog is visible. I can’t see any text. Is there anything else?", ""},
		{"Two dogs and a cat are lying on a couch.", "count: Two dogs → How many dogs are there in the image? | object: a cat → Is there a cat in the image? | object: a couch → Is there a couch in the image?"},
		{"A woman who is wearing a red dress is smiling, and the man on the bench is asleep.",
			"object: A woman → Is there a woman in the image? | object: a red dress → Is there a red dress in the image? | property: smiling → Is the woman smiling? | object: the man → Is there a man in the image? | object: the bench → Is there a bench in the image? | property: asleep → Is the man asleep?"},
		{"A sign that says \"STOP\"", "object: A sign → Is there a sign in the image? | object: STOP → Is there STOP in the image?"},
		{"A cake is being cut by a bride.", "object: A cake → Is there a cake in the image? | object: a bride → Is there a bride in the image?"},
		{"A child's toys are scattered on the floor.", "object: A child's toys → Are there child's toys in the image? | property: scattered → Are the child's toys scattered? | object: the floor → Is there a floor in the image?"},
		{"About 20 people wait. A clock shows 3:45. A group of 12 or 13 birds.",
			"object: 20 people → Are there people in the image? | object: A clock → Is there a clock in the image? | object: 13 birds → Are there birds in the image?"},
		{"The dog chases a ball. Three zebras graze. Children play.",
			"object: The dog → Is there a dog in the image? | object: a ball → Is there a ball in the image? | count: Three zebras → How many zebras are there in the image? | object: Children → Are there children in the image?"},
		{"The sky is clear and blue, and there are tall trees.", "object: The sky → Is there a sky in the image? | property: clear → Is the sky clear? | object: tall trees → Are there tall trees in the image?"},
		{"Overall, the image has a peaceful atmosphere, taken in the 1950s.", ""},
		{"# What is there\n\n1. **Red car** parked on the street\n2. a *large* white\n   house\n- Two people",
			"object: Red car → Is there red car in the image? | object: the street → Is there a street in the image? | object: a large white house → Is there a large white house in the image? | count: Two people → How many people are there in the image?"},
		{"Ein großes rotes Herz auf schwarzem Hintergrund.", ""},
		{"Un gran corazón rojo sobre un fondo negro.", ""},
		{"Un chien et deux chats sur un canapé rouge.", ""},
		{"Een grote rode hond in de tuin.", ""},
		{"Большое красное сердце.", ""},
		{"黒い背景に大きな赤いハート。", ""},
		{"Yes.", ""},
		{"red", ""},
		{"3 cats", "count: 3 cats → How many cats are there in the image?"},
	} {
		var got []string
		for _, c := range Claims(test.answer) {
			got = append(got, fmt.Sprintf("%s: %s → %s", c.Kind, c.Text, c.Question))
			if c.Kind != Count && c.Text != strings.ReplaceAll(strings.Join(strings.Fields(test.answer[c.Start:c.End]), " "), "*", "") {
				t.Errorf("%q is not what is at %d to %d of %q", c.Text, c.Start, c.End, test.answer)
			}
		}
		if want := strings.Split(test.want, " | "); !slices.Equal(got, want) && (test.want != "" || len(got) > 0) {
			t.Errorf("%q claims\n\t%s\nwant\n\t%s", test.answer, strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
		}
	}
}

// What takes a time that grows with the square of an answer would not end here.
func TestClaimsOfAnswersWithoutEnd(t *testing.T) {
	t.Parallel()
	for _, piece := range []string{"The dog is red. ", "on the left of ", "three dogs, ", "a large, "} {
		if n := len(Claims(strings.Repeat(piece, 1<<19/len(piece)))); n > mostClaims {
			t.Errorf("%d claims of %q", n, piece)
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
