package datasets

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/vlmchat/vlmchat/lazyregexp"
)

// matcher finds the items that predictions are about.
type matcher struct {
	set     *Set
	byID    map[string]int
	byImage map[string][]int // by their pictures' names without folders
	// byNumber is by the number in the names of COCO's pictures.
	byNumber map[int][]int
}

// cocoNumber is that in COCO_val2014_000000000042.jpg, and since 2017 in 000000000042.jpg.
var cocoNumber = lazyregexp.New(`^(?:COCO_.*_)?(\d{12})\.[a-z]+$`)

func newMatcher(set *Set) *matcher {
	m := &matcher{set, map[string]int{}, map[string][]int{}, map[int][]int{}}
	for n, i := range set.Items {
		m.byID[i.ID] = n
		base := path.Base(slashed(i.Image))
		m.byImage[base] = append(m.byImage[base], n)
		if parts := cocoNumber().FindStringSubmatch(base); parts != nil {
			number, _ := strconv.Atoi(parts[1]) // digits
			m.byNumber[number] = append(m.byNumber[number], n)
		}
	}
	return m
}

func slashed(name string) string {
	return path.Clean(strings.ReplaceAll(filepath.ToSlash(name), `\`, "/"))
}

// pictured are the items that a prediction may be about, by the name or COCO's number of its
// picture, and by its question, if that is one of theirs.
func (m *matcher) pictured(p prediction) []int {
	for _, name := range []string{p.image, p.id} {
		if name == "" {
			continue
		}
		name = slashed(name)
		found := m.byImage[path.Base(name)]
		whole := m.only(found, func(i Item) bool {
			file := slashed(i.Image)
			return file == name || strings.HasSuffix(file, "/"+strings.TrimPrefix(name, "./"))
		})
		if len(whole) > 0 {
			found = whole
		}
		if number, err := strconv.Atoi(name); err == nil && len(found) == 0 {
			found = m.byNumber[number]
		}
		asked := m.only(found, func(i Item) bool { return i.Question == strings.TrimSpace(p.question) })
		if p.question != "" && len(asked) > 0 {
			return asked
		}
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

func (m *matcher) only(items []int, when func(Item) bool) []int {
	return slices.DeleteFunc(slices.Clone(items), func(n int) bool { return !when(m.set.Items[n]) })
}

// match puts the predictions to the items. If the IDs of some are those of items, then what has
// an ID belongs to nothing else.
func (g *giver) match(set *Set, p *Predictions) error {
	m := newMatcher(set)
	byID := slices.ContainsFunc(g.all, func(one prediction) bool { _, ok := m.byID[one.id]; return ok })
	places := map[int]string{}
	lost := 0
	for _, one := range g.all {
		n, ok := m.byID[one.id]
		if !ok && (!byID || one.id == "") {
			found := m.pictured(one)
			if len(found) > 1 {
				return &Error{Place: one.Place, Message: fmt.Sprintf("%q may be any of %d items of %s", one.name(), len(found), set.Name), Hint: "say by id, or by image and question, which is meant"}
			}
			if ok = len(found) == 1; ok {
				n = found[0]
			}
		}
		if !ok {
			lost++
			g.problem(NoItem, one.Place, one.name(), "there is no such item in "+set.Name)
			continue
		}
		id := set.Items[n].ID
		before, twice := p.Given[id]
		switch {
		case twice && one.Error != "" && before.Error == "":
			continue // what was answered once is
		case twice && before.Error == "":
			g.problem(TwiceThere, one.Place, id, "it is answered already, at "+places[n]+"; the last counts")
		}
		p.Given[id], places[n] = one.Given, one.Place
	}
	for _, i := range set.Items {
		if _, ok := p.Given[i.ID]; !ok {
			g.problem(NoAnswer, i.Place, i.ID, "there is no answer to it")
		}
	}
	p.Problems = g.set.Problems
	switch {
	case len(g.all) == 0 && len(p.Problems) > 0 && p.Problems[0].Kind == BrokenLine:
		return &Error{Place: g.path, Message: "there is no answer in it; the first problem, at " + p.Problems[0].Place + ": " + p.Problems[0].Detail}
	case len(g.all) == 0:
		return &Error{Place: g.path, Message: "there is no answer in it"}
	case len(p.Given) == 0:
		return &Error{Place: g.path, Message: fmt.Sprintf("none of its %d answers is about an item of %s: they call theirs %q, and items are called %q", lost, set.Name, g.all[0].name(), set.Items[0].ID),
			Hint: "answers have the id of an item, or the name of its picture as image"}
	}
	return nil
}

// name is what a prediction calls its item.
func (p prediction) name() string {
	if p.id != "" {
		return p.id
	}
	return p.image
}
