package native

import (
	"reflect"
	"testing"

	"github.com/vlmchat/vlmchat/engine/llamacpp"
)

func someUnits(n int) []unit {
	var units []unit
	for i := range n {
		u := tokenUnit(llamacpp.Token(i * 7 % 50000))
		if i%50 == 49 {
			u = unit{picture: "0123456789abcdef", tile: i % 3, shape: uint64(i) << 40, count: 64, positions: 8}
		}
		units = append(units, u)
	}
	return units
}

func TestUnitsOnDisk(t *testing.T) {
	t.Parallel()
	units := someUnits(200)
	encoded := append(encodeUnits(units), "the state"...)
	got, rest := decodeUnits(encoded)
	if !reflect.DeepEqual(got, units) || string(rest) != "the state" {
		t.Errorf("%d units and %q come back", len(got), rest)
	}
	for n := range len(encoded) - len("the state") {
		if got, _ := decodeUnits(encoded[:n]); got != nil {
			t.Fatalf("%d units are read of %d bytes", len(got), n)
		}
	}
}

func TestStateNotes(t *testing.T) {
	t.Parallel()
	units := someUnits(100)
	want := noteOf("model", "abcd2345", units)
	b := want.encode()
	got, ok := readStateNote(b)
	if !ok || !reflect.DeepEqual(got, want) {
		t.Errorf("the note comes back as %+v, %v", got, ok)
	}
	if want.count != 100 || !reflect.DeepEqual(want.pictures, []uint64{0x0123456789abcdef}) {
		t.Errorf("the note is %+v", want)
	}
	for n := range b[:len(b)-8*len(want.prints)+1] {
		if _, ok := readStateNote(b[:n]); ok {
			t.Errorf("%d bytes of %d are a note", n, len(b))
		}
	}
	for _, bad := range []string{"", "model", "model\x0012345678", noteMark, noteMark + "\xff\xff\xff\xff\x7f"} {
		if _, ok := readStateNote([]byte(bad)); ok {
			t.Errorf("%q is a note", bad)
		}
	}
	if longer := someUnits(120); !want.begins(longer) || !want.begins(units) || want.begins(units[:99]) || want.begins(longer[1:]) {
		t.Error("what begins with all that the note is of is not told from what does not")
	}
}

func TestCommonPrints(t *testing.T) {
	t.Parallel()
	long := someUnits(200)
	other := someUnits(200)
	other[70] = tokenUnit(3)
	for _, c := range []struct {
		a, b []unit
		want int // strides
	}{{long, long, 8}, {long, long[:100], 4}, {long, other, 2}, {long[:20], long, 0}, {nil, long, 0}} {
		a, _ := fingerprints(c.a)
		b, _ := fingerprints(c.b)
		if got := commonPrints(a, b); got != c.want {
			t.Errorf("%d and %d units have %d strides in common, want %d", len(c.a), len(c.b), got, c.want)
		}
	}
	// A picture is as much as its tokens.
	if _, at := fingerprints([]unit{tokenUnit(1), {picture: "p", count: 64, positions: 8}, tokenUnit(2)}); !reflect.DeepEqual(at, []int{2, 3}) {
		t.Errorf("fingerprints are of %v units", at)
	}
}

// Whatever a file holds, reading it comes to an end, with units that can be
// written again, or none.
func FuzzUnitsOnDisk(f *testing.F) {
	f.Add(encodeUnits(someUnits(60)))
	f.Add(noteOf("model", "session", someUnits(60)).encode())
	f.Add([]byte{255, 255, 255, 255, 1})
	f.Add([]byte{1, 0, 0, 0, 1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		units, _ := decodeUnits(b)
		again, rest := decodeUnits(encodeUnits(units))
		if len(units) > 0 && (!reflect.DeepEqual(again, units) || len(rest) != 0) {
			t.Errorf("%d units come back as %d", len(units), len(again))
		}
		if note, ok := readStateNote(b); ok {
			if again, ok := readStateNote(note.encode()); !ok || !reflect.DeepEqual(again, note) {
				t.Errorf("the note %+v comes back as %+v, %v", note, again, ok)
			}
		}
	})
}
