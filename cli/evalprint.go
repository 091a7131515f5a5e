package cli

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/vlmchat/vlmchat/tasks/eval"
	"github.com/vlmchat/vlmchat/termtext"
)

// evalText writes what an evaluation has found for a person to read.
type evalText struct {
	w      io.Writer
	width  int
	colour bool
	worst  int // items that are shown
}

// newEvalText suits the place that it writes to: 80 columns, but for a narrower or wider terminal.
func newEvalText(w io.Writer) *evalText {
	p := &evalText{w: w, worst: 5}
	p.width, p.colour = pageLook(w)
	return p
}

// printEvaluation prints a report on standard output: an object, or tables for a person.
func (a *app) printEvaluation(r *eval.Report, asJSON bool) error {
	if asJSON {
		return printJSON(a.stdout, r)
	}
	out := bufio.NewWriter(a.stdout)
	p := newEvalText(a.stdout)
	p.w = out
	p.report(r)
	return unread(out.Flush())
}

func (p *evalText) report(r *eval.Report) {
	p.about(r)
	p.scores(r)
	p.variants(r)
	p.groups(r)
	p.confusions(r)
	p.cases(r)
	p.problems(r)
	for _, note := range r.Notes {
		fmt.Fprintln(p.w)
		p.paragraph(note)
	}
}

// line writes a line, which is cut at the right.
func (p *evalText) line(format string, args ...any) { p.within("", format, args...) }

// within writes a line behind a margin.
func (p *evalText) within(margin, format string, args ...any) {
	fmt.Fprintln(p.w, margin+ansi.Truncate(termtext.Line(fmt.Sprintf(format, args...)), p.width-len(margin), "…"))
}

// paragraph writes text of any length.
func (p *evalText) paragraph(text string) {
	for _, line := range wrapWords(termtext.Line(text), p.width) {
		fmt.Fprintln(p.w, line)
	}
}

// heading writes an empty line, and a line that is bold where there are colours.
func (p *evalText) heading(text string) {
	fmt.Fprintln(p.w)
	fmt.Fprintln(p.w, p.bold(ansi.Truncate(termtext.Line(text), p.width, "…")))
}

func (p *evalText) bold(text string) string {
	if !p.colour {
		return text
	}
	return ansi.Style{}.Bold().Styled(text)
}

// about says what was asked, whom, and what came of it.
func (p *evalText) about(r *eval.Report) {
	p.line("%s", r.Dataset.About())
	for _, line := range r.Asked.About() {
		p.line("%s", line)
	}
	p.line("%s", r.Counts.About())
	if took := tookText(r.Asked); took != "" {
		p.line("%s", took)
	}
}

// tookText is how long it took and what it read and wrote.
func tookText(a eval.Asked) string {
	var parts []string
	if a.Seconds > 0 {
		parts = append(parts, time.Duration(a.Seconds*float64(time.Second)).Round(100*time.Millisecond).String())
	}
	if a.PromptTokens > 0 {
		parts = append(parts, counted(a.PromptTokens, "token")+" read")
	}
	if a.GeneratedTokens > 0 {
		parts = append(parts, counted(a.GeneratedTokens, "token")+" written")
	}
	return strings.Join(parts, ", ")
}

// interval writes where a score lies in 95 of 100 cases.
func interval(s eval.Score) string {
	return eval.FormRange(eval.Form, s)
}

func (p *evalText) scores(r *eval.Report) {
	table := textTable{left: 1, head: []string{"Score", "", "95% interval", "n"}}
	for _, s := range r.Scores {
		name := s.Name
		if s.Lower {
			name += " (less is better)"
		}
		table.add(name, eval.Form(s.Name, s.Value), interval(s), thousands(s.N))
	}
	p.table(&table)
}

// table prints a table below an empty line, if it has rows.
func (p *evalText) table(t *textTable) {
	if len(t.rows) == 0 {
		return
	}
	fmt.Fprintln(p.w)
	for _, row := range append(t.rows, t.head) {
		for i := range row {
			row[i] = termtext.Line(row[i])
		}
	}
	t.print(p.w, p.width, p.bold)
}

