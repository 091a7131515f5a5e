package runtimes

import (
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/vlmchat/vlmchat/engine"
)

// Use returns the runtime to load: the one that is named or, where none is ("" is
// none), the one that was chosen, or else the newest installed one that is usable
// and still as it was installed. What is named or chosen is used or refused, never
// passed over. The error is an *engine.Error.
//
// The runtimes of others are never used on their own: that libraries lie
// somewhere is no reason to run them. If there is nothing else, the error says how
// to choose one.
func Use(named string) (Runtime, error) {
	root, err := Dir()
	if err != nil {
		return Runtime{}, noRuntime(err)
	}
	return use(thisHost(), root, named)
}

func use(h host, root, named string) (Runtime, error) {
	if named != "" {
		r := inspectNamed(h, root, named)
		return r.orRefusal("", "name another folder, or leave --runtime and VLMCHAT_RUNTIME out and "+installHint)
	}
	chosen, err := readChoice(root)
	if err != nil {
		return Runtime{}, err
	}
	installed, err := findInstalled(h, root)
	if err != nil {
		return Runtime{}, noRuntime(err)
	}
	if chosen.made() {
		r := inspectChosen(h, root, chosen, installed)
		return r.orRefusal(", which 'vlmchat runtime use' chose,", forgetHint)
	}
	for _, r := range installed {
		if r.Problem == nil && r.Trusted {
			return r, nil
		}
	}
	return Runtime{}, nothing(installed, h.foreign())
}

// orRefusal returns r, or the error that it can't be used; told is what is said
// behind its name.
func (r Runtime) orRefusal(told, hint string) (Runtime, error) {
	if r.Problem == nil {
		return r, nil
	}
	return Runtime{}, &engine.Error{
		Kind:    engine.KindOf(r.Problem),
		Message: fmt.Sprintf("the llama.cpp runtime %s%s cannot be used: %v", r.Dir, told, r.Problem),
		Hint:    hint,
		Err:     r.Problem,
	}
}

// nothing is the error that no runtime may be used: of the installed ones, none
// can be or has been verified, and the others' nobody chose.
func nothing(installed, foreign []Runtime) error {
	e := &engine.Error{Kind: engine.RuntimeMissing, Message: "no llama.cpp runtime is installed", Hint: installHint}
	if len(installed) > 0 {
		switch first := installed[0]; {
		case first.Problem != nil:
			_, err := first.orRefusal("", installHint)
			errors.As(err, &e)
			var problem *engine.Error
			if errors.As(first.Problem, &problem) && problem.Hint != "" {
				e.Hint = problem.Hint
			}
		default:
			e.Message = fmt.Sprintf("the llama.cpp runtime %s is not used on its own: what it was when it was installed is not known", first.Dir)
			e.Hint = fmt.Sprintf("%s, or take it as it is: %s", installHint, first.UseCommand())
		}
	}
	var others []string
	for _, r := range foreign {
		if r.Problem == nil {
			others = append(others, fmt.Sprintf("%s (%s)", r.Name, r.Source.Title()))
		}
	}
	if len(others) == 0 {
		return e
	}
	e.Message += "; found elsewhere, but never chosen: " + strings.Join(others, ", ")
	for _, r := range foreign {
		if r.Problem == nil {
			e.Hint += "\nor take " + r.Name + ": " + r.UseCommand()
		}
	}
	return e
}

// UseCommand is the command that chooses r, as a shell takes it.
func (r Runtime) UseCommand() string {
	what := r.Dir
	if r.Source == Installed {
		what = filepath.Base(r.Dir)
	}
	return "vlmchat runtime use " + shellQuote(what)
}

// shellQuote writes an argument as a shell takes it.
func shellQuote(s string) string {
	plain := func(r rune) bool {
		return r > 0x7f || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune(`/\:._-+@`, r)
	}
	switch {
	case s != "" && !strings.ContainsFunc(s, func(r rune) bool { return !plain(r) }):
		return s
	case runtime.GOOS == "windows":
		return `"` + s + `"`
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

func noRuntime(err error) error {
	return &engine.Error{Kind: engine.RuntimeMissing, Message: err.Error(), Hint: installHint, Err: err}
}

// Resolve finds the runtime that a person means: by the path of its folder, by the
// name of an installed one's folder, or by the name or the place that a list shows.
// It returns it also if it can't be used; its Problem says why.
func Resolve(what string) (Runtime, error) {
	root, err := Dir()
	if err != nil {
		return Runtime{}, err
	}
	return resolve(thisHost(), root, what)
}

func resolve(h host, root, what string) (Runtime, error) {
	installed, err := findInstalled(h, root)
	if err != nil {
		return Runtime{}, err
	}
	found := append(installed, h.foreign()...)
	named := matching(found, func(r Runtime) bool {
		return r.Source == Installed && filepath.Base(r.Dir) == what
	})
	if len(named) == 0 && !strings.ContainsAny(what, `/\`) {
		named = matching(found, func(r Runtime) bool {
			return strings.EqualFold(r.Name, what) || strings.EqualFold(string(r.Source), what) && r.Source != Installed
		})
	}
	switch len(named) {
	case 1:
		return named[0], nil
	case 0:
		r := inspectPath(h, what)
		if engine.KindOf(r.Problem) == engine.RuntimeMissing && !strings.ContainsAny(what, `/\`) {
			return Runtime{}, unknown(what)
		}
		r.Source = Chosen
		for _, f := range found {
			if f.identity() != r.identity() {
				continue
			}
			if f.Source == Installed {
				return f, nil
			}
			r.Source = f.Source
		}
		return r, nil
	}
	var dirs []string
	for _, r := range named {
		dirs = append(dirs, r.Dir)
	}
	return Runtime{}, &engine.Error{
		Kind:    engine.RuntimeMissing,
		Message: fmt.Sprintf("several llama.cpp runtimes are called %q: %s", what, strings.Join(dirs, ", ")),
		Hint:    "name the folder of the one that you mean",
	}
}

func matching(all []Runtime, is func(Runtime) bool) []Runtime {
	var some []Runtime
	for _, r := range all {
		if is(r) {
			some = append(some, r)
		}
	}
	return some
}

func unknown(what string) error {
	return &engine.Error{
		Kind:    engine.RuntimeMissing,
		Message: fmt.Sprintf("there is no llama.cpp runtime called %q, and no folder", what),
		Hint:    "'vlmchat runtime list' shows what there is",
	}
}
