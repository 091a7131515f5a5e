package ui

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/sessions"
)

// completer finds what may stand behind a command: what replaces its argument from an
// offset on, and a command that finds more where that takes time.
type completer func(m *model, argument string) (from int, all []suggestion, cmd tea.Cmd)

// completers are those of the commands that have one. It is filled at start because
// they know the commands.
var completers map[string]completer

func init() {
	numbers := func(m *model, argument string) (int, []suggestion, tea.Cmd) {
		if strings.Contains(argument, " ") {
			return 0, nil, nil
		}
		var all []suggestion
		for i, s := range m.shots() {
			all = append(all, suggestion{name: fmt.Sprint(i + 1), about: s.caption(), text: fmt.Sprint(i + 1)})
		}
		return 0, beginning(all, argument), nil
	}
	named := func(k kind) completer {
		return func(m *model, argument string) (int, []suggestion, tea.Cmd) {
			all, cmd := m.namesOf(k)
			return 0, beginning(all, argument), cmd
		}
	}
	completers = map[string]completer{
		"attach":   completePath,
		"crop":     numbers,
		"tiles":    numbers,
		"zoom":     numbers,
		"open":     numbers,
		"edit":     completeMessage,
		"branch":   completeMessage,
		"ground":   completeMessage,
		"copy":     completeCopy,
		"prompt":   named(promptNames),
		"model":    named(models),
		"retry":    named(models),
		"backend":  named(backends),
		"profile":  named(profiles),
		"sessions": completeSession,
		"set":      completeSetting,
		"tag":      completeTag,
	}
}

// What is completed besides what can be switched to.
const (
	promptNames kind = "prompt"
	titles      kind = "sessions"
	tagNames    kind = "tag"
)

// completeMessage completes the number of a message.
func completeMessage(m *model, argument string) (int, []suggestion, tea.Cmd) {
	var all []suggestion
	for _, ex := range slices.Backward(m.talk.path()) {
		number := fmt.Sprint(ex.number)
		all = append(all, suggestion{name: number, about: opening(ex.question.source(), mostOpening), text: number})
	}
	return 0, beginning(all, argument), nil
}

// mostOpening is how many cells there are of what begins as it does.
const mostOpening = 60

// completeCopy completes what can be copied.
func completeCopy(m *model, argument string) (int, []suggestion, tea.Cmd) {
	_, all, _ := completeMessage(m, "")
	all = append([]suggestion{
		{name: "code", about: "the code of the last answer", text: "code"},
		{name: "all", about: "the whole conversation", text: "all"},
	}, all...)
	return 0, beginning(all, argument), nil
}

// completeSession completes the title of a conversation that is kept.
func completeSession(m *model, argument string) (int, []suggestion, tea.Cmd) {
	if m.keeper == nil {
		return 0, nil, nil
	}
	title, _ := strings.CutPrefix(argument, "rm ")
	all, cmd := m.namesOf(titles)
	return len(argument) - len(title), beginning(all, title), cmd
}

// completeSetting completes a setting's name, and behind it what it may be set to.
func completeSetting(m *model, argument string) (int, []suggestion, tea.Cmd) {
	name, value, behind := strings.Cut(argument, " ")
	var all []suggestion
	for _, s := range m.setup.Settings {
		switch {
		case !behind:
			all = append(all, suggestion{name: s.Name, about: s.value(), text: s.Name + " ", goesOn: true})
		case s.Name == name:
			all = s.values()
		}
	}
	if behind {
		return len(name) + 1, beginning(all, value), nil
	}
	return 0, beginning(all, argument), nil
}

// values are those of a setting that one may want again.
func (s *Setting) values() []suggestion {
	all := []suggestion{{name: byDefault, about: "what it is by default: " + shownValue(s.Default), text: byDefault}}
	add := func(value, about string) {
		known := slices.ContainsFunc(all, func(o suggestion) bool { return o.text == value })
		if value != "" && !known && !strings.Contains(value, "\n") {
			all = append(all, suggestion{name: value, about: about, text: value})
		}
	}
	add(s.Text, "what it is now")
	if s.Default == "true" || s.Default == "false" {
		add("true", "")
		add("false", "")
	}
	return all
}

// beginning leaves those suggestions that begin with what was written.
func beginning(all []suggestion, written string) []suggestion {
	var some []suggestion
	for _, s := range all {
		if len(s.text) >= len(written) && strings.EqualFold(s.text[:len(written)], written) {
			some = append(some, s)
		}
	}
	return some
}

// namesOf returns the names of a kind, and asks for them if they are not known.
func (m *model) namesOf(k kind) ([]suggestion, tea.Cmd) {
	c := &m.completing
	if c.names == nil {
		c.names, c.asked = map[kind][]suggestion{}, map[kind]int{}
	}
	if turn, was := c.asked[k]; was && turn == m.turn {
		return c.names[k], nil
	}
	c.asked[k] = m.turn
	ctx, names, turn := m.ctx, m.namer(k), m.turn
	return c.names[k], func() tea.Msg {
		all, err := names(ctx)
		if err != nil {
			return nil // whoever chooses by the command hears why
		}
		return namesMsg{k, turn, all}
	}
}

