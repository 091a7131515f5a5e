package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/tasks"
	"github.com/vlmchat/vlmchat/termtext"
)

// classifyFlags are the flags of 'vlmchat classify'.
type classifyFlags struct {
	labels        []string
	templates     []string
	multi         bool
	top           int
	threshold     float64
	noCalibration bool
	clipboard     bool
	json, jsonl   bool
	quiet         bool

	hasTop, hasThreshold bool
}

func (c *classifyFlags) add(f *pflag.FlagSet) {
	f.StringArrayVarP(&c.labels, "labels", "l", nil, "what there is to choose from, with commas; FILE or @FILE with one on each line, or - for standard input; may be repeated")
	f.StringArrayVar(&c.templates, "template", nil, fmt.Sprintf("sentence about a label, with {} for it, for encoders; may be repeated, @FILE has one on each line (default %q)", tasks.DefaultTemplate))
	f.BoolVar(&c.multi, "multi", false, "several labels may fit, or none: each has a probability of its own, and those below --threshold are left out")
	f.IntVarP(&c.top, "top", "k", 0, "print the likeliest labels alone, so many (default: all; one into a pipe)")
	f.Float64Var(&c.threshold, "threshold", 0, "print labels of at least this probability, from 0 to 1 (default: 0.5 with --multi)")
	f.BoolVar(&c.noCalibration, "no-calibration", false, "of a chat model: don't take off what it says of a blank picture")
	f.BoolVar(&c.clipboard, "clipboard", false, "add the picture that was copied, after those that are named")
	f.BoolVar(&c.json, "json", false, "print a JSON object for each picture: labels, model, method")
	f.BoolVar(&c.jsonl, "jsonl", false, "the same on one line each, with a line for what can't be read, too")
	f.BoolVarP(&c.quiet, "quiet", "q", false, "no progress and no notes on a terminal: errors only")
}

// ofAsking are the settings of answers that are written, which a classification has none of.
var ofAsking = []string{config.System, config.Temperature, config.TopP, config.MaxTokens, config.Seed, config.Thinking, config.NoSave}

func classifyCommand(a *app) *cobra.Command {
	var flags classifyFlags
	cmd := &cobra.Command{
		Use:   "classify PICTURE... --labels A,B,C",
		Short: "Tell which of some labels fit pictures, and how probably",
		Long: `Classify tells how probable each label is for each picture. An encoder (--encoder, a
CLIP or SigLIP checkpoint) tells it by how near the picture is to a sentence about the
label; a chat model (-m) by how likely it is to answer with it. Without either that is
named here, it is the encoder of the configuration, or else its model, or else the
built-in encoder, which knows coloured shapes only.

Into a pipe there is a line for each picture: its name, the label and the probability,
with tabs between. docs/tasks.md says how the probabilities are made.`,
		Example: `  vlmchat classify photo.jpg --labels "circle, heart, star"
  vlmchat classify photos/*.jpg -l labels.txt --json
  vlmchat classify photo.jpg -l "red heart, green heart" --template "a picture of a {}." --template "a small {}"
  vlmchat classify photo.jpg -l "heart, star, ring" --multi       several may fit, or none
  vlmchat classify --encoder clip-vit-base-patch32 photo.jpg -l cat,dog
  vlmchat classify -m gemma-3-4b.gguf photo.jpg -l cat,dog`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			flags.hasTop, flags.hasThreshold = cmd.Flags().Changed("top"), cmd.Flags().Changed("threshold")
			return a.classify(cmd.Context(), flags, args)
		},
	}
	f := cmd.Flags()
	flags.add(f)
	a.regions.add(f)
	addSettingsBut(f, slices.Concat(ofChat, ofKept, ofAsking, namesOf(config.Sampling), []string{config.Preview, config.MaxPixels})...)
	f.SortFlags = false
	return cmd
}

// check refuses flags that make no sense.
func (c *classifyFlags) check(sources []string) error {
	switch {
	case len(sources) == 0 && !c.clipboard:
		return usagef("classify takes pictures; see vlmchat classify --help")
	case len(c.labels) == 0:
		return usagef("there is nothing to choose from: --labels names it, such as --labels cat,dog,neither")
	case c.top < 0 || c.top == 0 && c.hasTop:
		return usagef("-k %d is no number of labels", c.top)
	case !(c.threshold >= 0 && c.threshold <= 1): // nor NaN
		return usagef("--threshold %v is no probability from 0 to 1", c.threshold)
	case c.json && c.jsonl:
		return usagef("--json prints one object and --jsonl one on each line: leave one of them out")
	}
	return nil
}

