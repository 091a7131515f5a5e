package eval

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/vlmchat/vlmchat/datasets"
)

// Form writes a number of the metric of this name as people write it: what counts successes in
// percent, measures of captions with three digits, ranks and perplexities with two.
func Form(metric string, value float64) string { return form(metric, value, "") }

// FormChange writes a difference of such numbers, with its sign.
func FormChange(metric string, value float64) string { return form(metric, value, "+") }

// FormRange writes where a score or a difference lies in 95 of 100 cases, in one of these forms.
func FormRange(form func(metric string, value float64) string, s Score) string {
	return strings.TrimSuffix(form(s.Name, s.Low), percent) + " to " + form(s.Name, s.High)
}

const percent = " %"

func form(metric string, value float64, plus string) string {
	digits, behind := 3, ""
	switch {
	case strings.Contains(metric, perplexity), strings.HasSuffix(metric, "rank"):
		digits = 2
	case inPercent(metric):
		digits, behind = 1, percent
		value *= 100
	}
	text := strconv.FormatFloat(value, 'f', digits, 64)
	if len(text) > 12 { // a perplexity without an end
		text = strconv.FormatFloat(value, 'g', 4, 64)
	}
	if strings.Trim(text, "-0.") == "" {
		text = strings.TrimPrefix(text, "-")
	} else if value > 0 {
		text = plus + text
	}
	return text + behind
}

// inPercent tells of a metric whether it counts successes.
func inPercent(metric string) bool {
	for _, part := range []string{vqaAccuracy, exactMatch, choiceAccuracy, "top-", "mean per class", "macro F1", "recall@", "mAP"} {
		if strings.Contains(metric, part) {
			return true
		}
	}
	return false
}

// Better tells of the difference of a score: 1 if it got better, -1 if it got worse, and 0 if the
// items don't tell, as the interval has both.
func (s Score) Better() int {
	switch {
	case s.Low <= 0 && s.High >= 0:
		return 0
	case (s.Value > 0) != s.Lower:
		return 1
	}
	return -1
}

// Verdict says in a word what Better does.
func (s Score) Verdict() string {
	if s.Low == 0 && s.High == 0 {
		return "the same"
	}
	return map[int]string{1: "better", 0: "not sure", -1: "worse"}[s.Better()]
}

// Find is the score of this name among some.
func Find(all []Score, name string) (Score, bool) {
	for _, s := range all {
		if s.Name == name {
			return s, true
		}
	}
	return Score{}, false
}

// MainOf is the score among some that says most of the task.
func (r *Report) MainOf(all []Score) (Score, bool) {
	for _, name := range ranksBy[datasets.Task(r.Task)] {
		if s, found := Find(all, name); found {
			return s, true
		}
	}
	return Score{}, false
}

// MainScore is an item's score that says most of the task.
func (r *Report) MainScore(item Item) (Score, bool) {
	for _, name := range ranksBy[datasets.Task(r.Task)] {
		if value, found := item.Scores[name]; found {
			return Score{Name: name, Value: value}, true
		}
	}
	return Score{}, false
}

// Worse compares two scores of a metric: it is less than 0 if the first is the worse one.
func Worse(a, b Score) int {
	if a.Lower {
		a, b = b, a
	}
	return cmp.Compare(a.Value, b.Value)
}

// Said is the answer in words: the likeliest label with its probability, where there are labels.
func (i Item) Said() string {
	var parts []string
	for _, l := range i.Labels[:min(len(i.Labels), 3)] {
		parts = append(parts, fmt.Sprintf("%s (%.0f %%)", l.Label, 100*l.Probability))
	}
	for _, r := range i.Rankings {
		parts = append(parts, r.said())
	}
	switch {
	case i.Tokens > 0:
		parts = append(parts, fmt.Sprintf("%d tokens with a log-probability of %.2f", i.Tokens, i.Logprob))
	case len(parts) == 0 && i.Answer == "" && i.Error == "":
		parts = append(parts, "(nothing)")
	case len(parts) == 0:
		parts = append(parts, i.Answer)
	}
	text := strings.Join(parts, ", ")
	if i.Cut {
		text += " (cut off at the limit of tokens)"
	}
	return text
}

func (r Ranking) said() string {
	where := "not found"
	if len(r.Ranks) > 0 {
		where = fmt.Sprintf("found at place %d of %d", r.Ranks[0], r.Of)
	}
	if r.Direction == ImageToText {
		return "by the picture: " + where
	}
	return fmt.Sprintf("by %q: %s", r.Query, where)
}

// About says which dataset it is: its name, layout and split.
func (d Dataset) About() string {
	text := fmt.Sprintf("%s (%s", d.Name, d.Layout)
	if d.Split != "" {
		text += ", split " + d.Split
	}
	return text + ")"
}

// About says who was asked and how, a line for each.
func (a Asked) About() (lines []string) {
	if a.Predictions != "" {
		lines = append(lines, "answers that were given: "+a.Predictions)
	}
	var who []string
	for _, part := range []string{a.Model, a.Engine, a.Device} {
		if part != "" {
			who = append(who, part)
		}
	}
	if len(who) > 0 {
		lines = append(lines, strings.Join(who, ", "))
	}
	if a.Prompt != "" {
		prompt := fmt.Sprintf("asked: %q", a.Prompt)
		if a.Shots > 0 {
			prompt += fmt.Sprintf(", after %d examples", a.Shots)
		}
		lines = append(lines, prompt)
	}
	return lines
}

// About counts what came of the items, and leaves out what did not happen.
func (c Counts) About() string {
	text := fmt.Sprintf("%d items, %d answered", c.Items, c.Answered)
	left := 0
	for _, n := range c.LeftOut {
		left += n
	}
	for _, of := range []struct {
		n    int
		what string
	}{{c.Failed, "failed (they count as wrong)"}, {c.Empty, "without a word"}, {c.Cut, "cut off at the limit of tokens"}, {left, "left out"}} {
		if of.n > 0 {
			text += fmt.Sprintf(", %d %s", of.n, of.what)
		}
	}
	return text
}
