package datasets

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// reader puts a set together of what a layout says.
type reader struct {
	ctx  context.Context
	task Task
	path string // file or folder
	o    Options
	set  *Set

	items   []Item   // as the layout has them: Image is what is written there
	splits  []string // of each of them
	byImage map[string]int
	unknown map[string]*unknownField
	words   map[string]string
	pictures
}

// at is the place of a line.
func (r *reader) at(line int) string { return fmt.Sprintf("%s:%d", r.path, line) }

// problem notes what is wrong with an item.
func (r *reader) problem(kind ProblemKind, place, item, detail string) {
	r.set.Problems = append(r.set.Problems, Problem{Kind: kind, Place: place, Item: item, Detail: detail})
}

func (r *reader) broken(place, detail string) { r.problem(BrokenLine, place, "", detail) }

// one returns the same string for the same text: answers repeat themselves by the million.
func (r *reader) one(s string) string {
	if kept, ok := r.words[s]; ok {
		return kept
	}
	s = strings.Clone(s)
	r.words[s] = s
	return s
}

// add takes an item. Captions of a picture that come one by one, without an ID, belong together.
func (r *reader) add(i Item, split string) {
	merges := i.ID == "" && i.Image != "" && (r.task == Caption || r.task == Retrieval || r.task == Perplexity && i.Question == "")
	if key := split + "\x00" + i.Image; merges {
		if at, ok := r.byImage[key]; ok {
			r.items[at].References = append(r.items[at].References, i.References...)
			return
		}
		r.byImage[key] = len(r.items)
	}
	r.items, r.splits = append(r.items, i), append(r.splits, r.one(split))
}

// choose leaves the items of the split that is wanted.
func (r *reader) choose() error {
	var all []string
	for _, split := range r.splits {
		if split != "" && !slices.Contains(all, split) {
			all = append(all, split)
		}
	}
	slices.Sort(all)
	wanted, err := chooseSplit(r.path, r.o.Split, all)
	if wanted == nil || err != nil {
		return err
	}
	n := 0
	for at, i := range r.items {
		if slices.Contains(wanted, r.splits[at]) {
			r.items[n] = i
			n++
		}
	}
	r.set.Split, r.items = strings.Join(wanted, "+"), r.items[:n]
	return nil
}

// chooseSplit is which of some splits are read: those that are named, such as train+restval,
// or else the only one, or test. Nil is of what has none.
func chooseSplit(place, named string, all []string) ([]string, error) {
	switch {
	case named == "" && len(all) == 0:
		return nil, nil
	case named == "" && len(all) == 1:
		return all, nil
	case named == "" && slices.Contains(all, "test"):
		return []string{"test"}, nil
	case named == "":
		return nil, &Error{Place: place, Message: "there are several splits: " + strings.Join(all, ", "), Hint: "say with --split which is meant"}
	case len(all) == 0:
		return nil, &Error{Place: place, Message: fmt.Sprintf("there are no splits in it, and %q is wanted", named), Hint: "leave out --split"}
	}
	wanted := strings.Split(named, "+")
	for _, split := range wanted {
		if !slices.Contains(all, split) {
			return nil, &Error{Place: place, Message: fmt.Sprintf("there is no split %q in it; there are %s", split, strings.Join(all, ", ")), Hint: "say with --split which is meant"}
		}
	}
	return wanted, nil
}

// finish looks at the items, and leaves out those that can't be asked.
func (r *reader) finish() error {
	r.tellUnknown()
	if err := r.choose(); err != nil {
		return err
	}
	labels := r.labelsOf()
	taken := map[string]string{} // IDs, and where they are
	for n := range r.items {
		if n%1024 == 0 && r.ctx.Err() != nil {
			return r.ctx.Err()
		}
		if r.o.Limit > 0 && len(r.set.Items) >= r.o.Limit {
			break
		}
		r.take(r.items[n], taken)
	}
	if r.task == Classify {
		r.set.Labels = labels
	}
	r.set.SHA256 = digest(r.set.Items)
	return r.nothing()
}

// take adds an item to the set if it can be asked.
func (r *reader) take(i Item, taken map[string]string) {
	empty := trim(&i)
	i.ID = r.idOf(i, taken)
	if left := len(i.References); left > 0 && empty > 0 {
		r.problem(EmptyReference, i.Place, i.ID, fmt.Sprintf("%d of %d references are empty; the others count", empty, empty+left))
	}
	if kind, detail := r.lacks(i); kind != "" {
		r.problem(kind, i.Place, i.ID, detail)
		return
	}
	if first, twice := taken[i.ID]; twice {
		r.problem(TwiceThere, i.Place, i.ID, "it is there already, at "+first)
		return
	}
	taken[i.ID] = i.Place
	file, why := r.find(i.Image)
	if why != "" && !r.o.Answered {
		r.problem(MissingPicture, i.Place, i.ID, why)
		return
	}
	i.Image = file
	if r.task != Perplexity {
		r.set.Items = append(r.set.Items, i)
		return
	}
	// Each text is a question of its own.
	texts, id := i.References, i.ID
	for n, text := range texts {
		if r.o.Limit > 0 && len(r.set.Items) >= r.o.Limit {
			return
		}
		if i.References = []string{text}; len(texts) > 1 {
			i.ID = fmt.Sprintf("%s#%d", id, n+1)
			if first, twice := taken[i.ID]; twice {
				r.problem(TwiceThere, i.Place, i.ID, "it is there already, at "+first)
				continue
			}
			taken[i.ID] = i.Place
		}
		r.set.Items = append(r.set.Items, i)
	}
}

