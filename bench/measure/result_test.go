package measure

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

func TestAResultIsReadAsItWasWritten(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "results")
	want := &Result{
		Format: resultFormat, Version: resultVersion, Name: "search", Date: "2026-11-30", Seconds: 7, Machine: ThisMachine(),
		Setup: []string{"peers: numpy 2.4.6"}, Peer: "numpy",
		Figures: []*Figure{
			{Name: "one query", Unit: "ms", Headline: true, Goal: Goal{AtMost: 1.5}, Ours: rounded([]float64{1.23456789, 0}), Peer: []float64{2, 3}},
			{Name: "found", Unit: "%", Goal: Goal{AtLeast: 95, Ours: true}, Ours: []float64{100}},
		},
	}
	if err := want.Write(dir); err != nil {
		t.Fatal(err)
	}
	all, err := ReadResults(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := all["search"]; len(all) != 1 || !reflect.DeepEqual(got, want) {
		t.Errorf("read %+v, wrote %+v", got, want)
	}
	if err := os.Rename(filepath.Join(dir, "search.json"), filepath.Join(dir, "other.json")); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadResults(dir); err == nil {
		t.Error("a result by another name is no error")
	}
}

func TestVerdicts(t *testing.T) {
	for _, c := range []struct {
		figure Figure
		want   string
	}{
		{Figure{Unit: "ms", Ours: []float64{1}}, "–"},
		{Figure{Unit: "ms", Goal: Goal{AtMost: 1}}, "–"},
		{Figure{Unit: "ms", Goal: Goal{AtMost: 1}, Ours: []float64{1, 9, 2}, Peer: []float64{2, 3, 4}}, "≤ 1.00: met"},
		{Figure{Unit: "ms", Goal: Goal{AtMost: 1}, Ours: []float64{5, 9, 2}, Peer: []float64{2, 3, 4}}, "≤ 1.00: missed"},
		{Figure{Unit: "pictures/s", Goal: Goal{AtLeast: 1}, Ours: []float64{3}, Peer: []float64{2}}, "≥ 1.00: met"},
		{Figure{Unit: "ms", Goal: Goal{AtMost: 15, Ours: true}, Ours: []float64{16, 14, 12, 18}}, "≤ 15 ms: met"},
		{Figure{Unit: "MiB", Goal: Goal{AtMost: 1.15, AtLeast: 0.85}, Ours: []float64{9}, Peer: []float64{10}}, "≥ 0.85, ≤ 1.15: met"},
		{Figure{Unit: "MiB", Goal: Goal{AtMost: 1.15, AtLeast: 0.85}, Ours: []float64{8}, Peer: []float64{10}}, "≥ 0.85, ≤ 1.15: missed"},
		{Figure{Unit: "MiB", Goal: Goal{AtMost: 1.15, AtLeast: 0.85}, Ours: []float64{12}, Peer: []float64{10}}, "≥ 0.85, ≤ 1.15: missed"},
		{Figure{Unit: "ms", Goal: Goal{AtMost: 15, Ours: true}, Ours: []float64{16}, Peer: []float64{100}}, "≤ 15 ms: missed"},
	} {
		if got := c.figure.Verdict(); got != c.want {
			t.Errorf("%+v: %q, want %q", c.figure, got, c.want)
		}
	}
}
