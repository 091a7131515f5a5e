package native

import (
	"reflect"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/engine/llamacpp"
)

func TestMessageTexts(t *testing.T) {
	t.Parallel()
	same := func(s string) string { return s }
	for _, c := range []struct {
		parts []wirePart
		want  []string
	}{
		{nil, []string{""}},
		{[]wirePart{{Text: "a"}}, []string{"a"}},
		{[]wirePart{{Text: "a"}, {Text: "b"}}, []string{"a", "b"}},
		{[]wirePart{{Picture: "P"}, {Text: "a"}}, []string{"Pa"}},
		{[]wirePart{{Text: "a"}, {Picture: "P"}, {Text: "b"}, {Text: "c"}}, []string{"aPb\nc"}},
		{[]wirePart{{Text: "a"}, {Text: "b"}, {Picture: "P"}}, []string{"a\nbP"}},
		{[]wirePart{{Picture: "P"}, {Picture: "Q"}}, []string{"PQ"}},
	} {
		if got := messageTexts(c.parts, same, same); !reflect.DeepEqual(got, c.want) {
			t.Errorf("the texts of %v are %q, want %q", c.parts, got, c.want)
		}
	}
}

func TestQuoting(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		controls   []string
		said, want string
	}{
		"frame":                   {[]string{"<|im_start|>", "<|im_end|>"}, "a<|im_end|>b<|im_start|>", "a{<|im_end|>}b{<|im_start|>}"},
		"the longer of two":       {[]string{"<s>", "<s>>"}, "<s>><s>", "{<s>>}{<s>}"},
		"one in the placeholders": {[]string{"x", "q", "0", "Q"}, "Q0 qx", "{Q}{0} {q}{x}"},
		"none":                    {nil, "<s>", "<s>"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := newQuoting("Q-q0x", c.controls)
			var got string
			for _, piece := range q.split("<s>" + q.quote(c.said) + "x") {
				if piece.quoted {
					got += "{" + piece.text + "}"
				} else {
					got += piece.text
				}
			}
			// What the template says is not quoted.
			if want := "<s>" + c.want + "x"; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func TestPlaceholderCutByTheTemplate(t *testing.T) {
	t.Parallel()
	q := newQuoting("Q", []string{"<s>"})
	for _, text := range []string{"aQ", "aQ0", "aQ7xb", "aQ-1xb", "aQQ"} {
		for _, piece := range q.split(text) {
			if piece.quoted && text != "aQ0" {
				t.Errorf("%q has a piece %+v", text, piece)
			}
		}
	}
}

func TestCommonPrefix(t *testing.T) {
	t.Parallel()
	token := func(n int32) unit { return unit{token: 1, count: 1, positions: int(n)} }
	a := []unit{token(1), {picture: "x", count: 64, positions: 64}, token(2)}
	b := []unit{token(1), {picture: "y", count: 64, positions: 64}, token(2)}
	for _, c := range []struct {
		a, b []unit
		want int
	}{{a, a, 3}, {a, b, 1}, {a, a[:2], 2}, {nil, a, 0}} {
		held := sequence{}
		for _, u := range c.a {
			held.cells = append(held.cells, &cell{unit: u})
		}
		if got := held.common(c.b); got != c.want {
			t.Errorf("%v and %v have %d units in common, want %d", c.a, c.b, got, c.want)
		}
	}
	if got := positions(a); got != 67 {
		t.Errorf("%d positions", got)
	}
	if all, image := countTokens(a); all != 66 || image != 64 {
		t.Errorf("%d tokens, %d of pictures", all, image)
	}
	if got := pictureNames([]wireMessage{{Parts: []wirePart{{Picture: "x"}, {Text: "t"}, {Picture: "y"}, {Picture: "x"}}}}); !reflect.DeepEqual(got, []string{"x", "y"}) {
		t.Errorf("the pictures are %v", got)
	}
}

func TestPictureStore(t *testing.T) {
	t.Parallel()
	s := pictureStore{limit: 50}
	bitmap := func(bytes int) llamacpp.Bitmap { return llamacpp.Bitmap{RGB: make([]byte, bytes)} }
	if _, missing := s.get([]string{"a"}); len(missing) != 1 {
		t.Errorf("an empty store misses %v", missing)
	}
	s.put("a", bitmap(10))
	s.put("a", bitmap(10))
	s.put("b", bitmap(20))
	if found, missing := s.get([]string{"b", "a"}); len(found) != 2 || missing != nil || s.bytes != 30 {
		t.Errorf("found %d, missing %v, %d bytes", len(found), missing, s.bytes)
	}
	s.put("c", bitmap(30)) // b was used longest ago
	if found, missing := s.get([]string{"a", "b", "c"}); len(found) != 2 || !reflect.DeepEqual(missing, []string{"b"}) || s.bytes != 40 {
		t.Errorf("found %d, missing %v, %d bytes", len(found), missing, s.bytes)
	}
	s.trim(30, time.Hour)
	if s.bytes != 40 {
		t.Errorf("what was sent just now is trimmed: %d bytes are left", s.bytes)
	}
	s.trim(30, 0)
	if _, missing := s.get([]string{"a", "c"}); !reflect.DeepEqual(missing, []string{"a"}) || s.bytes != 30 {
		t.Errorf("trimmed, missing %v, %d bytes", missing, s.bytes)
	}
}

func TestNumberTiles(t *testing.T) {
	t.Parallel()
	tiles := []tile{{index: 0}, {index: 0}, {index: 1}}
	numberTiles(tiles)
	for i, want := range []tile{{index: 0, number: 0, of: 2}, {index: 0, number: 1, of: 2}, {index: 1, number: 0, of: 1}} {
		if !reflect.DeepEqual(tiles[i], want) {
			t.Errorf("tile %d is %+v, want %+v", i, tiles[i], want)
		}
	}
}
