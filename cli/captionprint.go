package cli

import (
	"context"
	"fmt"
	"unicode/utf8"

	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/tasks"
	"github.com/vlmchat/vlmchat/termtext"
)

// captionFormat and captionVersion are what a caption calls itself in JSON.
// docs/schemas/caption.schema.json has the format.
const (
	captionFormat  = "vlmchat-caption"
	captionVersion = 1
)

// captioned is a caption, as programs read it.
type captioned struct {
	Format     string      `json:"format"`
	Version    int         `json:"version"`
	Image      tasks.Image `json:"image"`
	Region     *region     `json:"region,omitempty"` // of a part of a picture
	Caption    string      `json:"caption"`
	Style      string      `json:"style,omitempty"` // none where other words than a style's asked
	Characters int         `json:"characters"`
	Cut        bool        `json:"cut,omitempty"`  // it came to its limit of tokens
	Long       bool        `json:"long,omitempty"` // it has more characters than it may
	Prompt     string      `json:"prompt,omitempty"`
	System     string      `json:"system,omitempty"`
	Shots      int         `json:"shots,omitempty"`
	answerHead
}

// region is a part of a picture, in its pixels.
type region struct {
	Of     string `json:"of"`
	X      int    `json:"x"`
	Y      int    `json:"y"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
}

// regionOf is where a part of a picture lies, nil of a whole one.
func regionOf(p *images.Picture) *region {
	box, part := p.Box()
	if !part {
		return nil
	}
	of, _ := p.Part()
	return &region{of, box.Min.X, box.Min.Y, box.Dx(), box.Dy()}
}

// captionPrinter prints captions as they come.
type captionPrinter struct {
	*answerer
	flags   captionFlags
	printed int
}

func (p *captionPrinter) take(ctx context.Context, one *asked[tasks.Caption]) error {
	if one.err == nil {
		p.noteOn(one.of, one.found)
	}
	switch {
	case p.flags.jsonl:
		return printLine(p.stdout, p.document(ctx, one))
	case one.err != nil:
		return nil
	case p.flags.json:
		return printJSON(p.stdout, p.document(ctx, one))
	}
	defer func() { p.printed++ }()
	return unread(p.lines(one.of, termtext.Line(one.found.Text)))
}

// lines prints what was found of one picture: a line with a tab into a pipe, a paragraph
// under the picture's name on a terminal.
func (p *captionPrinter) lines(of tasks.Image, text string) error {
	var err error
	switch {
	case !isTerminal(p.stdout):
		_, err = fmt.Fprintf(p.stdout, "%s\t%s\n", column(of.Source), column(text))
	case p.printed > 0:
		_, err = fmt.Fprintf(p.stdout, "\n%s\n%s\n", termtext.Line(of.Source), text)
	default:
		_, err = fmt.Fprintf(p.stdout, "%s\n%s\n", termtext.Line(of.Source), text)
	}
	return err
}

// noteOn says what a person should know of a caption.
func (p *captionPrinter) noteOn(of tasks.Image, c tasks.Caption) {
	switch {
	case c.Text == "" && c.Answer.Thinking() != "":
		p.status.note("The model thought and came to no caption: --max-tokens allows more of both")
	case c.Cut:
		p.status.note("The caption of " + column(of.Source) + " came to its limit of tokens: --max-tokens allows more")
	case c.Long:
		p.status.note("The caption of " + column(of.Source) + " has more characters than were asked for, also when it was asked for again")
	}
}

// document is a caption as programs read it.
func (p *captionPrinter) document(ctx context.Context, one *asked[tasks.Caption]) captioned {
	c := captioned{
		Format: captionFormat, Version: captionVersion, Image: one.of, Caption: one.found.Text, Style: p.flags.style,
		Characters: utf8.RuneCountInString(one.found.Text), Cut: one.found.Cut, Long: one.found.Long,
		Prompt: p.how.text, System: p.how.system, Shots: len(p.how.examples) / 2, answerHead: p.head(ctx, one.found.Answer, one.err),
	}
	if p.flags.hasPrompt {
		c.Style = ""
	}
	if one.picture != nil {
		c.Region = regionOf(one.picture)
	}
	return c
}
