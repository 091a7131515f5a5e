package batch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// parseEarlier makes a job of a line of an earlier run's output: about the same pictures.
// How it is asked the flags say. Its own members are those that the earlier job had, with
// what was answered.
func parseEarlier(line []byte) (Item, error) {
	var r Record
	if err := decode(line, &r); err != nil {
		return Item{}, err
	}
	if _, err := parseKept(line); err != nil {
		return Item{}, err
	}
	item := Item{ID: r.ID, Images: r.Images, Job: &Job{}, failed: r.Status != Answered}
	for _, source := range r.Images {
		if strings.HasPrefix(source, "data:") {
			return item, errors.New("its picture was in the job itself, and records don't have that: ask by the jobs")
		}
	}
	before, err := membersOf(or(r.Input, "{}"))
	if err != nil {
		return item, fmt.Errorf("its input: %w", err)
	}
	before = slices.DeleteFunc(before, func(m member) bool { return m.name == "answer" || m.name == "json" })
	answer, err := json.Marshal(r.Answer)
	if err != nil {
		return item, err
	}
	before = append(before, member{"answer", answer}, member{"json", or(r.JSON, "null")})
	item.Own = object(before, func(string) bool { return true })
	return item, nil
}

func or(value json.RawMessage, otherwise string) json.RawMessage {
	if written(value) {
		return value
	}
	return json.RawMessage(otherwise)
}

// ofFailures are the members by which an expression asks for what failed as well.
func ofFailures() []string { return []string{"status", "error", "error_kind", "hint", "retryable"} }

// Choose has All leave out the items of which an expression does not hold. It goes through
// the inputs to learn what they have. An item that is no line of jobs has its id and image.
// Its errors are *WhereErrors, and those of All.
func (in *Inputs) Choose(ctx context.Context, expression string) error {
	in.members = Members{}
	defer func() { in.members = nil }()
	for _, err := range in.All(ctx) {
		if err != nil {
			return err
		}
	}
	var err error
	in.where, err = NewWhere(expression, in.members)
	return err
}

// chosen tells whether an item is wanted; line is what it was read from, if that is one.
// What an earlier run has failed at is left out unless the expression asks for it.
func (in *Inputs) chosen(item Item, line []byte) (bool, error) {
	if in.where == nil && in.members == nil {
		if item.failed {
			in.Failed++
		}
		return !item.failed, nil
	}
	values := Line{"id": item.ID}
	var err error
	if line == nil {
		values["image"] = item.Images[0]
	} else if values, err = parseLine(line); err != nil {
		return false, err
	}
	if in.members != nil {
		in.members.Add(values)
		return false, nil
	}
	if item.failed && !in.where.Names(ofFailures()...) {
		in.Failed++
		return false, nil
	}
	wanted, err := in.where.Holds(values)
	if err == nil && !wanted {
		in.Unwanted++
	}
	return wanted, err
}
