package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/tasks"
	"github.com/vlmchat/vlmchat/ui"
)

// groundFormat and groundVersion are what a judged answer calls itself in JSON.
// docs/schemas/grounding.schema.json has the format.
const (
	groundFormat  = "vlmchat-grounding"
	groundVersion = 1
)

// groundDocument is what an answer rests on, as programs read it.
type groundDocument struct {
	Format   string          `json:"format"`
	Version  int             `json:"version"`
	Images   []tasks.Image   `json:"images"`
	Question string          `json:"question"`
	Answer   string          `json:"answer"`
	Asked    bool            `json:"asked"`            // the model was asked for the answer
	Tokens   []tasks.Token   `json:"tokens,omitempty"` // none where the engine does not tell
	Words    []groundWord    `json:"words,omitempty"`
	Claims   []tasks.Checked `json:"claims"`
	LeftOut  int             `json:"claims_left_out,omitempty"`
	Engine   string          `json:"engine"`
	Model    string          `json:"model"`
	Device   string          `json:"device,omitempty"`
	Vlmchat  string          `json:"vlmchat"`
}

// groundWord is a word, and what it rests on.
type groundWord struct {
	tasks.Word
	Text    string        `json:"text"`
	Support tasks.Support `json:"support"`
}

// saidWords are the words of the answer.
func (g *grounded) saidWords() []groundWord {
	if g.words == nil {
		return nil
	}
	var all []groundWord
	for _, w := range g.words.Words {
		all = append(all, groundWord{w, g.answer[w.Start:w.End], w.Support()})
	}
	return all
}

// print prints what was found: for people on a terminal, in columns into a pipe.
func (g *grounded) print(ctx context.Context) error {
	switch {
	case g.flags.json:
		return printJSON(g.stdout, g.document(ctx))
	case isTerminal(g.stdout):
		columns, profile := lookOf(g.stdout)
		return unread(ui.DrawGround(g.stdout, g.answer, g.words, g.claims, columns, profile))
	}
	var lines strings.Builder
	for _, w := range g.saidWords() {
		fmt.Fprintf(&lines, "word\t%s\t%s\t%.2f\n", column(w.Text), w.Support, orZero(w.Weight, 2))
	}
	for _, c := range g.claims {
		weight, probability := "", c.Probe.Said
		if c.Least != nil {
			weight = fmt.Sprintf("%.2f", orZero(*c.Least, 2))
		}
		switch {
		case c.Moot:
			probability = ""
		case c.Probe.Probability != nil:
			probability = fmt.Sprintf("%.4f", *c.Probe.Probability)
		}
		fmt.Fprintf(&lines, "claim\t%s\t%s\t%s\t%s\n", column(c.Text), c.Verdict, weight, probability)
	}
	_, err := g.stdout.Write([]byte(lines.String()))
	return unread(err)
}

func (g *grounded) document(ctx context.Context) groundDocument {
	info, _ := g.setup.Engine.Info(ctx)
	d := groundDocument{
		Format: groundFormat, Version: groundVersion, Images: tasks.Images([]engine.Message{{Parts: g.parts}}),
		Question: g.question, Answer: g.answer, Asked: g.asked, Words: g.saidWords(), Claims: append([]tasks.Checked{}, g.claims...), LeftOut: g.leftOut,
		Engine: info.Engine, Model: g.secrets.hide(info.Model), Device: info.Device, Vlmchat: version(),
	}
	if g.words != nil {
		d.Tokens = g.words.Tokens
	}
	return d
}
