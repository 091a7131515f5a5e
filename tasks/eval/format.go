package eval

import (
	"strconv"
	"strings"

	"github.com/vlmchat/vlmchat/datasets"
)

// Form writes a number of the metric of this name as people write it: what counts successes in
// percent, measures of captions with three digits, ranks and perplexities with two.
func Form(metric string, value float64) string { return form(metric, value, "") }

// FormChange writes a difference of such numbers, with its sign.
func FormChange(metric string, value float64) string { return form(metric, value, "+") }

func form(metric string, value float64, plus string) string {
	digits, behind := 3, ""
	switch {
	case strings.Contains(metric, perplexity), strings.HasSuffix(metric, "rank"):
		digits = 2
	case inPercent(metric):
		digits, behind = 1, " %"
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
