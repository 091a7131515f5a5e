package native

import (
	"fmt"
	"testing"

	"github.com/vlmchat/vlmchat/diskcache"
	"github.com/vlmchat/vlmchat/engine/llamacpp"
)

// However many pictures come by, what is remembered of them stays bounded.
func TestEncodingsAreBounded(t *testing.T) {
	t.Parallel()
	e := encodings{limit: 40 * 10}
	for i := range 1000 {
		for tile := range 2 {
			e.remember(fmt.Sprintf("picture%d/%d/2/64", i, tile), make([]float32, 10), i%3 == 0)
		}
	}
	if len(e.of) != 10 || len(e.order) != 10 || len(e.seen) != 5 || e.bytes != e.limit || len(e.secret) > 10 {
		t.Errorf("of %d tiles of %d pictures there are %d bytes, %d secret", len(e.of), len(e.seen), e.bytes, len(e.secret))
	}
	if !e.knows("picture999") || e.knows("picture1") {
		t.Error("pictures that are remembered are not known, or others are")
	}
	e.forget([]string{"picture999", "picture998"})
	if len(e.of) != 6 || len(e.seen) != 3 || e.bytes != 6*40 || e.knows("picture999") {
		t.Errorf("after forgetting there are %d tiles of %d pictures, %d bytes", len(e.of), len(e.seen), e.bytes)
	}
}

// States that others have pushed out of the cache are not known for ever.
func TestKnownStatesAreBounded(t *testing.T) {
	t.Parallel()
	disk, err := diskcache.Open(t.TempDir(), 100_000)
	if err != nil {
		t.Fatal(err)
	}
	s := newStates(disk, "model", func() {})
	for i := range 1000 {
		units := append(someUnits(40), tokenUnit(llamacpp.Token(i)))
		s.write(noteOf("model", "", units), units, make([]byte, 5000))
	}
	if n := len(s.known); n > 2*100_000/5000+fewestTidied {
		t.Errorf("%d states are known of a cache that holds 20", n)
	}
}
