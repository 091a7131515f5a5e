package ui

import (
	"context"
	"errors"
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/lazyregexp"
	"github.com/vlmchat/vlmchat/prompts"
	"github.com/vlmchat/vlmchat/tasks"
	"github.com/vlmchat/vlmchat/termtext"
)

// promptCommand asks a prompt of the library: the one that is named, with what is
// written for its fields, or one that is picked.
func (m *model) promptCommand(argument string) tea.Cmd {
	if cmd, ok := m.pickNumber("prompt", argument); ok {
		return cmd
	}
	load := m.options.Prompts
	if load == nil {
		m.say(&note{text: "There are no prompts here."})
		return nil
	}
	name := firstWord(argument)
	written := strings.TrimSpace(argument[len(name):])
	return m.startTask("reading the prompts", func(context.Context, tasks.Progress) (func(*model) tea.Cmd, error) {
		library := load()
		return func(m *model) tea.Cmd {
			if name == "" {
				return m.pickPrompt(library)
			}
			t, err := library.Find(name)
			if err != nil {
				m.say(&note{text: err.Error() + ".", hint: "/prompt lists them.", bad: true})
				m.tellProblems(library)
				return nil
			}
			return m.usePrompt(t, writtenFields(t, written))
		}, nil
	})
}

// tellProblems says which of the person's own prompts can't be used.
func (m *model) tellProblems(l *prompts.Library) {
	for _, err := range l.Problems {
		m.say(&note{text: "A prompt of yours can't be used: " + err.Error(), bad: true})
	}
}

// pickPrompt lets the person pick one of the library.
func (m *model) pickPrompt(l *prompts.Library) tea.Cmd {
	m.tellProblems(l)
	p := &picker{
		heading: "Prompts", command: "prompt", does: "asks it",
		pick: func(m *model, e entry) tea.Cmd { return m.usePrompt(e.value.(*prompts.Template), nil) },
		preview: func(e entry, f frame, height int) panel {
			return panel{lines: promptPreview(e.value.(*prompts.Template), f, height)}
		},
	}
	for _, yours := range []bool{true, false} {
		for _, t := range l.Templates {
			if (t.File != "") != yours {
				continue
			}
			section := "Built in"
			if yours {
				section = "Yours"
			}
			p.entries = append(p.entries, entry{name: t.Name, about: t.Description, section: section, value: t})
		}
	}
	return m.openPicker(p)
}

// promptPreview is the text of a prompt.
func promptPreview(t *prompts.Template, f frame, height int) []string {
	st := f.styles
	lines := st.wrap(termtext.Sanitize(t.Description), f.width)
	for i, line := range lines {
		lines[i] = st.strong.Render(line)
	}
	lines = append(lines, "")
	for _, line := range st.wrap(termtext.Sanitize(t.Text), f.width) {
		lines = append(lines, st.faint.Render(line))
	}
	if len(lines) > height && height > 0 {
		lines = append(lines[:height-1], st.faint.Render("…"))
	}
	return lines
}

// assigned begins what is written for a field: its name and an equals sign.
var assigned = lazyregexp.New(`^([a-z0-9][a-z0-9_-]*)=`)

// writtenFields reads "focus=colour place='a kitchen'". What has no name in front is for
// the first field, whole.
func writtenFields(t *prompts.Template, written string) map[string]string {
	if written == "" {
		return nil
	}
	if !assigned().MatchString(written) && len(t.Fields) > 0 {
		return map[string]string{t.Fields[0].Name: written}
	}
	values := map[string]string{}
	name := ""
	for rest := written; rest != ""; rest = strings.TrimLeft(rest, " \n\t") {
		if found := assigned().FindStringSubmatch(rest); found != nil {
			name = found[1]
			rest = rest[len(found[0]):]
		}
		value, after, ok := quoted(rest)
		if !ok {
			value = firstWord(rest)
			after = rest[len(value):]
		}
		values[name] = strings.TrimSpace(values[name] + " " + value)
		rest = after
	}
	return values
}

