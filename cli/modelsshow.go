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
	"github.com/vlmchat/vlmchat/engine/native"
	"github.com/vlmchat/vlmchat/models"
	"github.com/vlmchat/vlmchat/runtimes"
	"github.com/vlmchat/vlmchat/termtext"
)

// modelsShowFlags are the flags of 'vlmchat models show'.
type modelsShowFlags struct{ asJSON, template bool }

func modelsShowCommand(a *app) *cobra.Command {
	var flags modelsShowFlags
	cmd := &cobra.Command{
		Use:   "show NAME [PICTURE...]",
		Short: "Describe a model or an encoder",
		Long: "Show tells what is known of a model: for the native engine what its files say, and what\n" +
			"memory it takes, else what the server says. The memory is estimated from the files, for\n" +
			"the context size and the devices that the settings ask for, before anything is loaded.\n" +
			"Of a picture that is named the model is loaded to tell how many tokens it becomes.\n\n" +
			"Of long texts, such as licences, it shows the beginning; --json has them whole.",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("%s takes the model's name or file, and pictures; see %s --help", command(cmd), cmd.CommandPath())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if a.isNative() {
				return a.showNative(cmd.Context(), args[0], args[1:], flags)
			}
			if len(args) > 1 || flags.template {
				return usagef("a server does not tell what pictures and templates are to its model: %s takes its name alone", command(cmd))
			}
			return withServer(cmd.Context(), a, "describe a model", func(ctx context.Context, e engine.ModelDescriber) error {
				d, err := e.DescribeModel(ctx, args[0])
				if err != nil {
					return err
				}
				return printDescription(a.stdout, d, flags.asJSON)
			})
		},
	}
	cmd.Flags().BoolVar(&flags.asJSON, "json", false, "print a JSON object")
	cmd.Flags().BoolVar(&flags.template, "template", false, "print the chat template alone")
	addBackend(cmd, config.MMProj, config.LoRA, config.Context, config.KVType, config.FlashAttn, config.GPULayers, config.Device, config.NoMMProjOffload, config.Runtime)
	return cmd
}

// modelDocument is what is shown of a model.
type modelDocument struct {
	documentHead
	engine.ModelDescription
	Memory   *native.Estimate `json:"memory,omitempty"`
	Pictures []pictureTokens  `json:"pictures,omitempty"`
	Template string           `json:"template,omitempty"` // of its file
}

