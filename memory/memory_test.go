package memory

import "testing"

func TestFree(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		facts      Facts
		most, free uint64
	}{
		{Facts{}, 0, 0},
		{Facts{Total: 100}, 100, 50},
		{Facts{Total: 100, Available: 70}, 100, 70},
		{Facts{Total: 100, Available: 7, Limit: 20}, 20, 7},
		{Facts{Total: 100, Limit: 20}, 20, 0}, // all of it is used
		{Facts{Total: 100, Available: 7, Limit: 200}, 100, 7},
	} {
		if most, free := c.facts.Most(), c.facts.Free(); most != c.most || free != c.free {
			t.Errorf("%+v: %d at most and %d free, want %d and %d", c.facts, most, free, c.most, c.free)
		}
	}
	if f := Read(); f.Total == 0 || f.Free() == 0 || f.Free() > f.Most() {
		t.Errorf("this machine's memory is %+v", f)
	}
}
