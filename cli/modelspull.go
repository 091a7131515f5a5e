package cli

import (
	"context"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/models"
	"github.com/vlmchat/vlmchat/models/catalogue"
	"github.com/vlmchat/vlmchat/models/hub"
	"github.com/vlmchat/vlmchat/spelling"
	"github.com/vlmchat/vlmchat/termtext"
)

// pullFlags are how a model is fetched from Hugging Face.
type pullFlags struct {
	dryRun, asJSON bool
	connections    int
}

func modelsPullCommand(a *app) *cobra.Command {
	var flags pullFlags
	cmd := &cobra.Command{
		Use:   "pull NAME",
		Short: "Fetch a model from Hugging Face, or have Ollama fetch one",
		Long: "Pull fetches a model in GGUF format with its projector from Hugging Face: one of 'vlmchat\n" +
			"models list --curated' by its short name, or owner/repository, with :Q8_0 behind it for a\n" +
			"quantisation. The repository of an encoder (CLIP, SigLIP) is fetched as its checkpoint.\n" +
			"The files go into the cache that Hugging Face's own programs use; what is there already is\n" +
			"used. Sizes and digests are compared with the hub's. Ctrl+C stops it; a later pull goes on\n" +
			"where it was. The name by which --model takes it then is on standard output.\n\n" +
			"HF_TOKEN is the key for what needs one, HF_ENDPOINT a mirror, HF_HUB_CACHE the cache.\n\n" +
			"With -b ollama it has Ollama fetch a model; natively that is ollama:NAME then.",
		Example: `  vlmchat models pull smolvlm-500m
  vlmchat models pull hf:ggml-org/SmolVLM-500M-Instruct-GGUF:Q8_0
  vlmchat models pull --dry-run qwen3-vl-4b
  vlmchat models pull openai/clip-vit-base-patch32
  vlmchat models pull -b ollama llava:7b`,
		Args: oneArgument("the model's name"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if a.isNative() {
				return a.pullFromHub(cmd.Context(), args[0], flags)
			}
			if flags.dryRun || flags.asJSON || cmd.Flags().Changed("connections") || cmd.Flags().Changed(config.MMProj) {
				return usagef("--dry-run, --json, --connections and --mmproj are for Hugging Face: Ollama chooses itself")
			}
			return withServer(cmd.Context(), a, "fetch models", func(ctx context.Context, e engine.Puller) error {
				if err := a.pull(ctx, e, args[0]); err != nil {
					return err
				}
				_, err := fmt.Fprintln(a.stdout, termtext.Line(args[0]))
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&flags.dryRun, "dry-run", false, "print what would be fetched")
	cmd.Flags().IntVar(&flags.connections, "connections", 0, "at once for a file; 0 chooses")
	cmd.Flags().BoolVar(&flags.asJSON, "json", false, "print a JSON object")
	addBackend(cmd, config.MMProj)
	return cmd
}

// pull fetches a model and shows how far it is.
func (a *app) pull(ctx context.Context, e engine.Puller, name string) error {
	p := newPullPrinter(a.stderr)
	defer p.end()
	for progress, err := range e.Pull(ctx, name) {
		if err != nil {
			p.end()
			if ctx.Err() != nil || engine.KindOf(err) == engine.Cancelled {
				fmt.Fprintf(a.stderr, "Stopped. What has come of %s is kept: a later pull goes on with it.\n", termtext.Line(name))
			}
			return err
		}
		progress.Status = a.secrets.hide(progress.Status)
		p.report(progress)
	}
	return nil
}

// hubPuller fetches models from Hugging Face.
type hubPuller struct{ options hub.Options }

// Pull fetches the model of a name, as FindFetchable takes it.
func (p hubPuller) Pull(ctx context.Context, name string) iter.Seq2[engine.PullProgress, error] {
	return func(yield func(engine.PullProgress, error) bool) {
		f, client, err := p.client(name)
		if err != nil {
			yield(engine.PullProgress{}, err)
			return
		}
		for progress, err := range client.Pull(ctx, f.Hub) {
			if !yield(progress, err) || err != nil {
				return
			}
		}
	}
}

// client is what fetches a model. A projector that the person names goes before that of the
// curated list.
func (p hubPuller) client(name string) (models.Fetchable, *hub.Client, error) {
	f, err := fetchable(name)
	if err != nil {
		return f, nil, err
	}
	o := p.options
	if o.Projector == "" {
		o.Projector = f.Projector
	}
	c, err := hub.NewClient(o)
	return f, c, err
}

func (a *app) pullFromHub(ctx context.Context, name string, flags pullFlags) error {
	if flags.connections < 0 {
		return usagef("--connections takes a whole number of at least 0")
	}
	p := hubPuller{hub.Options{Projector: a.config.String(config.MMProj), Connections: flags.connections}}
	f, client, err := p.client(name)
	if err != nil {
		return err
	}
	if flags.dryRun {
		return a.planPull(ctx, client, f, flags)
	}
	if err := a.pull(ctx, p, name); err != nil && !a.isHereAnyhow(f, err) {
		return err
	}
	return a.pulled(f, flags)
}

// isHereAnyhow reports whether a model that could not be asked for is here, whole, and says so.
func (a *app) isHereAnyhow(f models.Fetchable, err error) bool {
	if engine.KindOf(err) != engine.Unreachable {
		return false
	}
	if _, missing := models.Find(f.Hub.String(), ""); missing != nil {
		return false
	}
	fmt.Fprintf(a.stderr, "%s is here. Whether there is a newer one could not be asked: %s\n", termtext.Line(f.Written), termtext.Line(a.secrets.hide(err.Error())))
	return true
}

// pullJSON is what was fetched, or would be, for programs.
type pullJSON struct {
	documentHead
	Name         string         `json:"name"`              // as --model takes it, or --encoder
	Kind         string         `json:"kind"`              // "chat" or "encoder"
	Planned      bool           `json:"planned,omitempty"` // nothing was fetched: --dry-run
	Commit       string         `json:"commit,omitempty"`
	Quantization string         `json:"quantization,omitempty"`
	Model        string         `json:"model,omitempty"`     // path
	Projector    string         `json:"projector,omitempty"` // path
	Files        []pullFileJSON `json:"files"`
	Size         int64          `json:"size"` // bytes of all files
}

// pullFileJSON is one of the files: by its path in the repository if it is planned, else by
// that on this machine.
type pullFileJSON struct {
	Path   string `json:"path"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256,omitempty"`
}

// planPull prints which files would be fetched.
func (a *app) planPull(ctx context.Context, client *hub.Client, f models.Fetchable, flags pullFlags) error {
	s, err := client.Select(ctx, f.Hub)
	if err != nil {
		return err
	}
	plan := pullJSON{documentHead: documentHead{"vlmchat-pull", 1}, Name: s.Name.String(), Kind: "chat", Planned: true, Commit: s.Commit, Quantization: s.Quantization, Size: s.Size()}
	if len(s.Checkpoint) > 0 {
		plan.Kind, plan.Name = "encoder", s.Name.Repo
	}
	for _, file := range s.Files() {
		plan.Files = append(plan.Files, pullFileJSON{file.Path, file.Size, file.SHA256})
	}
	if flags.asJSON {
		return printJSON(a.stdout, plan)
	}
	table := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, file := range plan.Files {
		fmt.Fprintf(table, "%s\t  %s\n", size(uint64(file.Size)), termtext.Line(file.Path))
	}
	fmt.Fprintf(table, "%s\t  of %s, into %s\n", size(uint64(plan.Size)), termtext.Line(plan.Name), termtext.Line(hub.CacheDir()))
	if err := table.Flush(); err != nil {
		return err
	}
	a.warnBlind(plan.Kind, s.Projector.Path)
	return nil
}

// warnBlind says that a model has no projector.
func (a *app) warnBlind(kind, projector string) {
	if kind == "chat" && projector == "" {
		fmt.Fprintln(a.stderr, "vlmchat: the repository has no projector (mmproj) for it: the model can't see pictures")
	}
}

// pulled checks what was fetched, and says how it is used.
func (a *app) pulled(f models.Fetchable, flags pullFlags) error {
	result := pullJSON{documentHead: documentHead{"vlmchat-pull", 1}, Name: f.Hub.String(), Kind: "chat"}
	c, err := hub.FindCached(f.Hub)
	files := c.Files
	if err == nil {
		err = models.CheckFiles(c.Model, c.Projector)
		result.Name, result.Commit, result.Quantization, result.Model, result.Projector = c.Name.String(), c.Commit, c.Quantization, c.Model, c.Projector
	} else if e, encoderErr := models.FindEncoder(f.Hub.Repo); encoderErr == nil && e.Folder != "" {
		result.Kind, result.Name, result.Model = "encoder", f.Hub.Repo, e.Folder
		files, err = filesOfFolder(e.Folder)
	}
	if err != nil {
		return err
	}
	for _, path := range files {
		fi, err := os.Stat(path)
		if err != nil {
			return err
		}
		result.Files = append(result.Files, pullFileJSON{Path: path, Size: fi.Size()})
		result.Size += fi.Size()
	}
	if flags.asJSON {
		err = printJSON(a.stdout, result)
	} else {
		_, err = fmt.Fprintln(a.stdout, termtext.Line(result.Name))
	}
	if err != nil {
		return err
	}
	a.warnBlind(result.Kind, result.Projector)
	name := result.Name
	if f.Listed != nil {
		name = f.Listed.Name
	}
	use := fmt.Sprintf("vlmchat -m %s photo.jpg", termtext.Line(name))
	if result.Kind == "encoder" {
		use = fmt.Sprintf("vlmchat classify photo.jpg --labels cat,dog --encoder %s", termtext.Line(name))
	}
	if isTerminal(a.stderr) {
		fmt.Fprintf(a.stderr, "It is there. Ask it about a picture: %s\n", use)
	}
	return nil
}

// filesOfFolder are the paths of the files of a checkpoint.
func filesOfFolder(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	var files []string
	for _, entry := range entries {
		if !entry.IsDir() {
			files = append(files, filepath.Join(dir, entry.Name()))
		}
	}
	return files, err
}

// notCurated is the error about a short name that is not in the list.
func notCurated(name string, err error) error {
	var names []string
	for _, c := range catalogue.All() {
		names = append(names, c.Name)
	}
	e := &engine.Error{
		Kind:    engine.ModelNotFound,
		Message: fmt.Sprintf("%s is neither of the curated list nor a repository at Hugging Face", name),
		Hint: "'vlmchat models list --curated' has the list; owner/repository is any model in GGUF format;\n" +
			"'vlmchat models pull -b ollama NAME' has Ollama fetch one",
		Err: err,
	}
	if near := spelling.Nearest(strings.ToLower(name), names, 1+len(name)/4); near != "" {
		e.Hint = "you may mean " + near
	}
	return e
}