// pictureTokens is what a picture becomes for a model.
type pictureTokens struct {
	Path   string `json:"path"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Tokens int    `json:"tokens"`
}

// showNative describes a model or an encoder of the native engine.
func (a *app) showNative(ctx context.Context, name string, sources []string, flags modelsShowFlags) error {
	if d, ok, err := describeEncoder(name); ok {
		if err != nil {
			return err
		}
		if len(sources) > 0 || flags.template {
			return usagef("%s is an encoder: it makes no tokens of pictures and has no template", termtext.Line(name))
		}
		return printDescription(a.stdout, d, flags.asJSON)
	}
	m, err := models.Find(name, a.config.String(config.MMProj))
	if err != nil {
		return err
	}
	shown := modelDocument{documentHead: modelHead}
	if shown.ModelDescription, err = describeNative(m); err != nil {
		return err
	}
	g, err := models.ReadGGUF(m.Path)
	if err != nil {
		return &engine.Error{Kind: engine.ModelInvalid, Message: "reading " + m.Path + ": " + err.Error(), Err: err}
	}
	if shown.Template = g.String("tokenizer.chat_template"); flags.template {
		if shown.Template == "" {
			return &engine.Error{Kind: engine.ModelInvalid, Message: m.Path + " has no chat template", Hint: "that of its family stands in when it is asked"}
		}
		_, err := fmt.Fprintln(a.stdout, termtext.Sanitize(strings.TrimSuffix(shown.Template, "\n")))
		return err
	}
	o := native.Options{Model: m}
	if err := a.setNative(&o); err != nil {
		return err
	}
	width, height := 0, 0
	if len(sources) > 0 {
		if shown.Pictures, err = a.countPictures(ctx, o, sources); err != nil {
			return err
		}
		for _, p := range shown.Pictures {
			width, height = max(width, p.Width), max(height, p.Height)
		}
	}
	e, err := native.EstimateMemory(o, a.devicesFor(ctx), width, height)
	if err != nil {
		return err
	}
	shown.Memory = &e
	if flags.asJSON {
		return printJSON(a.stdout, shown)
	}
	if err := printDescription(a.stdout, shown.ModelDescription, false); err != nil {
		return err
	}
	if err := printPictures(a.stdout, shown.Pictures); err != nil {
		return err
	}
	return printMemory(a.stdout, e)
}

// devicesFor are the devices that a model could go to; none if there is no runtime that
// can tell, which is said when something is to be loaded.
func (a *app) devicesFor(ctx context.Context) []native.Device {
	r, err := runtimes.Use(a.config.String(config.Runtime))
	if err != nil {
		return nil
	}
	devices, err := native.Devices(ctx, r)
	if err != nil {
		return nil
	}
	return devices
}

// countPictures has the model tell what pictures become.
func (a *app) countPictures(ctx context.Context, o native.Options, sources []string) ([]pictureTokens, error) {
	if err := a.setUpLoader(); err != nil {
		return nil, err
	}
	pictures, err := a.picturesToShow(ctx, sources)
	if err != nil {
		return nil, err
	}
	if o.Runtime, err = runtimes.Use(a.config.String(config.Runtime)); err != nil {
		return nil, err
	}
	o.Secrets = a.keyVariables()
	e := native.New(o)
	defer e.Close()
	if err := newStatus(a.stderr).load(ctx, e); err != nil {
		return nil, err
	}
	var all []pictureTokens
	for _, p := range pictures {
		count, err := e.Count(ctx, engine.Request{Messages: []engine.Message{engine.Ask("", p)}})
		if err != nil {
			return nil, err
		}
		all = append(all, pictureTokens{p.Source, p.Width, p.Height, count.ImageTokens})
	}
	return all, nil
}

// describeNative tells what the files of a model say, once they have passed the
// check that comes before loading.
func describeNative(m models.Model) (engine.ModelDescription, error) {
	var d engine.ModelDescription
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

var modelHead = documentHead{"vlmchat-model", 1}

// mostLines is how many lines of a fact are shown.
const mostLines = 6

// printDescription prints what is known of a model, names and values aligned.
func printDescription(w io.Writer, d engine.ModelDescription, asJSON bool) error {
	if asJSON {
		return printJSON(w, modelDocument{documentHead: modelHead, ModelDescription: d})
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

// printPictures prints what pictures become.
func printPictures(w io.Writer, pictures []pictureTokens) error {
	if len(pictures) == 0 {
		return nil
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprint(table, "\nPICTURE\tPIXELS\tTOKENS\n")
	for _, p := range pictures {
		fmt.Fprintf(table, "%s\t%d×%d\t%d\n", termtext.Line(p.Path), p.Width, p.Height, p.Tokens)
	}
	return table.Flush()
}

// printMemory prints an estimate: each part, all of them, and what fits.
func printMemory(w io.Writer, e native.Estimate) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "\nMEMORY\t%d tokens of context, on %s\n", e.ContextSize, termtext.Line(e.Device))
	for _, p := range e.Parts {
		where := ""
		if p.Place == native.DevicePlace {
			where = ", on the device"
		}
		fmt.Fprintf(table, "%s\t%s%s\n", p.Name, size(uint64(p.Bytes)), where)
	}
	total := "about " + size(uint64(e.Host))
	if e.Devices > 0 {
		total += fmt.Sprintf(", and %s on devices", size(uint64(e.Devices)))
	}
	fmt.Fprintf(table, "all of it\t%s\n", total)
	if e.Copied > 0 {
		fmt.Fprintf(table, "besides\t%s of the file that were copied, as long as nobody needs them\n", size(uint64(e.Copied)))
	}
	if e.Free > 0 {
		fits := "it does not fit"
		switch {
		case e.Fits() && e.LargestContext > e.ContextSize:
			fits = fmt.Sprintf("it fits, and so do %d tokens of context", e.LargestContext)
		case e.Fits():
			fits = "it fits"
		case e.LargestContext > 0:
			fits = fmt.Sprintf("it does not fit, and --ctx %d does", e.LargestContext)
		}
		fmt.Fprintf(table, "free\t%s: %s\n", size(uint64(e.Free)), fits)
	}
	return table.Flush()
}