// usePrompt asks a prompt, after its fields are filled in where it has any.
func (m *model) usePrompt(t *prompts.Template, values map[string]string) tea.Cmd {
	_, problems := t.Fill(values)
	switch {
	case problems == nil && (len(t.Fields) == 0 || len(values) > 0 || m.plain):
		cmd, _ := m.askPrompt(t, values)
		return cmd
	case m.plain, len(t.Fields) == 0:
		var wrong []string
		for _, err := range problems {
			wrong = append(wrong, err.Error())
		}
		m.say(&note{text: fmt.Sprintf("The prompt %s was not asked: %s.", t.Name, strings.Join(wrong, "; ")), hint: promptUsage(t), bad: true})
		return nil
	}
	f := &form{heading: t.Name, about: termtext.Line(t.Description), does: "asks", send: func(m *model, values map[string]string) (tea.Cmd, map[string]string) {
		return m.askPrompt(t, values)
	}}
	var wrong map[string]string
	if len(values) > 0 {
		wrong = problemsByField(problems)
	}
	for _, field := range t.Fields {
		value := values[field.Name]
		if value == "" {
			value = field.Default
		}
		f.fields = append(f.fields, &formField{
			name: field.Name, about: termtext.Line(field.About), value: termtext.Line(value), choices: field.Choices,
			required: field.Required, problem: wrong[field.Name],
		})
	}
	return m.openForm(f)
}

// promptUsage says how a prompt is asked in a line.
func promptUsage(t *prompts.Template) string {
	usage := "/prompt " + t.Name
	for _, f := range t.Fields {
		about := f.About
		if len(f.Choices) > 0 {
			about = strings.Join(f.Choices, "|")
		}
		usage += fmt.Sprintf(" %s=\"%s\"", f.Name, termtext.Line(about))
	}
	return usage
}

func problemsByField(problems []error) map[string]string {
	wrong := map[string]string{}
	for _, err := range problems {
		if e, ok := errors.AsType[*prompts.FieldError](err); ok {
			wrong[e.Field] = e.Error()
		}
	}
	return wrong
}

// askPrompt asks a prompt with these values, or tells what is wrong with them.
func (m *model) askPrompt(t *prompts.Template, values map[string]string) (tea.Cmd, map[string]string) {
	filled, problems := t.Fill(values)
	if problems != nil {
		return nil, problemsByField(problems)
	}
	pictures := len(m.talk.leaf.pictures()) + len(m.attachments)
	switch {
	case m.busy():
		m.status.flash = busyHint
		return nil, nil
	case pictures < t.Pictures && t.Pictures == 1:
		m.say(&note{text: fmt.Sprintf("The prompt %s is about a picture, and there is none yet.", t.Name), hint: "/attach PATH adds one."})
		return nil, nil
	case pictures < t.Pictures:
		m.say(&note{text: fmt.Sprintf("The prompt %s is about %d pictures, and here are %d.", t.Name, t.Pictures, pictures), hint: "/attach PATH adds one."})
		return nil, nil
	}
	m.leaveEdit()
	terms := &terms{system: filled.System, schema: filled.Schema, sampling: filled.Sampling}
	if len(t.Examples) == 0 {
		return m.pose(filled.Text, terms), nil
	}
	return m.startTask("reading the examples"+stops, func(ctx context.Context, _ tasks.Progress) (func(*model) tea.Cmd, error) {
		var err error
		if terms.examples, err = tasks.Examples(ctx, filled, m.options.Attach); err != nil {
			return nil, err
		}
		return func(m *model) tea.Cmd { return m.pose(filled.Text, terms) }, nil
	}), nil
}

// pose asks a question on terms of its own, once the pictures that wait are read.
func (m *model) pose(text string, t *terms) tea.Cmd {
	if m.attachments.reading() {
		m.outbox = &outbox{text: text, original: text, from: &request{}, terms: t}
		return nil
	}
	return m.askOn(text, t)
}
