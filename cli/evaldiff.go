package cli

import (
	"bufio"
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/tasks/eval"
	"github.com/vlmchat/vlmchat/termtext"
)

// diffFlags are the flags of 'vlmchat eval diff'.
type diffFlags struct {
	score       string
	n           int
	json        bool
	failIfWorse bool
}

func evalDiffCommand(a *app) *cobra.Command {
	var flags diffFlags
	cmd := &cobra.Command{
		Use:   "diff A B",
		Short: "Compare two evaluations of the same task",
		Long: `Diff compares two reports, by the folders that 'vlmchat eval … -o' wrote or their report.json:
score by score with the interval of the difference, of the items that both have; what differs in
how they were asked; and which items got better or worse from A to B.

The exit code is 0 whatever comes out. With --fail-if-worse it is 1 if the score is surely worse
in B: if the whole interval of its difference is on that side.`,
		Example: `  vlmchat eval diff runs/gemma runs/smolvlm
  vlmchat eval diff runs/gemma runs/smolvlm -n 20 --score "VQA accuracy"
  vlmchat eval diff runs/main runs/change --fail-if-worse    # in continuous integration`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usagef("%s takes two evaluations: the folders of runs, or their report.json; see %s --help", command(cmd), cmd.CommandPath())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.evalDiff(cmd.Context(), args[0], args[1], flags)
		},
	}
	f := cmd.Flags()
	f.StringVar(&flags.score, "score", "", "by which items are compared, and which --fail-if-worse looks at (default the one that says most of the task)")
	f.IntVarP(&flags.n, "number", "n", 5, "how many items that got better, and how many that got worse, are shown")
	f.BoolVar(&flags.json, "json", false, "print a JSON object, with all items that changed")
	f.BoolVar(&flags.failIfWorse, "fail-if-worse", false, "exit with 1 if the score is surely worse in B")
	f.SortFlags = false
	return cmd
}

func (a *app) evalDiff(ctx context.Context, pathA, pathB string, flags diffFlags) error {
	if flags.n < 0 {
		return usagef("-n %d: that many items can't be shown", flags.n)
	}
	reportA, err := eval.ReadReport(pathA)
	if err != nil {
		return err
	}
	reportB, err := eval.ReadReport(pathB)
	if err != nil {
		return err
	}
	c, err := eval.Compare(ctx, reportA, reportB, flags.score)
	if err != nil {
		return err
	}
	c.A.Path, c.B.Path, c.Vlmchat = pathA, pathB, version()
	if flags.json {
		err = printJSON(a.stdout, c)
	} else {
		out := bufio.NewWriter(a.stdout)
		p := newEvalText(a.stdout)
		p.w = out
		p.comparison(c, flags.n)
		err = unread(out.Flush())
	}
	if s, found := c.Score(c.By); err == nil && flags.failIfWorse && found && s.Difference().Better() < 0 {
		change := s.Difference()
		return &engine.Error{Kind: engine.Failed, Message: fmt.Sprintf("%s is worse in %s: %s (%s)", s.Name, pathB, eval.FormChange(s.Name, s.Change), eval.FormRange(eval.FormChange, change))}
	}
	return err
}

// comparison writes what two evaluations have in common and what not, for a person to read.
func (p *evalText) comparison(c *eval.Comparison, n int) {
	for i, side := range []eval.Side{c.A, c.B} {
		p.line("%s: %s, %s", []string{"A", "B"}[i], side.Path, side.Counts.About())
	}
	for _, note := range c.Notes {
		p.paragraph(note)
	}
	differs := textTable{left: 3, head: []string{"What differs", "A", "B"}}
	for _, d := range c.Differs {
		differs.add(d.What, p.half(orDash(d.A)), p.half(orDash(d.B)))
	}
	p.table(&differs)
	table := textTable{left: 1, head: []string{"Score", "A", "B", "change", "95% interval", ""}}
	for _, s := range c.Scores {
		change := s.Difference()
		table.add(s.Name, eval.Form(s.Name, s.A), eval.Form(s.Name, s.B), eval.FormChange(s.Name, s.Change), eval.FormRange(eval.FormChange, change), change.Verdict())
	}
	p.table(&table)
	fmt.Fprintln(p.w)
	same := c.Items - c.Better - c.Worse
	p.line("By %s, of %s: %s better, %s worse, %s the same", c.By, counted(c.Items, "item"), thousands(c.Better), thousands(c.Worse), thousands(same))
	score, _ := c.Score(c.By)
	p.changed("Better in B", c, n, func(i eval.ComparedItem) bool { return (i.ScoreB > i.ScoreA) != score.Lower })
	p.changed("Worse in B", c, n, func(i eval.ComparedItem) bool { return (i.ScoreB > i.ScoreA) == score.Lower })
}

// half cuts what stands in one of two columns beside a name.
func (p *evalText) half(text string) string {
	return cutTo(termtext.Line(text), (p.width-20)/2)
}

// changed shows the first of the items that got better, or worse.
func (p *evalText) changed(title string, c *eval.Comparison, n int, of func(eval.ComparedItem) bool) {
	var all []eval.ComparedItem
	for _, item := range c.Changed {
		if of(item) {
			all = append(all, item)
		}
	}
	if len(all) == 0 || n == 0 {
		return
	}
	p.heading(title)
	for i, item := range all[:min(n, len(all))] {
		p.titled(i+1, itemName(item.ID, item.Image), fmt.Sprintf("%s, now %s", eval.Form(c.By, item.ScoreA), eval.Form(c.By, item.ScoreB)))
		for _, part := range [][2]string{{"asked", item.Question}, {"A", item.A}, {"B", item.B}, {"right", item.Right}} {
			if part[1] != "" {
				p.part(part[0], part[1])
			}
		}
	}
	if rest := len(all) - n; rest > 0 {
		p.within("  ", "and %s more: -n %d shows them", thousands(rest), len(all))
	}
}
