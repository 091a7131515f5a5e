package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"github.com/vlmchat/vlmchat/bench/measure"
)

// Marks of what is made in the document: a table, or the overview, is between a mark with
// its name and the mark of its end.
const (
	beginMark = "<!-- bench: %s -->\n"
	endMark   = "<!-- end -->\n"
	// overviewName is the overview's.
	overviewName = "overview"
)

// writeDocument puts the results that there are into the document.
func writeDocument() error {
	results, err := measure.ReadResults(resultsDir)
	if err != nil {
		return err
	}
	old, err := os.ReadFile(document)
	if err != nil {
		return err
	}
	text, err := fill(old, results)
	if err != nil || bytes.Equal(text, old) {
		return err
	}
	return os.WriteFile(document, text, 0o644)
}

// fill puts the results into a document. A table of which there is no result stays as it is.
func fill(text []byte, results map[string]*measure.Result) ([]byte, error) {
	if len(results) == 0 {
		return text, nil
	}
	text, err := replace(text, overviewName, overview(results))
	if err != nil {
		return nil, err
	}
	known := make(map[string]bool)
	for _, b := range benchmarks {
		for _, t := range b.tables {
			known[t.name] = true
			if r := results[t.name]; r != nil {
				if text, err = replace(text, t.name, r.Markdown()); err != nil {
					return nil, err
				}
			}
		}
	}
	for name := range results {
		if !known[name] {
			return nil, fmt.Errorf("%s/%s.json is of no benchmark that there is", resultsDir, name)
		}
	}
	return text, nil
}

// replace puts something between the marks of a name.
func replace(text []byte, name, with string) ([]byte, error) {
	begin := []byte(fmt.Sprintf(beginMark, name))
	before, rest, ok := bytes.Cut(text, begin)
	if !ok {
		return nil, fmt.Errorf("%s has no line %s", document, bytes.TrimSpace(begin))
	}
	_, after, ok := bytes.Cut(rest, []byte(endMark))
	if !ok {
		return nil, fmt.Errorf("%s has no line %s behind %s", document, strings.TrimSpace(endMark), bytes.TrimSpace(begin))
	}
	return bytes.Join([][]byte{before, begin, []byte("\n" + with + "\n"), []byte(endMark), after}, nil), nil
}

// overview has the figures that tell most, how many goals are met, and which are not.
func overview(results map[string]*measure.Result) string {
	var w, missed strings.Builder
	var goals, met int
	fmt.Fprint(&w, "| | figure | vlmchat | peer | ratio | goal |\n|---|---|---|---|---|---|\n")
	for _, b := range benchmarks {
		for _, t := range b.tables {
			r := results[t.name]
			if r == nil {
				continue
			}
			for _, f := range r.Figures {
				ours, peer, ratio := f.Medians()
				name := peerOf(r, f)
				if f.Headline {
					if name != "" {
						peer += " (" + name + ")"
					}
					fmt.Fprintf(&w, "| %s | %s, %s | %s | %s | %s | %s |\n", t.title, f.Name, f.Unit, ours, peer, ratio, f.Verdict())
				}
				ok, has := f.Met()
				if !has {
					continue
				}
				goals++
				if ok {
					met++
					continue
				}
				if name != "" {
					name = " beside " + name
				}
				value := ratio + " of the peer's"
				if f.Goal.Ours {
					value = ours + " " + f.Unit
				}
				fmt.Fprintf(&missed, "- %s: %s%s: %s (%s)\n", t.title, f.Name, name, value, strings.TrimSuffix(f.Verdict(), ": missed"))
			}
		}
	}
	fmt.Fprintf(&w, "\nOf %d figures that have a goal, %d meet it.", goals, met)
	if met < goals {
		fmt.Fprintf(&w, " These miss it:\n\n%s", missed.String())
	} else {
		fmt.Fprintln(&w)
	}
	return w.String()
}

// peerOf is what a figure is compared with; "" where nothing is.
func peerOf(r *measure.Result, f *measure.Figure) string {
	switch {
	case len(f.Peer) == 0:
		return ""
	case f.Beside != "":
		return f.Beside
	}
	return r.Peer
}
