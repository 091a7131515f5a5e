package eval

import (
	"slices"
	"strings"

	"github.com/vlmchat/vlmchat/datasets"
	"github.com/vlmchat/vlmchat/metrics"
)

// The names of the scores of answers.
const (
	vqaAccuracy    = "VQA accuracy"
	exactMatch     = "exact match"
	choiceAccuracy = "choice accuracy"
)

// measureAnswers compares answers with those that people gave, and choices with the right one.
// The accuracy of VQA v2 asks how many of ten people say the same; where there are but a few
// answers that all are right, whether an answer is one of them says more.
func measureAnswers(items []datasets.Item, found []Prediction) (all []measure, notes []string) {
	var answers []string
	var references [][]string
	var free []unit
	exact := metrics.Result{Name: exactMatch}
	chosen := measure{Result: metrics.Result{Name: choiceAccuracy}}
	few := false
	for i, item := range items {
		if len(item.Choices) > 0 {
			chosen.Items = append(chosen.Items, oneIf(among(chosenOf(item.Choices, found[i]), item.References)))
			chosen.units = append(chosen.units, unit{item: i})
			continue
		}
		answers, references, free = append(answers, found[i].Answer), append(references, item.References), append(free, unit{item: i})
		few = few || 1 < len(item.References) && len(item.References) < 10
	}
	if few {
		for _, u := range free {
			p := found[u.item]
			exact.Items = append(exact.Items, oneIf(p.Error == "" && among(p.Answer, items[u.item].References)))
		}
		all = append(all, measure{exact, free})
		notes = append(notes, "The VQA accuracy is made for ten answers to each question, of which three have to agree. Some questions have fewer: the exact match asks whether an answer is one of them.")
	}
	if len(free) > 0 {
		accuracy := metrics.VQA(answers, references)
		for i, u := range free {
			if found[u.item].Error != "" {
				accuracy.Items[i] = 0 // which is wrong even where an answer without a word would be right
			}
		}
		all = append(all, measure{accuracy, free})
	}
	if len(chosen.units) > 0 {
		all = append(all, chosen)
	}
	return all, notes
}

// chosenOf is which of the choices an answer is: the likeliest, or the one that it names by its
// words or, as lists of choices have them, by its letter. "" is none of them.
func chosenOf(choices []string, p Prediction) string {
	switch {
	case p.Error != "":
		return ""
	case len(p.Labels) > 0:
		return p.Labels[0].Label
	}
	if i := slices.IndexFunc(choices, func(c string) bool { return sameAnswer(c, p.Answer) }); i >= 0 {
		return choices[i]
	}
	letter := strings.ToUpper(strings.Trim(p.Answer, " \n().:"))
	if len(letter) == 1 && letter[0] >= 'A' && int(letter[0]-'A') < len(choices) {
		return choices[letter[0]-'A']
	}
	return ""
}

func among(answer string, right []string) bool {
	return answer != "" && slices.ContainsFunc(right, func(r string) bool { return sameAnswer(r, answer) })
}

func sameAnswer(a, b string) bool {
	return a == b || metrics.NormalizeAnswer(a) == metrics.NormalizeAnswer(b)
}

func oneIf(so bool) float64 {
	if so {
		return 1
	}
	return 0
}
