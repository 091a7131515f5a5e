package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/models"
	"github.com/vlmchat/vlmchat/termtext"
)

func modelsListCommand(a *app) *cobra.Command {
	var asJSON, curated bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the models that can be named with --model, and encoders",
		Long: "List shows the models of the backend: for the native engine the demo model, those in\n" +
			"the data directory, those in the cache of Hugging Face (hf:…) and those that Ollama has\n" +
			"pulled, and below them the encoders for --encoder; otherwise the models of the server.\n" +
			"VISION is ? where a server does not tell.\n\n" +
			"With --curated it lists ten vision models to begin with, which of them run on this\n" +
			"machine and which are here; 'vlmchat models pull NAME' fetches one. Nobody is asked.",
		Example: `  vlmchat models list
  vlmchat models list --curated`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if curated {
				return a.listCurated(asJSON)
			}
			if a.isNative() {
				return a.listNativeModels(asJSON)
			}
			return withServer(cmd.Context(), a, "list its models", func(ctx context.Context, e engine.ModelLister) error {
				list, err := e.Models(ctx)
				if err != nil {
					return err
				}
				if asJSON {
					return a.printModelsJSON(served(list))
				}
				return printModels(a.stdout, list)
			})
		},
	}
	cmd.Flags().BoolVar(&curated, "curated", false, "ten vision models to begin with, and which of them run here")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON object")
	addBackend(cmd)
	return cmd
}

// modelsJSON are the models of a backend, for programs.
type modelsJSON struct {
	documentHead
	Backend string      `json:"backend"`
	Models  []modelJSON `json:"models"`
}

// modelJSON is a model in 'models list --json'. What is beside the info is of those on this
// machine.
type modelJSON struct {
	engine.ModelInfo
	Path      string `json:"path,omitempty"`
	Projector string `json:"projector,omitempty"`
	Problem   string `json:"problem,omitempty"` // why it can't be used
	Kind      string `json:"kind,omitempty"`    // "chat" or "encoder"
}

func served(list []engine.ModelInfo) []modelJSON {
	all := []modelJSON{}
	for _, info := range list {
		all = append(all, modelJSON{ModelInfo: info})
	}
	return all
}

func (a *app) printModelsJSON(all []modelJSON) error {
	return printJSON(a.stdout, modelsJSON{documentHead{"vlmchat-models", 1}, a.config.String(config.Backend), all})
}

func (a *app) listNativeModels(asJSON bool) error {
	found, unread := models.List()
	all := []modelJSON{}
	var usable []engine.ModelInfo
	for _, l := range found {
		m := modelJSON{ModelInfo: engine.ModelInfo{Name: l.Name}, Path: l.Model.Path, Projector: l.Model.Projector, Kind: "chat"}
		var facts models.Facts
		err := l.Problem
		if err == nil {
			facts, err = l.Model.Facts()
		}
		if err == nil {
			m.ModelInfo = nativeInfo(l.Name, facts)
			usable = append(usable, m.ModelInfo)
		} else {
			m.Problem = err.Error()
		}
		all = append(all, m)
	}
	others := encoders()
	for _, e := range others {
		all = append(all, modelJSON{ModelInfo: e.info, Path: e.path, Problem: e.problem, Kind: "encoder"})
	}
	err := a.printNativeModels(all, usable, others, asJSON)
	if unread != nil && err == nil {
		fmt.Fprintln(a.stderr, "vlmchat: "+termtext.Line(unread.Error()))
	}
	return err
}

func (a *app) printNativeModels(all []modelJSON, usable []engine.ModelInfo, others []listedEncoder, asJSON bool) error {
	if asJSON {
		return a.printModelsJSON(all)
	}
	if err := printModels(a.stdout, usable); err != nil {
		return err
	}
	if err := printEncoders(a.stdout, others); err != nil {
		return err
	}
	for _, m := range all {
		if m.Problem == "" {
			continue
		}
		if _, err := fmt.Fprintf(a.stdout, "%s cannot be used: %s\n", termtext.Line(m.Name), termtext.Line(m.Problem)); err != nil {
			return err
		}
	}
	return nil
}

// nativeInfo is what the files of a model tell, as a server would.
func nativeInfo(name string, f models.Facts) engine.ModelInfo {
	sees := f.EncodesPicture
	return engine.ModelInfo{
		Name: name, Size: f.Size(), ContextSize: f.ContextSize, Vision: &sees,
		Parameters: parameters(f.Parameters), Quantization: f.Quantization, Modified: f.Modified,
	}
}

// printModels prints a table.
func printModels(w io.Writer, list []engine.ModelInfo) error {
	var lines strings.Builder
	table := tabwriter.NewWriter(&lines, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NAME\tSIZE\tCONTEXT\tVISION\tTHINKING\tPARAMETERS\tQUANTIZATION\tMODIFIED")
	for _, m := range list {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", termtext.Line(m.Name), orDash(diskSize(m.Size)), orDash(number(m.ContextSize)), vision(m.Vision),
			orDash(thinks(m.Thinking)), orDash(termtext.Line(m.Parameters)), orDash(termtext.Line(m.Quantization)), orDash(day(m.Modified)))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	return printLines(w, lines.String())
}

func vision(sees *bool) string {
	switch {
	case sees == nil:
		return "?"
	case *sees:
		return "yes"
	}
	return "no"
}

func thinks(yes bool) string {
	if yes {
		return "yes"
	}
	return ""
}

// diskSize is a size where it is known.
func diskSize(bytes int64) string {
	if bytes <= 0 {
		return ""
	}
	return size(uint64(bytes))
}

// day is a date where it is known, here where the reader is.
func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format(time.DateOnly)
}

// parameters counts a model's weights as people do: "7.6B".
func parameters(n uint64) string {
	switch {
	case n == 0:
		return ""
	case n < 1e6:
		return fmt.Sprintf("%.0fK", float64(n)/1e3)
	case n < 1e9:
		return fmt.Sprintf("%.3gM", float64(n)/1e6)
	}
	return fmt.Sprintf("%.1fB", float64(n)/1e9)
}