// trim leaves out what says nothing, and returns how many references did not.
func trim(i *Item) int {
	empty := func(s string) bool { return strings.TrimSpace(s) == "" }
	n := len(i.References)
	i.References = slices.DeleteFunc(i.References, empty)
	i.Question, i.Label = strings.TrimSpace(i.Question), strings.TrimSpace(i.Label)
	return n - len(i.References)
}

// idOf is an item's own ID, or else its picture's name, with a digest of what tells items with
// the same picture apart: so it stays when others come to the dataset or go.
func (r *reader) idOf(i Item, taken map[string]string) string {
	if i.ID != "" || i.Image == "" {
		return i.ID
	}
	name := path.Clean(filepath.ToSlash(i.Image))
	if _, twice := taken[name]; i.Question == "" && (!twice || len(i.Choices) == 0) {
		return name
	}
	h := sha256.Sum256([]byte(strings.Join(append([]string{i.Question}, i.Choices...), "\x00")))
	return name + "#" + hex.EncodeToString(h[:4])
}

// lacks says what a task needs that an item hasn't.
func (r *reader) lacks(i Item) (kind ProblemKind, detail string) {
	switch {
	case i.Image == "":
		return MissingPicture, "it names no picture: " + r.task.needs()
	case r.task == VQA && i.Question == "":
		return NoQuestion, "it has no question: " + r.task.needs()
	case r.task == Classify && i.Label == "":
		return NoReference, "it has no label: " + r.task.needs()
	case r.task == Classify && len(i.Choices) > 0 && !slices.Contains(i.Choices, i.Label):
		return NoReference, fmt.Sprintf("its label %q is none of its labels to choose from", i.Label)
	case r.task != Classify && len(i.References) == 0:
		return NoReference, "it has no " + r.task.reference() + ": " + r.task.needs()
	case len(i.Choices) > 0 && r.task == VQA && !slices.ContainsFunc(i.References, func(a string) bool { return slices.Contains(i.Choices, a) }):
		return NoReference, fmt.Sprintf("its answer %q is none of its choices", i.References[0])
	}
	return "", ""
}

// needs says which fields an item of a task has to have.
func (t Task) needs() string {
	return "'eval " + string(t) + "' needs " + map[Task]string{
		Caption:    "image, and captions or caption",
		VQA:        "image, question, and answers or answer",
		Classify:   "image and label",
		Retrieval:  "image, and captions or caption",
		Perplexity: "image and text",
	}[t]
}

// reference is what people said, in a task.
func (t Task) reference() string {
	return map[Task]string{Caption: "caption", VQA: "answer", Classify: "label", Retrieval: "caption", Perplexity: "text"}[t]
}

// labelsOf is what there is to choose from in classification: the labels that all pictures
// share, in their order, or else all that occur. The choices of questions stay with these.
func (r *reader) labelsOf() []string {
	if r.task != Classify {
		return nil
	}
	var all []string
	seen := map[string]bool{}
	shared := len(r.items) > 0
	for n, i := range r.items {
		shared = shared && len(i.Choices) > 0 && slices.Equal(i.Choices, r.items[0].Choices)
		for _, label := range append(slices.Clip(i.Choices), strings.TrimSpace(r.items[n].Label)) {
			if label != "" && !seen[label] {
				seen[label] = true
				all = append(all, label)
			}
		}
	}
	if !shared {
		slices.Sort(all)
		return all
	}
	all = r.items[0].Choices
	for n := range r.items {
		r.items[n].Choices = nil
	}
	return all
}

// nothing says why there is no item at all.
func (r *reader) nothing() error {
	if len(r.set.Items) > 0 {
		return nil
	}
	left := map[ProblemKind]int{}
	var kinds []ProblemKind
	var first Problem
	for _, p := range r.set.Problems {
		if !p.Kind.LeavesOut() {
			continue
		}
		if len(kinds) == 0 {
			first = p
		}
		if left[p.Kind]++; left[p.Kind] == 1 {
			kinds = append(kinds, p.Kind)
		}
	}
	if len(kinds) == 0 {
		return &Error{Place: r.path, Message: "there is nothing in it", Hint: r.task.needs()}
	}
	var counts []string
	for _, kind := range kinds {
		counts = append(counts, fmt.Sprintf("%d %s", left[kind], kind))
	}
	e := &Error{Place: r.path, Kind: first.Kind, Message: fmt.Sprintf("none of its items can be used (%s); the first, at %s: %s", strings.Join(counts, ", "), first.Place, first.Detail)}
	if first.Kind == MissingPicture && first.Item != "" {
		e.Hint = "say with --images in which folder the pictures are"
	}
	return e
}

// digest is of what is asked and what would be right, in order.
func digest(items []Item) string {
	h := sha256.New()
	put := func(all ...string) {
		fmt.Fprintf(h, "%d\n", len(all))
		for _, s := range all {
			fmt.Fprintf(h, "%d:%s\n", len(s), s)
		}
	}
	for _, i := range items {
		put(i.ID, i.Question, i.Label)
		put(i.References...)
		put(i.Choices...)
		for _, group := range i.Groups {
			put(group.By, group.Name)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}
