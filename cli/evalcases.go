package cli

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/vlmchat/vlmchat/tasks/eval"
	"github.com/vlmchat/vlmchat/termtext"
)

// cases shows the worst answers, and the first of the items that failed.
func (p *evalText) cases(r *eval.Report) {
	if worst := r.Worst(p.worst); len(worst) > 0 {
		p.heading("The worst answers")
		for i, item := range worst {
			p.item(r, i+1, item)
		}
	}
	if failed := r.Failed(p.worst); len(failed) > 0 {
		p.heading("No answer came of")
		for _, item := range failed {
			p.within("  ", "%s: %s", item.ID, item.Error)
		}
		if rest := r.Counts.Failed - len(failed); rest > 0 {
			p.within("  ", "and %d more, which are in the report", rest)
		}
	}
}

// item shows one of the dataset: what was asked, what was said, and what would have been right.
func (p *evalText) item(r *eval.Report, number int, item eval.Item) {
	score := ""
	if s, found := r.MainScore(item); found {
		score = s.Name + " " + eval.Form(s.Name, s.Value)
	}
	p.titled(number, itemName(item.ID, item.Image), score)
	for _, part := range caseParts(item) {
		p.part(part[0], part[1])
	}
}

// titled writes a line about the item of this number, with something at its right end.
func (p *evalText) titled(number int, name, right string) {
	left := ansi.Truncate(fmt.Sprintf("%2d. %s", number, termtext.Line(name)), p.width-ansi.StringWidth(right)-2, "…")
	fmt.Fprintln(p.w, left+strings.Repeat(" ", max(2, p.width-ansi.StringWidth(left)-ansi.StringWidth(right)))+right)
}

// itemName is what an item is called: its picture, and which question about it.
func itemName(id, image string) string {
	name := filepath.Base(image)
	if image == "" || strings.Contains(id, name) {
		return id
	}
	return name + " (" + id + ")"
}

// part shows what something of an item is, in two lines at most.
func (p *evalText) part(name, text string) {
	const margin, most = 12, 2
	lines := wrapWords(termtext.Line(text), p.width-margin)
	if len(lines) > most {
		lines = lines[:most]
		lines[most-1] += " …"
	}
	for i, line := range lines {
		if i > 0 {
			name = ""
		}
		fmt.Fprintf(p.w, "    %-*s%s\n", margin-4, name, ansi.Truncate(line, p.width-margin, "…"))
	}
}

// caseParts are what there is to see of an item, each by its name.
func caseParts(item eval.Item) (parts [][2]string) {
	add := func(name, text string) {
		if text != "" {
			parts = append(parts, [2]string{name, text})
		}
	}
	add("asked", item.Question)
	add("said", item.Said())
	if item.Label != "" {
		add("right", item.Label)
		return parts
	}
	for i, r := range item.References {
		if i == 1 {
			add("", fmt.Sprintf("and %d more", len(item.References)-1))
			break
		}
		add("right", r)
	}
	return parts
}
