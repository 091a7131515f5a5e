package ui

import (
	"image/color"
	"slices"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"github.com/vlmchat/vlmchat/ui/markdown"
)

// styles is how everything looks: the one place where colours are named. Bubble
// Tea brings them down to what the terminal has, and leaves weight alone where
// there are no colours at all (NO_COLOR), so nothing is said by colour only.
type styles struct {
	by       measure
	plain    lipgloss.Style
	bar      lipgloss.Style // beside what the person said
	faint    lipgloss.Style // captions, notes, the status line
	strong   lipgloss.Style
	warning  lipgloss.Style
	failure  lipgloss.Style
	chip     lipgloss.Style
	rule     lipgloss.Style
	match    lipgloss.Style  // of what is looked for
	current  lipgloss.Style  // the match at which one is
	selected lipgloss.Style  // in the composer
	reading  *markdown.Theme // what a model says

	// Of words, by how much they rest on the picture.
	stronglySeen, seen, guessed, contradicted lipgloss.Style
}

// newStyles returns the styles for a dark or a light background, for how many
// colours there are and for how the terminal counts cells.
func newStyles(dark bool, profile colorprofile.Profile, by measure) *styles {
	pick := lipgloss.LightDark(dark)
	colour := func(light, dark string) color.Color {
		return pick(lipgloss.Color(light), lipgloss.Color(dark))
	}
	var (
		accent = colour("#6D28D9", "#A78BFA")
		dim    = colour("#5B6472", "#8B94A3")
		line   = colour("#C4C9D1", "#4A5160")
		amber  = colour("#A14808", "#FBBF24")
		red    = colour("#B91C1C", "#F87171")
		green  = colour("#166534", "#4ADE80")
	)
	plain := lipgloss.NewStyle()
	s := &styles{
		by:       by,
		plain:    plain,
		bar:      plain.Foreground(accent),
		faint:    plain.Foreground(dim),
		strong:   plain.Bold(true),
		warning:  plain.Foreground(amber),
		failure:  plain.Foreground(red).Bold(true),
		chip:     plain.Foreground(accent),
		rule:     plain.Foreground(line),
		match:    plain.Foreground(accent).Underline(true),
		current:  plain.Reverse(true).Bold(true),
		selected: plain.Reverse(true),
	}
	if profile == colorprofile.ANSI {
		// The nearest of sixteen colours to a grey may be a blue that can't be
		// read on black, or the background itself where a person chose so.
		s.faint, s.rule = plain.Faint(true), plain.Faint(true)
	}
	s.reading = readingTheme(dark, profile, by)
	s.stronglySeen, s.seen = plain.Foreground(green).Bold(true), plain.Foreground(green)
	s.guessed, s.contradicted = s.faint, s.failure
	if profile < colorprofile.ANSI256 {
		s.guessed = plain.Faint(true) // with no colour at all too
	}
	return s
}

// neutralStyles are those of commands, which don't ask the terminal whether its background is
// dark: their colours are some of the sixteen that people choose so that they can be read.
func neutralStyles(profile colorprofile.Profile) *styles {
	s := newStyles(true, min(profile, colorprofile.ANSI), ansi.GraphemeWidth)
	green, red, magenta := lipgloss.Green, lipgloss.Red, lipgloss.Magenta
	s.bar = s.plain.Foreground(magenta)
	s.stronglySeen, s.seen = s.plain.Foreground(green).Bold(true), s.plain.Foreground(green)
	s.guessed, s.contradicted = s.plain.Faint(true), s.plain.Foreground(red).Bold(true)
	s.faint = s.plain.Faint(true)
	return s
}

// readingTheme returns the looks of what a model says. Where there are sixteen colours,
// they are those that people choose so that they can be read.
func readingTheme(dark bool, profile colorprofile.Profile, by measure) *markdown.Theme {
	sixteen := profile == colorprofile.ANSI
	pick := lipgloss.LightDark(dark)
	colour := func(light, dark, lightOfSixteen, darkOfSixteen string) ansi.Style {
		if sixteen {
			light, dark = lightOfSixteen, darkOfSixteen
		}
		return ansi.NewStyle().ForegroundColor(pick(lipgloss.Color(light), lipgloss.Color(dark)))
	}
	var (
		accent = colour("#6D28D9", "#A78BFA", "5", "5")
		dim    = colour("#5B6472", "#8B94A3", "", "")
		blue   = colour("#1D4ED8", "#7DB3FF", "4", "6")
		green  = colour("#15703A", "#86CFA0", "2", "2")
		amber  = colour("#A14808", "#F0B775", "4", "3")
		teal   = colour("#0F6E67", "#7DD3C0", "4", "6")
		red    = colour("#B91C1C", "#F87171", "1", "1")
	)
	if sixteen {
		dim = ansi.NewStyle().Faint()
	}
	theme := &markdown.Theme{By: by}
	for role, look := range map[markdown.Role]ansi.Style{
		markdown.Title:    slices.Clone(accent).Bold().Underline(true),
		markdown.Heading:  slices.Clone(accent).Bold(),
		markdown.Mark:     dim,
		markdown.Label:    dim,
		markdown.Link:     slices.Clone(blue).Underline(true),
		markdown.Address:  dim,
		markdown.Code:     teal,
		markdown.Keyword:  accent,
		markdown.Name:     blue,
		markdown.String:   green,
		markdown.Number:   amber,
		markdown.Comment:  slices.Clone(dim).Italic(true),
		markdown.Inserted: green,
		markdown.Deleted:  red,
	} {
		theme.Looks[role] = look
	}
	return theme
}

// newInput is a line of a dialog to write in, behind a prompt.
func (s *styles) newInput(prompt string) textinput.Model {
	input := textinput.New()
	input.Prompt = prompt
	input.SetVirtualCursor(false)
	look := textinput.StyleState{Text: s.plain, Placeholder: s.faint, Suggestion: s.faint, Prompt: s.bar}
	input.SetStyles(textinput.Styles{Focused: look, Blurred: look, Cursor: textinput.CursorStyle{Shape: tea.CursorBar, Blink: true}})
	return input
}

// wrap, width and cut measure text as the terminal does.
func (s *styles) wrap(text string, width int) []string { return wrap(text, width, s.by) }

func (s *styles) width(text string) int { return s.by.StringWidth(text) }

// beside puts a mark behind the last of some lines, or under it where there is no room.
func (s *styles) beside(lines []string, mark string, width int) []string {
	if mark == "" {
		return lines
	}
	last := len(lines) - 1
	if last >= 0 && s.width(lines[last])+2+s.width(mark) <= width {
		lines[last] += "  " + s.faint.Render(mark)
		return lines
	}
	return append(lines, s.faint.Render(mark))
}

func (s *styles) cut(text string, width int, tail string) string {
	return cut(text, width, tail, s.by)
}
