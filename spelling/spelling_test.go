package spelling

import "testing"

func TestNearest(t *testing.T) {
	t.Parallel()
	names := []string{"temperature", "top-k", "top-p", "seed"}
	for _, test := range []struct {
		name string
		most int
		want string
	}{
		{"temprature", 3, "temperature"},
		{"temparatture", 3, "temperature"},
		{"seeds", 1, "seed"},
		{"seed", 0, "seed"},
		{"top", 2, "top-k"}, // the first of those that differ alike
		{"top-q", 0, ""},
		{"colour", 2, ""},
		{"", 3, ""},
		{"", 4, "seed"},
	} {
		if got := Nearest(test.name, names, test.most); got != test.want {
			t.Errorf("the nearest to %q within %d is %q, want %q", test.name, test.most, got, test.want)
		}
	}
	if got := Nearest("x", nil, 9); got != "" {
		t.Errorf("of no names it is %q", got)
	}
}
