package eval

import (
	"fmt"

	"github.com/vlmchat/vlmchat/datasets"
)

// mostGroups is how many groups of a sort are told apart: VQAv2 has 65 types of questions.
const mostGroups = 100

// groups are the scores of the items of each kind, sort by sort, in the order in which the items
// have them. A sort with one kind only says nothing, and one with hundreds nobody reads.
func groups(items []datasets.Item, of []measure) (all []Group, notes []string) {
	names := map[string][]string{}
	at := map[datasets.Group]int{} // its number of its sort
	var sorts []string
	for _, item := range items {
		for _, g := range item.Groups {
			if _, known := at[g]; known {
				continue
			}
			if names[g.By] == nil {
				sorts = append(sorts, g.By)
			}
			at[g] = len(names[g.By])
			names[g.By] = append(names[g.By], g.Name)
		}
	}
	for _, by := range sorts {
		switch n := len(names[by]); {
		case n < 2:
			continue
		case n > mostGroups:
			notes = append(notes, fmt.Sprintf("The items have %d different kinds by %q: these are not told apart, as there are more than %d.", n, by, mostGroups))
			continue
		}
		parts := make([][]measure, len(names[by]))
		for _, m := range of {
			units := make([][]int, len(names[by])) // of each kind
			for i, u := range m.units {
				for _, g := range items[u.item].Groups {
					if g.By != by {
						continue
					}
					if of := units[at[g]]; len(of) == 0 || of[len(of)-1] != i { // it may be told twice
						units[at[g]] = append(of, i)
					}
				}
			}
			for k, of := range units {
				parts[k] = append(parts[k], m.some(of))
			}
		}
		for k, name := range names[by] {
			if found := scores(parts[k], measure.score); len(found) > 0 {
				all = append(all, Group{datasets.Group{By: by, Name: name}, found})
			}
		}
	}
	return all, notes
}
