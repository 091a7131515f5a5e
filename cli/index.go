package cli

import (
	"context"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/spf13/cobra"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/tasks/index"
	"github.com/vlmchat/vlmchat/termtext"
)

// indexFlags are the flags of 'vlmchat index'.
type indexFlags struct {
	index     string
	globs     []string
	documents bool
	rebuild   bool
	retry     bool
	jobs      int
	asJSON    bool
	quiet     bool
}

// indexCommand is 'vlmchat index': pictures that can be searched by what they show.
func indexCommand(a *app) *cobra.Command {
	var flags indexFlags
	cmd := &cobra.Command{
		Use:   "index [FOLDER...]",
		Short: "Put pictures into an index, which 'vlmchat search' searches by words",
		Long: `Index looks at the pictures in folders and in those below, and keeps for each a vector
that says what it shows. Another run looks only at what is new or has changed, and
removes what is gone; without a folder it goes through those that are in the index.
A run that was ended goes on where it was.

The index has vectors, paths, sizes and dates, and no pictures. docs/search.md has more.`,
		Example: `  vlmchat index photos/                          put a folder into the index
  vlmchat index                                  bring the index up to date
  vlmchat index photos/ --glob '*.jpg'           some of the pictures in a folder
  vlmchat index scans/ --documents --index ./work  the pages of PDFs, in an index of their own
  vlmchat index --rebuild                        make the index anew`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return a.index(cmd.Context(), flags, args) },
	}
	f := cmd.Flags()
	indexFlag(f, &flags.index)
	f.StringArrayVar(&flags.globs, "glob", nil, "only pictures with such a name or path, as '*.jpg' or 'holidays/*'; may be repeated")
	f.BoolVar(&flags.documents, "documents", false, "also the pages of PDFs")
	f.BoolVar(&flags.retry, "retry", false, "look again at files that could not be read")
	f.BoolVar(&flags.rebuild, "rebuild", false, "make the vectors of the whole index anew, as with another --encoder")
	f.IntVarP(&flags.jobs, "jobs", "j", 0, "pictures that are read at once (default: one for each core)")
	f.BoolVar(&flags.asJSON, "json", false, "print what was done as a JSON object")
	f.BoolVarP(&flags.quiet, "quiet", "q", false, "no progress and no notes: errors only")
	addSettings(f, append(slices.Clone(ofEncoders), config.Frames)...)
	f.SortFlags = false
	cmd.AddCommand(indexListCommand(a), indexStatsCommand(a), indexCheckCommand(a), indexExportCommand(a), indexRemoveCommand(a))
	return cmd
}

// roots are the folders that are named.
func (flags indexFlags) roots(args []string, frames int) ([]index.Root, error) {
	for _, glob := range flags.globs {
		if err := index.CheckGlob(glob); err != nil {
			return nil, usagef("--glob %q is no pattern: %w", glob, err)
		}
	}
	var roots []index.Root
	for _, name := range args {
		if images.IsURL(name) || name == "-" {
			return nil, usagef("index takes folders and files of this machine, and not %s", termtext.Line(name))
		}
		paths := images.Paths(name) // as it may have been dragged here
		path, err := filepath.Abs(paths[0])
		for _, other := range paths {
			if exists(other) {
				path, err = filepath.Abs(other)
				break
			}
		}
		if err != nil {
			return nil, err
		}
		roots = append(roots, index.Root{Path: path, Options: index.Options{Globs: flags.globs, Documents: flags.documents, Moving: frames > 0}})
	}
	if len(roots) == 0 && (len(flags.globs) > 0 || flags.documents) {
		return nil, usagef("--glob and --documents are about folders, which are named with them")
	}
	return roots, nil
}

func (a *app) index(ctx context.Context, flags indexFlags, args []string) error {
	if flags.jobs < 0 {
		return usagef("--jobs %d is below 0", flags.jobs)
	}
	if err := a.setUpLoader(); err != nil {
		return err
	}
	roots, err := flags.roots(args, a.loader.Frames)
	if err != nil {
		return err
	}
	dir, err := indexDir(flags.index)
	if err != nil {
		return err
	}
	if len(roots) == 0 {
		x, err := index.Open(dir) // there has to be one
		if err != nil && !isBrokenIndex(err) {
			return indexError(err, flags.index)
		}
		if err == nil {
			x.Close()
		}
	}
	progress := a.indexProgress(flags.quiet)
	x, notice, err := index.Recreate(ctx, dir, flags.rebuild)
	if err != nil {
		return err
	}
	defer x.Close()
	if notice != "" {
		progress.tell(notice)
	}
	report, err := a.updateIndex(ctx, x, flags, roots, progress)
	progress.clear()
	if err != nil {
		if ctx.Err() != nil {
			progress.note("What was done is in the index. The same command goes on.")
		}
		return indexError(err, flags.index)
	}
	return a.reportIndex(ctx, x, flags, report, progress)
}

// updateIndex does the work.
func (a *app) updateIndex(ctx context.Context, x *index.Index, flags indexFlags, roots []index.Root, progress *indexProgress) (index.Report, error) {
	s, err := x.State(ctx)
	if err != nil {
		return index.Report{}, err
	}
	if len(roots) == 0 {
		if known, err := x.Roots(ctx); err != nil {
			return index.Report{}, err
		} else if len(known) == 0 {
			return index.Report{}, usagef("the index in %s has no folder yet: name one", x.Dir())
		}
	}
	if !flags.rebuild || a.config[config.Encoder].Place == config.InDefault {
		a.encoderOf(s)
	}
	progress.doing("loading the model")
	encoder, err := a.openEncoder()
	if err != nil {
		return index.Report{}, err
	}
	defer encoder.Close()
	space, err := encoder.Space(ctx)
	if err != nil {
		return index.Report{}, err
	}
	if space.Note != "" {
		progress.tell(space.Note) // before it takes hours
	}
	readers := flags.jobs
	if readers == 0 {
		readers = min(runtime.GOMAXPROCS(0), 8)
	}
	return x.Update(ctx, index.Update{
		Roots: roots, Encoder: encoder, Setting: a.encoderSetting(), Loader: a.loader,
		Rebuild: flags.rebuild, Retry: flags.retry, Readers: readers, Progress: progress.took,
	})
}

// indexReport is what was done, for programs.
type indexReport struct {
	documentHead
	Index  string       `json:"index"`
	Space  engine.Space `json:"space"`
	Counts index.Counts `json:"holds"`
	index.Report
}

// reportIndex says what was done.
func (a *app) reportIndex(ctx context.Context, x *index.Index, flags indexFlags, report index.Report, progress *indexProgress) error {
	s, err := x.State(ctx)
	if err != nil {
		return err
	}
	counts, err := x.Count(ctx)
	if err != nil {
		return err
	}
	for _, note := range report.Notes {
		progress.tell(note)
	}
	if flags.asJSON {
		if err := printJSON(a.stdout, indexReport{documentHead{"vlmchat-index", 1}, x.Dir(), s.Space, counts, report}); err != nil {
			return err
		}
	}
	progress.summary(report, counts)
	if s.Space.Demo {
		progress.note("The built-in model knows coloured shapes and digits. --encoder names one for photographs: docs/models.md.")
	}
	if counts.Pictures == 0 && len(report.Failed) > 0 {
		return someFailed{len(report.Failed), exitPicture}
	}
	return nil
}