// namer returns what finds the names of a kind, outside the chat's goroutine.
func (m *model) namer(k kind) func(context.Context) ([]suggestion, error) {
	switch keeper, load := m.keeper, m.options.Prompts; {
	case k == tagNames:
		return keeper.tagsInUse
	case k == titles:
		return func(ctx context.Context) (all []suggestion, err error) {
			err = keeper.look(func(s *sessions.Store) error {
				there, err := s.List(ctx)
				for _, one := range there {
					all = append(all, suggestion{name: one.Title, about: clock(one.Updated, time.Now()), text: one.Title})
				}
				return err
			})
			return all, err
		}
	case k == promptNames && load != nil:
		return func(context.Context) (all []suggestion, _ error) {
			for _, t := range load().Templates {
				all = append(all, suggestion{name: t.Name, about: t.Description, text: t.Name})
			}
			return all, nil
		}
	}
	names := m.names(k)
	return func(ctx context.Context) (all []suggestion, err error) {
		there, err := names(ctx)
		slices.Sort(there)
		for _, name := range there {
			all = append(all, suggestion{name: name, text: name})
		}
		return all, err
	}
}

// suggestions returns what fits what is written before the cursor, and where in it that
// begins: a command, its argument, a picture behind an @, or any path if the person
// asks for it.
func (m *model) suggestions(before string, asked bool) (from int, all []suggestion, cmd tea.Cmd) {
	if from, path, ok := openMention(before); ok {
		at, all, cmd := m.paths(path)
		for i := range all {
			all[i].text = "@" + all[i].text
		}
		return from + at, all, cmd
	}
	if rest, is := strings.CutPrefix(before, "/"); is && !strings.Contains(before, "\n") {
		name := firstWord(rest)
		if name != rest {
			complete := completers[strings.ToLower(name)]
			if complete == nil {
				return 0, nil, nil
			}
			argument := strings.TrimLeft(rest[len(name):], " ")
			at, all, cmd := complete(m, argument)
			return len(before) - len(argument) + at, all, cmd
		}
		for _, c := range commands {
			if c.usage != "" && strings.HasPrefix(c.name, strings.ToLower(name)) {
				s := suggestion{name: "/" + c.name, about: c.does, text: "/" + c.name}
				if completers[c.name] != nil {
					s.text, s.goesOn = s.text+" ", true
				}
				all = append(all, s)
			}
		}
		if all != nil {
			return 0, all, nil
		}
	}
	from = strings.LastIndexAny(before, " \n") + 1
	if word := before[from:]; asked && surelyPath(word) {
		at, all, cmd := m.paths(word)
		return from + at, all, cmd
	}
	return from, nil, nil
}

// openMention finds the mention that is being written: where it begins, and what there
// is of its path.
func openMention(before string) (from int, path string, ok bool) {
	for from = len(before) - 1; from >= 0; from-- {
		if before[from] != '@' || from > 0 && !isBlank(before[from-1]) && before[from-1] != '(' {
			continue
		}
		path = before[from+1:]
		if path != "" && (path[0] == '"' || path[0] == '\'') {
			return from, path[1:], !strings.Contains(path[1:], path[:1])
		}
		return from, path, !strings.ContainsAny(path, " \n")
	}
	return 0, "", false
}

// completePath completes the argument of /attach, the last name in it.
func completePath(m *model, argument string) (int, []suggestion, tea.Cmd) {
	path := argument
	if path != "" && (path[0] == '"' || path[0] == '\'') {
		if path = path[1:]; strings.Contains(path, argument[:1]) {
			return 0, nil, nil
		}
	}
	return m.paths(path)
}

// paths returns what there is in the folder of a path that begins so.
func (m *model) paths(path string) (from int, all []suggestion, cmd tea.Cmd) {
	dir, base := splitPath(path)
	c := &m.completing
	where := folderOf(dir)
	if c.folder == nil || c.folder.dir != where {
		if c.reading == where {
			return 0, nil, nil
		}
		c.reading = where
		ctx := m.ctx
		return 0, nil, func() tea.Msg {
			f, err := readFolder(ctx, where)
			if err != nil {
				f = nil // nothing can be offered of it
			}
			return folderMsg{where, f}
		}
	}
	for _, e := range c.folder.find(base) {
		s := suggestion{name: e.name}
		written := dir + e.name
		if e.kind == subfolder {
			s.name, s.goesOn = e.name+"/", true
			written += "/"
		}
		var can bool
		if s.text, can = quotedName(written); !can {
			if s.goesOn {
				continue // what is in it can't be written either
			}
			s.text, s.file = "", absolutely(where, e.name)
		} else if s.goesOn {
			s.text = strings.TrimSuffix(strings.TrimSuffix(s.text, `"`), "'") // it is closed behind the file
		}
		all = append(all, s)
	}
	return 0, all, nil
}

// absolutely names a file so that nothing of its name is taken for anything else.
func absolutely(dir, name string) string {
	path := filepath.Join(dir, name)
	if absolute, err := filepath.Abs(path); err == nil {
		return absolute
	}
	return "." + string(filepath.Separator) + path
}
