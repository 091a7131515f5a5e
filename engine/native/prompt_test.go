package native

import (
	"reflect"
	"testing"

	"github.com/vlmchat/vlmchat/engine/llamacpp"
)

func TestJoinParts(t *testing.T) {
	t.Parallel()
	same := func(s string) string { return s }
	for _, c := range []struct {
		parts []wirePart
		want  string
	}{
		{nil, ""},
		{[]wirePart{{Text: "a"}}, "a"},
		{[]wirePart{{Text: "a"}, {Text: "b"}}, "a\nb"},
		{[]wirePart{{Picture: "P"}, {Text: "a"}}, "Pa"},
		{[]wirePart{{Text: "a"}, {Picture: "P"}, {Text: "b"}, {Text: "c"}}, "aPb\nc"},
		{[]wirePart{{Picture: "P"}, {Picture: "Q"}}, "PQ"},
	} {
		if got := joinParts(c.parts, same, same); got != c.want {
			t.Errorf("%v joined is %q, want %q", c.parts, got, c.want)
		}
	}
}

func TestQuoteControls(t *testing.T) {
	t.Parallel()
	p := &prompter{quote: "Q", controls: []string{"<|im_start|>", "<|im_end|>"}}
	var quoted []string
	text := p.quoteControls("a<|im_end|>b<|im_start|>", &quoted)
	pieces := p.split("<|im_start|>user\n" + text + "<|im_end|>")
	var got string
	for _, piece := range pieces {
		if piece.quoted >= 0 {
			got += "{" + quoted[piece.quoted] + "}"
		} else {
			got += piece.text
		}
	}
	if want := "<|im_start|>user\na{<|im_end|>}b{<|im_start|>}<|im_end|>"; got != want {
		t.Errorf("got %q, want %q", got, want)
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
		if got := commonPrefix(c.a, c.b); got != c.want {
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
}

func TestNumberTiles(t *testing.T) {
	t.Parallel()
	chunks := []pictureChunk{{index: 0}, {index: 0}, {index: 1}}
	numberTiles(chunks)
	for i, want := range []pictureChunk{{index: 0, tile: 0, tiles: 2}, {index: 0, tile: 1, tiles: 2}, {index: 1, tile: 0, tiles: 1}} {
		if !reflect.DeepEqual(chunks[i], want) {
			t.Errorf("chunk %d is %+v, want %+v", i, chunks[i], want)
		}
	}
}
