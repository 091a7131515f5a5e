package ui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/termtext"
)

// assignment is a setting that is to be changed. It is read where settings are known,
// which may take a file; the next question waits for it.
type assignment struct{ name, text string }

// assignedMsg says what came of an assignment.
type assignedMsg struct {
	setup Setup
	err   error
}

const (
	systemSetting      = "system"
	temperatureSetting = "temperature"
	// byDefault stands for what a setting is if nothing sets it.
	byDefault = "-"
)

// setCommand changes a setting for the answers that follow, shows one, or lists them.
func (m *model) setCommand(argument string) tea.Cmd {
	if argument == "" {
		return m.openSettings()
	}
	name := firstWord(argument)
	return m.setTo(name, strings.TrimSpace(argument[len(name):]))
}

// temp changes the temperature.
func (m *model) temp(argument string) tea.Cmd { return m.setTo(temperatureSetting, argument) }

// system changes the system message, or shows it.
func (m *model) system(argument string) tea.Cmd {
	if argument != "" {
		return m.setTo(systemSetting, argument)
	}
	if m.talk.system == "" {
		m.say(&note{text: "There is no system message.", hint: "/system TEXT sets one."})
	} else {
		m.say(&note{text: "The system message is:\n" + m.talk.system, hint: "/system TEXT sets another one, /system - none."})
	}
	return nil
}

// setTo changes a setting, or shows it if there is no text.
func (m *model) setTo(written, text string) tea.Cmd {
	if m.setup.Set == nil {
		m.say(&note{text: "Nothing can be set here."})
		return nil
	}
	s := m.setting(written)
	switch {
	case s == nil:
		return nil
	case text == "":
		m.say(&note{text: s.describe(), hint: fmt.Sprintf("%s. /set %s VALUE changes it, /set %s - makes it what it is by default.", s.About, s.Name, s.Name)})
		return nil
	case m.change != nil:
		m.status.flash = switchHint
		return nil
	case text == byDefault:
		text = s.Default
	}
	m.assignments = append(m.assignments, assignment{s.Name, text})
	if len(m.assignments) > 1 {
		return nil // one after the other
	}
	return m.assign()
}

// assign makes the first of the assignments that wait.
func (m *model) assign() tea.Cmd {
	a, set := m.assignments[0], m.setup.Set
	return func() tea.Msg {
		setup, err := set(a.name, a.text)
		return assignedMsg{setup, err}
	}
}

// assigned takes what came of an assignment.
func (m *model) assigned(msg assignedMsg) tea.Cmd {
	a := m.assignments[0]
	m.assignments = m.assignments[1:]
	if msg.err != nil {
		m.complain(msg.err)
	} else {
		msg.setup.Engine = m.setup.Engine
		m.setup = msg.setup
		m.tellSetting(a)
	}
	if len(m.assignments) > 0 {
		return m.assign()
	}
	return m.start()
}

// tellSetting says that a setting was changed.
func (m *model) tellSetting(a assignment) {
	switch {
	case a.name != systemSetting:
		m.say(&note{text: fmt.Sprintf("%s is %s from the next answer on.", a.name, shownValue(a.text))})
	case a.text == "":
		m.talk.system = ""
		m.say(&note{text: "There is no system message from the next answer on."})
	default:
		m.talk.system = a.text
		m.say(&note{text: "The system message from the next answer on:\n" + a.text})
	}
}

// setting finds a setting by its name, or the beginning of it. If there is none, or
// several, it says so.
func (m *model) setting(written string) *Setting {
	name := strings.ToLower(strings.ReplaceAll(written, "_", "-"))
	var found []*Setting
	for i := range m.setup.Settings {
		s := &m.setup.Settings[i]
		if s.Name == name {
			return s
		}
		if strings.HasPrefix(s.Name, name) {
			found = append(found, s)
		}
	}
	switch len(found) {
	case 0:
		m.say(&note{text: fmt.Sprintf("There is no setting %s.", termtext.Line(written)), hint: "/set lists those that can be changed here."})
		return nil
	case 1:
		return found[0]
	}
	var names []string
	for _, s := range found {
		names = append(names, s.Name)
	}
	m.say(&note{text: fmt.Sprintf("Several settings begin with %s: %s.", termtext.Line(written), strings.Join(names, ", "))})
	return nil
}

// openSettings lists the settings. One that is picked can be written on.
func (m *model) openSettings() tea.Cmd {
	if m.plain {
		var lines []string
		for _, s := range m.setup.Settings {
			lines = append(lines, s.describe())
		}
		m.say(&note{text: strings.Join(lines, "\n"), hint: "/set NAME VALUE changes one, /set NAME says what it is for."})
		return nil
	}
	p := &picker{heading: "Settings", empty: "Nothing can be set here.", does: "writes it", pick: func(m *model, e entry) tea.Cmd {
		m.composer.set(fmt.Sprintf("/set %s ", e.value))
		return nil
	}}
	for _, s := range m.setup.Settings {
		p.entries = append(p.entries, entry{name: s.Name, about: s.value() + dot + s.About, value: s.Name})
	}
	return m.openPicker(p)
}

// value writes a setting's value, and where it comes from.
func (s *Setting) value() string {
	return fmt.Sprintf("%s (%s)", shownValue(s.Text), termtext.Line(s.Origin))
}

func (s *Setting) describe() string { return s.Name + ": " + s.value() }

// shownValue writes a value in one line.
func shownValue(text string) string {
	if text == "" {
		return "not set"
	}
	return opening(text, 40)
}
