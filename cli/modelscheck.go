package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/models"
	"github.com/vlmchat/vlmchat/termtext"
)

// modelChecksJSON are what came of checking models, for programs.
type modelChecksJSON struct {
	documentHead
	Models []modelCheckJSON `json:"models"`
}

// modelCheckJSON is what came of checking one.
type modelCheckJSON struct {
	Name    string              `json:"name"`
	OK      bool                `json:"ok"`
	Problem string              `json:"problem,omitempty"` // of the files together
	Hint    string              `json:"hint,omitempty"`
	Files   []modelFileCheck    `json:"files"`
	Load    *modelLoadCheckJSON `json:"load,omitempty"` // with --load
}

// modelFileCheck is a file that was read to its end.
type modelFileCheck struct {
	Path     string `json:"path"`
	Size     int64  `json:"size"`
	SHA256   string `json:"sha256,omitempty"`
	Expected string `json:"expected,omitempty"` // by the hub's or Ollama's name for it
	Problem  string `json:"problem,omitempty"`
}

func modelsCheckCommand(a *app) *cobra.Command {
	var load, asJSON bool
	cmd := &cobra.Command{
		Use:   "check [NAME...]",
		Short: "Read models to their end, and tell whether they are what was fetched",
		Long: "Check reads all files of models, all that 'vlmchat models list' names or those that are\n" +
			"named: whether their headers are sound, all parts are there, the projector belongs to the\n" +
			"model, and their content is what the hub or Ollama calls it by. With --load each is loaded\n" +
			"and asked about a small picture. The exit code is 1 if something is wrong.",
		Example: `  vlmchat models check
  vlmchat models check --load tiny-vlm`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.checkModels(cmd.Context(), args, load, asJSON)
		},
	}
	cmd.Flags().BoolVar(&load, "load", false, "load each, too, and ask it about a picture")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON object")
	addSettings(cmd.Flags(), config.MMProj)
	return cmd
}

func (a *app) checkModels(ctx context.Context, named []string, load, asJSON bool) error {
	found, err := a.modelsToCheck(named)
	if err != nil {
		return err
	}
	result := modelChecksJSON{documentHead: documentHead{"vlmchat-model-checks", 1}, Models: []modelCheckJSON{}}
	bad := 0
	for _, l := range found {
		c, err := a.checkModel(ctx, l, load)
		if err != nil {
			return err
		}
		if !c.OK {
			bad++
		}
		result.Models = append(result.Models, c)
		if !asJSON {
			if err := a.printModelCheck(c); err != nil {
				return unread(err)
			}
		}
	}
	if asJSON {
		if err := printJSON(a.stdout, result); err != nil {
			return err
		}
	}
	if bad > 0 {
		return errUnwell
	}
	return nil
}

// modelsToCheck are those that are named, or all.
func (a *app) modelsToCheck(named []string) ([]models.Listed, error) {
	if len(named) == 0 { // of which those of which a part has come are none yet
		found, unread := models.List()
		if unread != nil {
			fmt.Fprintln(a.stderr, "vlmchat: "+termtext.Line(unread.Error()))
		}
		return slices.DeleteFunc(found, func(l models.Listed) bool { return engine.KindOf(l.Problem) == engine.ModelNotFound }), nil
	}
	var found []models.Listed
	for _, name := range named {
		m, err := models.Find(name, a.config.String(config.MMProj))
		if engine.KindOf(err) == engine.ModelNotFound {
			return nil, err
		}
		found = append(found, models.Listed{Name: name, Model: m, Problem: err})
	}
	return found, nil
}

// checkModel checks a model. The error is that the check was interrupted.
func (a *app) checkModel(ctx context.Context, l models.Listed, load bool) (modelCheckJSON, error) {
	c := modelCheckJSON{Name: l.Name, OK: l.Problem == nil, Files: []modelFileCheck{}}
	if l.Problem != nil {
		c.fail(l.Problem)
		return c, ctx.Err()
	}
	m := l.Model
	m.Name = l.Name
	p := newPullPrinter(a.stderr)
	if !p.terminal {
		p.w = io.Discard // a log needs no line for each
	}
	all, err := m.Verify(ctx, p.report)
	p.end()
	if ctx.Err() != nil {
		return c, ctx.Err()
	}
	for _, v := range all {
		f := modelFileCheck{Path: v.Path, Size: v.Size, SHA256: v.SHA256, Expected: v.Expected}
		if v.Problem != nil {
			f.Problem = v.Problem.Error()
			c.OK = false
			c.Hint = hintOf(v.Problem)
		}
		c.Files = append(c.Files, f)
	}
	if err != nil {
		c.fail(err)
	}
	if load && c.OK {
		c.Load = a.checkAnswer(ctx, l.Name)
		c.OK = c.Load.Problem == ""
	}
	return c, ctx.Err()
}

func (c *modelCheckJSON) fail(err error) {
	c.OK, c.Problem, c.Hint = false, err.Error(), hintOf(err)
}

// hintOf is what an error says is to be done.
func hintOf(err error) string {
	var e *engine.Error
	if errors.As(err, &e) {
		return e.Hint
	}
	return ""
}

func (a *app) printModelCheck(c modelCheckJSON) error {
	verdict := "ok"
	if !c.OK {
		verdict = "WRONG"
	}
	if _, err := fmt.Fprintf(a.stdout, "%s  %s\n", verdict, termtext.Line(c.Name)); err != nil {
		return err
	}
	var lines []string
	if c.Problem != "" {
		lines = append(lines, c.Problem)
	}
	for _, f := range c.Files {
		what := "its content is what its store calls it by"
		switch {
		case f.Problem != "":
			what = f.Problem
		case f.Expected == "":
			what = "read; nothing tells what its digest should be"
		}
		lines = append(lines, fmt.Sprintf("%s (%s): %s", f.Path, size(uint64(f.Size)), what))
	}
	if c.Load != nil {
		lines = append(lines, c.Load.String())
	}
	if c.Hint != "" {
		lines = append(lines, c.Hint)
	}
	for _, line := range lines {
		if _, err := fmt.Fprintf(a.stdout, "  %s\n", termtext.Line(line)); err != nil {
			return err
		}
	}
	return nil
}
