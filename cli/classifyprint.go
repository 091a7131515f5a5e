package cli

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/charmbracelet/colorprofile"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/tasks"
	"github.com/vlmchat/vlmchat/termtext"
	"github.com/vlmchat/vlmchat/ui"
)

// classPrinter prints which labels fit pictures.
type classPrinter interface {
	found(of tasks.Image, labels []tasks.Labelled) error
	// failed prints of a picture that there is nothing to tell, where that is to be seen.
	failed(of tasks.Image, err error) error
}

// classPrinter prints in the form that the flags say, or that suits standard output.
func (a *app) classPrinter(flags classifyFlags, basis tasks.Basis, choice tasks.Choice) classPrinter {
	switch {
	case flags.json, flags.jsonl:
		return &classJSON{w: a.stdout, lines: flags.jsonl, hide: a.secrets.hide, head: classification{
			Format: classificationFormat, Version: classificationVersion, Basis: basis, Multi: choice.Multi, Choices: len(choice.Labels), Vlmchat: version(),
		}}
	case isTerminal(a.stdout):
		p := &classBars{w: a.stdout, most: choice.Top}
		p.width, p.profile = lookOf(a.stdout)
		return p
	}
	return classLines{a.stdout}
}

// classLines prints a line for each label: the picture, the label, its probability.
type classLines struct{ w io.Writer }

func (p classLines) found(of tasks.Image, labels []tasks.Labelled) error {
	var lines strings.Builder
	for _, l := range labels {
		fmt.Fprintf(&lines, "%s\t%s\t%s\n", column(of.Source), column(l.Label), strconv.FormatFloat(l.Probability, 'f', 4, 64))
	}
	_, err := io.WriteString(p.w, lines.String())
	return unread(err)
}

func (classLines) failed(tasks.Image, error) error { return nil }

// classBars draws a bar for each label, under the picture's name.
type classBars struct {
	w       io.Writer
	most    int // labels that are drawn, 0 for the usual number
	width   int
	profile colorprofile.Profile
	begun   bool
}

func (p *classBars) found(of tasks.Image, labels []tasks.Labelled) error {
	if p.begun {
		fmt.Fprintln(p.w)
	}
	p.begun = true
	fmt.Fprintln(p.w, termtext.Line(of.Source))
	if len(labels) == 0 {
		_, err := fmt.Fprintln(p.w, "none of the labels fits")
		return unread(err)
	}
	return unread(ui.DrawBars(p.w, labels, p.most, p.width, p.profile))
}

func (*classBars) failed(tasks.Image, error) error { return nil }

// classificationFormat and classificationVersion are what a classification calls itself in
// JSON. docs/schemas/classification.schema.json has the format.
const (
	classificationFormat  = "vlmchat-classification"
	classificationVersion = 1
)

// classification is which labels fit a picture, as programs read it.
type classification struct {
	Format  string           `json:"format"`
	Version int              `json:"version"`
	Image   tasks.Image      `json:"image"`
	Labels  []tasks.Labelled `json:"labels"`  // the most probable first
	Choices int              `json:"choices"` // how many labels there were to choose from
	Multi   bool             `json:"multi"`   // each has a probability of its own
	tasks.Basis
	Error   *classError `json:"error,omitempty"` // why there is none
	Vlmchat string      `json:"vlmchat"`
}

type classError struct {
	Kind    string `json:"kind"`
	Message string `json:"message"`
}

// classJSON prints objects.
type classJSON struct {
	w     io.Writer
	lines bool // one on each line, with errors
	hide  func(string) string
	head  classification // what all have in common
}

func (p *classJSON) found(of tasks.Image, labels []tasks.Labelled) error {
	one := p.head
	one.Image, one.Labels = of, append([]tasks.Labelled{}, labels...)
	if p.lines {
		return printLine(p.w, one)
	}
	return printJSON(p.w, one)
}

func (p *classJSON) failed(of tasks.Image, err error) error {
	if !p.lines {
		return nil
	}
	one := p.head
	one.Image, one.Labels = of, []tasks.Labelled{}
	one.Error = &classError{Kind: string(engine.BadPicture), Message: p.hide(err.Error())}
	return printLine(p.w, one)
}
