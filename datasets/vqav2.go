package datasets

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// vqav2 adds questions with what ten people answered. Questions and answers are two files, of
// which either may be named.
func (r *reader) vqav2(p *published) error {
	r.set.Layout = "vqav2"
	if len(p.questions) == 0 || p.answering == 0 {
		other, err := r.companion(len(p.questions) == 0)
		if err != nil {
			return err
		}
		t, err := openText(r.ctx, other)
		if err != nil {
			return err
		}
		defer t.Close()
		if err := r.published(t, p); err != nil {
			return err
		}
		switch {
		case len(p.questions) == 0:
			return &Error{Place: other, Message: "there are no questions in it", Hint: "name VQAv2's file of questions with --questions"}
		case p.answering == 0:
			return &Error{Place: other, Message: "there are no answers in it", Hint: "VQAv2 has its answers in v2_mscoco_val2014_annotations.json and the like"}
		}
	}
	r.look(r.path, r.o.Images, p.subtype)
	asked := map[ident]bool{}
	for _, q := range p.questions {
		a := p.answers[q.ID]
		asked[q.ID] = true
		r.add(Item{
			ID: string(q.ID), Image: p.picture(q.Image), Question: q.Text, Choices: q.Choices, References: a.answers, Groups: a.groups,
			Place: fmt.Sprintf("%s: question %d", r.path, q.number),
		}, "")
	}
	lost := 0
	for id := range p.answers {
		if !asked[id] {
			lost++
		}
	}
	if lost > 0 {
		r.broken(r.path, fmt.Sprintf("there are answers to %d questions that are not there", lost))
	}
	return nil
}

// picture is the name of a picture's file, by its number.
func (p *published) picture(id ident) string {
	n, err := strconv.Atoi(string(id))
	switch {
	case id == "":
		return ""
	case err != nil:
		return string(id)
	case p.kind == "" || p.kind == "mscoco":
		return fmt.Sprintf("COCO_%s_%012d.jpg", p.subtype, n)
	}
	return fmt.Sprintf("%s_%s_%012d.png", p.kind, p.subtype, n)
}

// companion finds the file with the questions to the answers, or the other way round.
func (r *reader) companion(wantQuestions bool) (string, error) {
	if r.o.Questions != "" {
		return r.o.Questions, nil
	}
	have, want := "questions", "annotations"
	if wantQuestions {
		have, want = want, have
	}
	dir, name := filepath.Split(r.path)
	entries, err := os.ReadDir(filepath.Clean(dir))
	if err != nil {
		return "", &Error{Place: dir, Message: fmt.Sprintf("the folder can't be read: %v", withoutPath(err)), Err: err}
	}
	// v2_OpenEnded_mscoco_val2014_questions.json and v2_mscoco_val2014_annotations.json have
	// all words in common that say of what they are.
	words := func(name, kind string) string {
		name, _, _ = strings.Cut(name, ".")
		for _, word := range []string{kind, "OpenEnded", "MultipleChoice"} {
			name = strings.ReplaceAll(name, word, "")
		}
		return strings.Join(strings.FieldsFunc(name, func(c rune) bool { return c == '_' || c == '-' }), "_")
	}
	var found []string
	for _, e := range entries {
		if other := e.Name(); strings.Contains(other, want) && strings.Contains(other, ".json") && words(other, want) == words(name, have) {
			found = append(found, filepath.Join(dir, other))
		}
	}
	what, hint := "the answers to its questions", "VQAv2 has them in v2_mscoco_val2014_annotations.json and the like: put it beside, or name that file, and this one with --questions"
	if wantQuestions {
		what, hint = "the questions to its answers", "name VQAv2's file of questions with --questions"
	}
	switch {
	case len(found) == 0:
		return "", &Error{Place: r.path, Message: what + " are not beside it", Hint: hint}
	case len(found) > 1:
		return "", &Error{Place: r.path, Message: fmt.Sprintf("%s may be in %s or %s", what, filepath.Base(found[0]), filepath.Base(found[1])), Hint: hint}
	}
	return found[0], nil
}
