package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/bench/measure"
)

func read(t *testing.T) (text []byte, results map[string]*measure.Result) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", document))
	if err != nil {
		t.Fatal(err)
	}
	results, err = measure.ReadResults(filepath.Join("..", resultsDir))
	if err != nil {
		t.Fatal(err)
	}
	return text, results
}

func TestTheDocumentIsMadeOfTheResults(t *testing.T) {
	text, results := read(t)
	filled, err := fill(text, results)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(text, filled) {
		t.Errorf("%s does not have what is in %s: run 'go run ./bench -write'", document, resultsDir)
	}
}

func TestEachTableHasItsPlace(t *testing.T) {
	text, _ := read(t)
	results := make(map[string]*measure.Result)
	for _, b := range benchmarks {
		if _, err := os.Stat(filepath.Join(b.name, "main.go")); err != nil {
			t.Errorf("%s is no program: %v", b.name, err)
		}
		for _, table := range b.tables {
			results[table.name] = &measure.Result{Name: table.name, Peer: "peer of " + table.name, Figures: []*measure.Figure{
				{Name: "figure", Unit: "ms", Headline: true, Goal: measure.Goal{AtMost: 1}, Ours: []float64{3, 1, 2}, Peer: []float64{1, 1, 1}},
			}}
		}
	}
	filled, err := fill(text, results)
	if err != nil {
		t.Fatal(err)
	}
	for name := range results {
		if n := strings.Count(string(filled), "| figure | vlmchat | peer of "+name+" |"); n != 1 {
			t.Errorf("the table %s is there %d times", name, n)
		}
	}
	for _, want := range []string{
		"| Searching | figure, ms | 2.00 | 1.00 (peer of search) | 2.00 | ≤ 1.00: missed |\n",
		"- Searching: figure beside peer of search: 2.00 of the peer's (≤ 1.00)\n",
		"| figure, ms | 1.00 / **2.00** / 3.00 | 1.00 / **1.00** / 1.00 | 1.00 / **2.00** / 3.00 | 3 | ≤ 1.00: missed |\n",
	} {
		if !strings.Contains(string(filled), want) {
			t.Errorf("the document lacks %q", want)
		}
	}
	again, err := fill(filled, results)
	if err != nil || !bytes.Equal(filled, again) {
		t.Errorf("filling the document once more changes it (%v)", err)
	}
}

func TestWhatHasNoResultStays(t *testing.T) {
	text := []byte("a\n<!-- bench: overview -->\n<!-- end -->\nb\n<!-- bench: search -->\nold\n<!-- end -->\n<!-- bench: chat -->\nold\n<!-- end -->\n")
	filled, err := fill(text, map[string]*measure.Result{"chat": {Name: "chat", Peer: "peer"}})
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(filled, []byte("<!-- bench: search -->\nold\n<!-- end -->")) {
		t.Errorf("the table of which there is no result has changed: %s", filled)
	}
	if bytes.Contains(filled, []byte("<!-- bench: chat -->\nold\n")) {
		t.Errorf("the table of which there is a result has not changed: %s", filled)
	}
	if _, err := fill(text, map[string]*measure.Result{"eval": {Name: "eval"}}); err == nil {
		t.Error("a result without a place in the document is no error")
	}
	if _, err := fill(text, map[string]*measure.Result{"gone": {Name: "gone"}}); err == nil {
		t.Error("a result of no benchmark is no error")
	}
}
