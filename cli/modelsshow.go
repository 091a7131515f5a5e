package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/models"
	"github.com/vlmchat/vlmchat/termtext"
)

func modelsShowCommand(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show NAME",
		Short: "Describe a model or an encoder",
		Long: "Show tells what is known of a model: for the native engine what its files say, else\n" +
			"what the server says. Of long texts, such as licences, it shows the beginning;\n" +
			"--json has them whole.",
		Args: oneArgument("the model's name or file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if a.isNative() {
				d, ok, err := describeEncoder(args[0])
				if !ok {
					d, err = a.describeNative(args[0])
				}
				if err != nil {
					return err
				}
				return printDescription(a.stdout, d, asJSON)
			}
			return withServer(cmd.Context(), a, "describe a model", func(ctx context.Context, e engine.ModelDescriber) error {
				d, err := e.DescribeModel(ctx, args[0])
				if err != nil {
					return err
				}
				return printDescription(a.stdout, d, asJSON)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON object")
	addBackend(cmd, config.MMProj)
	return cmd
}

// describeNative tells what the files of a model say, once they have passed the
// check that comes before loading.
func (a *app) describeNative(name string) (engine.ModelDescription, error) {
	var d engine.ModelDescription
	m, err := models.Find(name, a.config.String(config.MMProj))
	if err != nil {
		return d, err
	}
	if err := models.CheckFiles(m.Path, m.Projector); err != nil {
		return d, err
	}
	f, err := m.Facts()
	if err != nil {
		return d, err
	}
	d.ModelInfo = nativeInfo(m.Name, f)
	template := "none: that of its family stands in"
	if f.ChatTemplate {
		template = "in the model's file"
	}
	var files []string
	for _, file := range f.Files {
		files = append(files, fmt.Sprintf("%s (%s)", file.Path, size(uint64(file.Size))))
	}
	for _, fact := range []engine.Fact{
		{Name: "architecture", Value: f.Architecture},
		{Name: "layers", Value: number(f.Layers)},
		{Name: "embedding length", Value: number(f.Width)},
		{Name: "projector", Value: f.Projector},
		{Name: "chat template", Value: template},
		{Name: "system", Value: m.System},
		{Name: "stop", Value: strings.Join(m.Stop, "\n")},
		{Name: "files", Value: strings.Join(files, "\n")},
	} {
		if fact.Value != "" {
			d.Facts = append(d.Facts, fact)
		}
	}
	return d, nil
}

// mostLines is how many lines of a fact are shown.
const mostLines = 6

// printDescription prints what is known of a model, names and values aligned.
func printDescription(w io.Writer, d engine.ModelDescription, asJSON bool) error {
	if asJSON {
		return printIndented(w, struct {
			documentHead
			engine.ModelDescription
		}{documentHead{"vlmchat-model", 1}, d})
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, fact := range append([]engine.Fact{
		{Name: "name", Value: d.Name},
		{Name: "size", Value: diskSize(d.Size)},
		{Name: "context", Value: number(d.ContextSize)},
		{Name: "vision", Value: vision(d.Vision)},
		{Name: "thinking", Value: thinks(d.Thinking)},
		{Name: "parameters", Value: d.Parameters},
		{Name: "quantization", Value: d.Quantization},
		{Name: "modified", Value: day(d.Modified)},
	}, d.Facts...) {
		name := termtext.Line(fact.Name)
		lines := strings.Split(strings.TrimSpace(termtext.Sanitize(fact.Value)), "\n")
		if more := len(lines) - mostLines; more > 1 {
			lines = append(lines[:mostLines], fmt.Sprintf("… and %d lines more, with --json", more))
		}
		for _, line := range lines {
			if line = strings.ReplaceAll(line, "\t", " "); line == "" {
				continue
			}
			fmt.Fprintf(table, "%s\t%s\n", name, line)
			name = ""
		}
	}
	return table.Flush()
}