// choice is what there is to choose from.
func (a *app) choice(ctx context.Context, flags classifyFlags, sources []string) (tasks.Choice, error) {
	labels, err := a.labels(ctx, flags.labels, slices.Contains(sources, "-"))
	if err != nil {
		return tasks.Choice{}, err
	}
	c := tasks.Choice{Labels: labels, Multi: flags.multi, Top: flags.top, Threshold: flags.threshold}
	if c.Multi && !flags.hasThreshold {
		c.Threshold = 0.5
	}
	if line := !flags.json && !flags.jsonl && !isTerminal(a.stdout); line && !flags.hasTop && !c.Multi && !flags.hasThreshold {
		c.Top = 1
	}
	return c, c.Check()
}

// classify tells of each picture which labels fit. What is wrong with one is told, and the
// others go on.
func (a *app) classify(ctx context.Context, flags classifyFlags, sources []string) error {
	collectLate()
	if err := flags.check(sources); err != nil {
		return err
	}
	choice, err := a.choice(ctx, flags, sources)
	if err != nil {
		return err
	}
	if err := a.setUpLoader(); err != nil {
		return err
	}
	s := newStatus(a.stderr)
	if flags.quiet {
		s = &status{}
	}
	by, err := a.openClassifier(ctx, flags, s)
	if err != nil {
		return err
	}
	defer by.Close()
	s.doing("reading the labels")
	fitter, err := by.Prepare(ctx, choice, func(done, total int) { s.doing(fmt.Sprintf("reading the labels %d%%", 100*done/max(1, total))) })
	s.clear()
	if err != nil {
		return err
	}
	w := &classifying{app: a, status: s, choice: choice, fitter: fitter, print: a.classPrinter(flags, fitter.Basis(), choice)}
	return w.all(ctx, a.readEach(ctx, sources, flags.clipboard))
}

// classifying is the pictures of one command.
type classifying struct {
	*app
	status *status
	choice tasks.Choice
	fitter tasks.Fitter
	print  classPrinter
	done   int
	some   someFailed
}

// all classifies pictures as they are read, in their order.
func (w *classifying) all(ctx context.Context, read <-chan chan pictureRead) error {
	var batch pictureBatch
	for waiting := range read {
		var next pictureRead
		select {
		case next = <-waiting:
		default: // what is there need not wait for it
			if err := w.take(ctx, &batch); err != nil {
				return err
			}
			select {
			case next = <-waiting:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		for _, note := range next.notes {
			w.status.clear()
			w.status.note(note)
		}
		if next.err != nil {
			if err := w.take(ctx, &batch); err != nil {
				return err
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err := w.failed(next.image(), next.err); err != nil {
				return err
			}
			continue
		}
		for _, p := range next.pictures {
			if batch.add(p); batch.full() {
				if err := w.take(ctx, &batch); err != nil {
					return err
				}
			}
		}
	}
	if err := w.take(ctx, &batch); err != nil {
		return err
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case w.some.failed > 0:
		return w.some
	}
	return nil
}

// take classifies a batch, and empties it. One that fails may do so for one of its pictures.
func (w *classifying) take(ctx context.Context, batch *pictureBatch) error {
	pictures := batch.empty()
	if len(pictures) == 0 {
		return nil
	}
	w.status.doing(fmt.Sprintf("%d classified · %s", w.done, termtext.Line(pictures[0].Source)))
	fits, err := w.fitter.Fit(ctx, pictures, nil)
	w.status.clear()
	if err != nil && len(pictures) > 1 && ofPicture(err) {
		for _, p := range pictures {
			batch.add(p)
			if err := w.take(ctx, batch); err != nil {
				return err
			}
		}
		return nil
	}
	if err != nil {
		if !ofPicture(err) {
			return err
		}
		return w.failed(imageOf(pictures[0]), err)
	}
	for i, p := range pictures {
		found, err := w.choice.Of(fits[i])
		if err == nil {
			err = w.print.found(imageOf(p), found)
		}
		if err != nil {
			return err
		}
		w.done++
	}
	return nil
}

// ofPicture reports whether an error is about a picture, so that others may do.
func ofPicture(err error) bool { return exitCode(err) == exitPicture }

// failed tells what is wrong with a picture.
func (w *classifying) failed(of tasks.Image, err error) error {
	if picture := (*images.Error)(nil); !errors.As(err, &picture) {
		err = fmt.Errorf("%s: %w", of.Source, err)
	}
	w.status.clear()
	w.tell(err)
	if w.some.failed++; w.some.failed == 1 {
		w.some.code = exitCode(err)
	}
	return w.print.failed(of, err)
}
