package cli

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine/native"
	"github.com/vlmchat/vlmchat/runtimes"
	"github.com/vlmchat/vlmchat/termtext"
)

func runtimeListCommand(a *app) *cobra.Command {
	var asJSON, tryAll bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the llama.cpp runtimes that are found, and which one is used (*)",
		Long: "List shows what is found here, whether it can be used and if not, why. Those that\n" +
			"were named, chosen or installed are loaded to find out, each in a process of its own;\n" +
			"those that others put here only with --try. The one that is used has a *; where it\n" +
			"can't be, or there is none, the exit code is 4.",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.listRuntimes(cmd.Context(), a.config.String(config.Runtime), asJSON, tryAll)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON array")
	cmd.Flags().BoolVar(&tryAll, "try", false, "load also those that nobody named, chose or installed with vlmchat")
	addSettings(cmd.Flags(), config.Runtime)
	return cmd
}

// listedRuntime is a runtime in 'runtime list --json'.
type listedRuntime struct {
	Name       string          `json:"name"`
	Source     string          `json:"source"`
	Dir        string          `json:"dir"`
	Used       bool            `json:"used"`
	Chosen     bool            `json:"chosen"` // with 'runtime use'
	Tried      bool            `json:"tried"`  // it was loaded
	Usable     bool            `json:"usable"` // and that went well
	Problem    string          `json:"problem,omitempty"`
	Version    string          `json:"version,omitempty"` // of llama.cpp
	Commit     string          `json:"commit,omitempty"`
	Devices    []native.Device `json:"devices,omitempty"`
	Backends   []string        `json:"backends"`
	BackendDir string          `json:"backend_dir,omitempty"`
	Libraries  []string        `json:"libraries"`
	Server     string          `json:"server,omitempty"`

	origin     string // the source, for people
	useCommand string
}

func (a *app) listRuntimes(ctx context.Context, named string, asJSON, tryAll bool) error {
	found, err := runtimes.Find(named)
	if err != nil {
		return err
	}
	// Where none is used, none is marked, each says why, and the exit code is
	// that of a missing runtime, for scripts that ask whether one is there.
	used, notUsed := runtimes.Use(named)
	listed := make([]listedRuntime, len(found))
	for i, r := range found {
		listed[i] = a.describe(r)
		listed[i].Used = notUsed == nil && r.Dir == used.Dir
	}
	if err := tryRuntimes(ctx, found, listed, tryAll); err != nil {
		return err
	}
	for i := range listed {
		if l := &listed[i]; l.Used && !l.Usable {
			l.Used = false
			notUsed = fmt.Errorf("the llama.cpp runtime %s cannot be used: %w", l.Dir, found[i].Problem)
		}
	}
	if err := printRuntimes(a.stdout, listed, asJSON); err != nil {
		return err
	}
	return notUsed
}

// describe is what is known of a runtime that is not loaded.
func (a *app) describe(r runtimes.Runtime) listedRuntime {
	l := listedRuntime{
		Name: r.Name, Source: string(r.Source), origin: r.Source.Title(), Dir: r.Dir, Chosen: r.Chosen,
		Backends: append([]string{}, r.Backends...), BackendDir: r.BackendDir,
		Libraries: []string{}, Server: r.Server, useCommand: r.UseCommand(),
	}
	if r.Source == runtimes.Named {
		l.origin = a.config[config.Runtime].Origin
		switch {
		case strings.HasPrefix(l.origin, "--"):
			l.Source = "flag"
		case strings.HasPrefix(l.origin, "VLMCHAT_"):
			l.Source = "environment"
		default:
			l.Source = "config"
		}
	}
	for _, path := range r.Libraries() {
		if path != "" {
			l.Libraries = append(l.Libraries, path)
		}
	}
	if r.Problem != nil {
		l.Problem = r.Problem.Error()
	}
	return l
}

// tryRuntimes loads those that may be loaded and against which nothing speaks so
// far: what files' headers don't tell is whether the worker can use them.
func tryRuntimes(ctx context.Context, found []runtimes.Runtime, listed []listedRuntime, all bool) error {
	var wait sync.WaitGroup
	free := make(chan struct{}, min(4, runtime.NumCPU()))
	for i := range found {
		r, l := &found[i], &listed[i]
		if r.Problem != nil || !r.Trusted && !all {
			continue
		}
		wait.Go(func() {
			free <- struct{}{}
			defer func() { <-free }()
			var facts native.Facts
			facts, r.Problem = native.Try(ctx, *r)
			l.Tried, l.Usable = true, r.Problem == nil
			l.Version, l.Commit, l.Devices = facts.Version, facts.Commit, facts.Devices
			if r.Problem != nil {
				l.Problem = r.Problem.Error()
			}
		})
	}
	wait.Wait()
	return ctx.Err()
}

func printRuntimes(w io.Writer, listed []listedRuntime, asJSON bool) error {
	if asJSON {
		return printJSON(w, listed)
	}
	for _, l := range listed {
		if err := l.print(w); err != nil {
			return err
		}
	}
	return nil
}

func (l listedRuntime) print(w io.Writer) error {
	mark := " "
	if l.Used {
		mark = "*"
	}
	kind := l.origin
	if l.Chosen && l.Source != string(runtimes.Chosen) {
		kind += ", chosen"
	}
	if len(l.Backends) > 0 {
		kind += "; " + strings.Join(l.Backends, ", ")
	}
	lines := []string{l.Dir}
	switch {
	case l.Usable:
		lines = append(lines, buildName(l.Version, l.Commit), "usable")
	case l.Problem != "":
		lines = append(lines, "cannot be used: "+l.Problem)
	default:
		lines = append(lines, "not loaded, as nobody chose it; to take it: "+l.useCommand)
	}
	_, err := fmt.Fprintf(w, "%s %s (%s)\n", mark, termtext.Line(l.Name), termtext.Line(kind))
	for _, line := range lines {
		if err == nil {
			_, err = fmt.Fprintf(w, "    %s\n", termtext.Line(line))
		}
	}
	return err
}

// buildName says which llama.cpp it is. Builds had no version for long, and the
// oldest don't tell their commit either.
func buildName(version, commit string) string {
	switch {
	case version != "" && commit != "":
		return fmt.Sprintf("llama.cpp %s, commit %s", version, commit)
	case version != "":
		return "llama.cpp " + version
	case commit != "":
		return "llama.cpp of commit " + commit
	}
	return "llama.cpp of an unknown version"
}