func (p *evalText) variants(r *eval.Report) {
	main, found := r.MainOf(r.Scores)
	if !found || len(r.Variants) == 0 {
		return
	}
	table := textTable{left: 1, head: []string{"Pictures", main.Name, "change", "95% interval", "", "tokens", "s"}}
	row := func(name, score, change, within, means string, took eval.Took) {
		table.add(name, score, change, within, means, orNothing("%.0f", took.ImageTokens), orNothing("%.2f", took.Seconds))
	}
	row("as they are", eval.Form(main.Name, main.Value), "", "", "", r.Took)
	for _, v := range r.Variants {
		score, _ := eval.Find(v.Scores, main.Name)
		change, there := eval.Find(v.Changes, main.Name)
		if !there {
			continue
		}
		row(v.Name, eval.Form(main.Name, score.Value), eval.FormChange(main.Name, change.Value),
			eval.FormRange(eval.FormChange, change), change.Verdict(), v.Took)
	}
	table.dropEmpty()
	p.table(&table)
}

func orNothing(format string, x float64) string {
	if x == 0 {
		return ""
	}
	return fmt.Sprintf(format, x)
}

// mostShown is how many groups, confusions or problems of a kind are shown.
const mostShown = 20

func (p *evalText) groups(r *eval.Report) {
	for i := 0; i < len(r.Groups); {
		by := r.Groups[i].By
		end := i
		for end < len(r.Groups) && r.Groups[end].By == by {
			end++
		}
		p.group(r, by, r.Groups[i:end])
		i = end
	}
}

// group prints the scores of one sort of groups. Of many the lowest are shown.
func (p *evalText) group(r *eval.Report, by string, all []eval.Group) {
	overall, _ := r.MainOf(r.Scores)
	table := textTable{left: 1, head: []string{"By " + by, overall.Name, "95% interval", "n"}}
	rest := 0
	if len(all) > mostShown {
		rest = len(all) - mostShown
		table.head[0] += ", the worst"
		all = slices.Clone(all)
		slices.SortStableFunc(all, func(a, b eval.Group) int {
			x, _ := r.MainOf(a.Scores)
			y, _ := r.MainOf(b.Scores)
			return eval.Worse(x, y)
		})
		all = all[:mostShown]
	}
	for _, g := range all {
		s, found := r.MainOf(g.Scores)
		if !found {
			continue
		}
		name := g.Name
		if s.Name != overall.Name {
			name += " (" + s.Name + ")"
		}
		table.add(name, eval.Form(s.Name, s.Value), interval(s), thousands(s.N))
	}
	p.table(&table)
	if rest > 0 {
		p.line("and %d more, which are in the report", rest)
	}
}

func (p *evalText) confusions(r *eval.Report) {
	table := textTable{left: 2, head: []string{"Label", "taken for", "times"}}
	for _, c := range r.Confusions[:min(len(r.Confusions), p.worst)] {
		table.add(c.Label, c.Said, thousands(c.Times))
	}
	p.table(&table)
}

// problems lists what of the dataset could not be asked, kind by kind.
func (p *evalText) problems(r *eval.Report) {
	if len(r.Problems) == 0 {
		return
	}
	kinds := map[string][]eval.Problem{}
	for _, one := range r.Problems {
		kinds[one.Kind] = append(kinds[one.Kind], one)
	}
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		p.heading(fmt.Sprintf("Of the dataset: %s, %s", kind, counted(len(kinds[kind]), "time")))
		shown := kinds[kind][:min(len(kinds[kind]), p.worst)]
		for _, one := range shown {
			p.within("  ", "%s", strings.TrimPrefix(one.Place+": "+one.Detail, ": "))
		}
		if rest := len(kinds[kind]) - len(shown); rest > 0 {
			p.within("  ", "and %d more, which are in the report", rest)
		}
	}
}
