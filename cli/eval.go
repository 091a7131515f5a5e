package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/datasets"
	"github.com/vlmchat/vlmchat/tasks"
)

// evalFlags are the flags of the commands of 'vlmchat eval'. Some of them have not all.
type evalFlags struct {
	task        datasets.Task
	data        string
	images      string
	questions   string
	split       string
	limit       int
	predictions string

	output      string
	overwrite   bool
	retryErrors bool
	strict      bool
	json        bool
	quiet       bool

	prompt     string
	hasPrompt  bool
	template   string
	fields     []string
	shots      int
	shotData   string
	shotImages string
	shotSplit  string
	shotSeed   uint64
	augment    string
	tiles      []string

	sentences     []string // of classify, with {} for the label
	noCalibration bool

	jobs      int
	maxErrors int
	timeout   string
}

// evalCommand is 'vlmchat eval': how good a model is at what.
func evalCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "eval",
		Short: "Measure how well a model answers, classifies, finds and predicts",
		Long: `Eval asks a model about the items of a dataset and scores what it says with the field's
metrics, or scores answers that are there already. docs/evaluation.md has the layouts of
datasets, what the metrics are and how it is asked.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(evalVQACommand(a), evalClassifyCommand(a), evalRetrievalCommand(a), evalPerplexityCommand(a))
	cmd.AddCommand(evalDiffCommand(a))
	return cmd
}

func evalVQACommand(a *app) *cobra.Command {
	cmd, flags := a.evalTask(datasets.VQA, "Score answers to questions: VQA accuracy")
	cmd.Long = `Each question is asked for a short answer with temperature 0, which is compared with those that
people gave as the VQA challenge does it. A question with choices is answered by which of them
the model is likeliest to say, where its engine tells that.

With -o the answers are kept in a folder beside the report, and the same command goes on where
it was interrupted.`
	cmd.Example = `  vlmchat eval vqa --data questions.jsonl
  vlmchat eval vqa --data questions.jsonl -o runs/tiny          keep answers and report
  vlmchat eval vqa --data questions.jsonl -p "{question} Answer with one word."
  vlmchat eval vqa --data questions.jsonl --augment --limit 4   how robust it is
  vlmchat eval vqa --data questions.jsonl --tiles 2x2 --limit 4   what tiles gain or cost
  vlmchat eval vqa --data questions.jsonl --shots 2 --shot-data train.jsonl
  vlmchat eval vqa --data questions.jsonl --predictions answers.jsonl`
	f := cmd.Flags()
	f.StringVar(&flags.questions, "questions", "", "VQAv2's file of questions (default: beside that of the answers)")
	flags.addAsked(f)
	flags.addChanged(f)
	flags.addRun(f)
	addSettingsBut(f, slices.Concat(ofChat, ofKept, []string{config.Preview})...)
	return cmd
}

func evalClassifyCommand(a *app) *cobra.Command {
	cmd, flags := a.evalTask(datasets.Classify, "Score labels: top-1 and top-5 accuracy")
	cmd.Long = `Each picture is classified as 'vlmchat classify' does it: by an encoder (--encoder), or by how
likely a chat model (-m) is to answer with each label.`
	cmd.Example = `  vlmchat eval classify --data labels.jsonl
  vlmchat eval classify --data labels.jsonl --template "a picture of a {}." --augment
  vlmchat eval classify --data labels.jsonl -m gemma-3-4b.gguf -o runs/gemma`
	f := cmd.Flags()
	f.StringArrayVar(&flags.sentences, "template", nil, fmt.Sprintf("sentence about a label, with {} for it, for encoders; may be repeated, @FILE has one on each line (default %q)", tasks.DefaultTemplate))
	f.BoolVar(&flags.noCalibration, "no-calibration", false, "of a chat model: don't take off what it says of a blank picture")
	flags.addAugment(f)
	flags.addRun(f)
	addSettingsBut(f, slices.Concat(ofChat, ofKept, ofAsking, namesOf(config.Sampling), []string{config.Preview, config.MaxPixels})...)
	return cmd
}

func evalRetrievalCommand(a *app) *cobra.Command {
	cmd, flags := a.evalTask(datasets.Retrieval, "Score searches, of pictures by texts and back: recall, MRR, mAP")
	cmd.Long = `All pictures and captions of the dataset are encoded (--encoder), each caption searches among the
pictures for its own, and each picture among the captions for those that belong to it.`
	cmd.Example = `  vlmchat eval retrieval --data captions.jsonl
  vlmchat eval retrieval --data captions.jsonl --encoder clip-vit-base-patch32 -o runs/clip`
	f := cmd.Flags()
	flags.addAugment(f)
	flags.addRun(f)
	addSettings(f, ofEncoders...)
	return cmd
}

func evalPerplexityCommand(a *app) *cobra.Command {
	cmd, flags := a.evalTask(datasets.Perplexity, "Score how well a model predicts the texts about pictures")
	cmd.Long = `Of the texts of each picture the log-probability is asked, given the picture and the prompt, and
once more with a blank picture: the difference is what the picture tells of them.`
	cmd.Example = `  vlmchat eval perplexity --data captions.jsonl --limit 4
  vlmchat eval perplexity --data captions.jsonl -p "Describe this image."`
	f := cmd.Flags()
	flags.addAsked(f)
	flags.addChanged(f)
	flags.addRun(f)
	addSettingsBut(f, slices.Concat(ofChat, ofKept, ofWriting, namesOf(config.Sampling), []string{config.Preview})...)
	return cmd
}

// ofWriting are the settings of answers that are written: of a text whose likelihood is asked
// there are none.
var ofWriting = []string{config.Temperature, config.TopP, config.MaxTokens, config.Seed, config.Thinking}

// evalTask makes the command of a task, with the flags that all have.
func (a *app) evalTask(task datasets.Task, short string) (*cobra.Command, *evalFlags) {
	flags := &evalFlags{task: task}
	cmd := &cobra.Command{
		Use:   string(task) + " --data FILE",
		Short: short,
		Args:  flags.noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			flags.hasPrompt = cmd.Flags().Changed("prompt")
			return a.eval(cmd.Context(), *flags)
		},
	}
	f := cmd.Flags()
	f.StringVar(&flags.data, "data", "", "the dataset: COCO's, VQAv2's or Karpathy's JSON, JSONL, or a folder")
	f.StringVar(&flags.images, "images", "", "folder of the pictures (default: that of the dataset)")
	f.StringVar(&flags.split, "split", "", `of a dataset that has several: "test", "val" (default: test)`)
	f.IntVar(&flags.limit, "limit", 0, "ask about the first items alone, so many")
	f.StringVar(&flags.predictions, "predictions", "", "score the answers in this file, or in the folder of a run, and ask nothing")
	f.StringVarP(&flags.output, "output", "o", "", "folder of answers, report.json and report.html; a run that finds its answers goes on with them")
	f.BoolVar(&flags.json, "json", false, "print the report as a JSON object")
	f.SortFlags = false
	return cmd, flags
}

// noArguments refuses arguments; what belongs to --augment is often written behind it.
func (e *evalFlags) noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 1 && e.augment == allAugments {
		if _, err := parseAugments(args[0]); err == nil {
			return usagef("write --augment=%s, with the =", args[0])
		}
	}
	if len(args) > 0 && e.data == "" {
		return usagef("%s takes no argument %q: --data names the dataset", command(cmd), args[0])
	}
	return noArguments(cmd, args)
}

// addAsked declares how a chat model is asked.
func (e *evalFlags) addAsked(f *pflag.FlagSet) {
	f.StringVarP(&e.prompt, "prompt", "p", "", "ask this, where {question} is the item's question; @FILE asks what is in a file")
	f.StringVarP(&e.template, "template", "t", "", "ask the prompt of this name, of 'vlmchat prompts list'; its field question is the item's")
	f.StringArrayVarP(&e.fields, "field", "F", nil, "fill in a field of the prompt, NAME=VALUE; may be repeated")
	f.IntVar(&e.shots, "shots", 0, "show so many examples before each item, pictures and answers")
	f.StringVar(&e.shotData, "shot-data", "", "dataset from which examples are drawn, such as a training split")
	f.StringVar(&e.shotImages, "shot-images", "", "folder of the examples' pictures (default: that of their dataset)")
	f.StringVar(&e.shotSplit, "shot-split", "", "of a dataset of examples that has several (default: train)")
	f.Uint64Var(&e.shotSeed, "shot-seed", 0, "draw other examples by another seed")
}

// addChanged declares with what pictures items are asked once more.
func (e *evalFlags) addChanged(f *pflag.FlagSet) {
	e.addAugment(f)
	f.StringArrayVar(&e.tiles, "tiles", nil, "ask also with each picture's tiles, such as 2x2 (columns and rows); may be repeated")
}

func (e *evalFlags) addAugment(f *pflag.FlagSet) {
	f.StringVar(&e.augment, "augment", "", "ask also with changed pictures: crop, flip, jitter, and all three; --augment=flip,jitter chooses")
	f.Lookup("augment").NoOptDefVal = allAugments
}

// addRun declares how a run goes.
func (e *evalFlags) addRun(f *pflag.FlagSet) {
	f.BoolVar(&e.overwrite, "overwrite", false, "begin the answers in the folder anew")
	f.BoolVar(&e.retryErrors, "retry-errors", false, "ask again about what failed, also where it is likely to fail again")
	f.BoolVar(&e.strict, "strict", false, "fail where pictures are missing or can't be read (code 3)")
	f.IntVarP(&e.jobs, "jobs", "j", 0, "items that are asked at once (default: what --parallel says, or 4 for each server)")
	f.IntVar(&e.maxErrors, "max-errors", 0, "stop after so many errors; 0 never does")
	f.StringVar(&e.timeout, "timeout", "", "longest time for an item, such as 90s or 5m")
	f.BoolVarP(&e.quiet, "quiet", "q", false, "no progress and no notes on a terminal: errors only")
}

// check refuses flags that make no sense, and reads those that are more than a text.
func (e *evalFlags) check() (timeout time.Duration, err error) {
	for name, n := range map[string]int{"--jobs": e.jobs, "--max-errors": e.maxErrors, "--limit": e.limit, "--shots": e.shots} {
		if n < 0 {
			return 0, usagef("%s %d is below 0", name, n)
		}
	}
	switch {
	case e.data == "":
		return 0, usagef("there is no dataset: --data names it, such as --data %s.jsonl", exampleData[e.task])
	case e.predictions != "" && (e.hasPrompt || e.template != "" || e.shots > 0 || e.augment != "" || len(e.tiles) > 0):
		return 0, usagef("--predictions scores answers that are there: how to ask is of no use with it")
	case e.output == "" && (e.overwrite || e.retryErrors):
		return 0, usagef("--overwrite and --retry-errors are about answers that are kept: -o names their folder")
	case e.shots > 0 && e.shotData == "":
		return 0, usagef("--shots %d are drawn from a dataset, such as a training split: --shot-data names it", e.shots)
	case e.shots == 0 && e.shotData != "":
		return 0, usagef("--shot-data is what examples are drawn from: --shots says how many")
	case e.hasPrompt && e.template != "":
		return 0, usagef("-p and -t are two ways to ask: leave one of them out")
	case e.template == "" && len(e.fields) > 0:
		return 0, usagef("--field fills in a field of a prompt of the library: -t names it")
	}
	if e.timeout != "" {
		text := e.timeout
		if _, err := strconv.Atoi(text); err == nil {
			text += "s"
		}
		if timeout, err = time.ParseDuration(text); err != nil || timeout <= 0 {
			return 0, usagef("--timeout %q is no time span such as 90s or 5m", e.timeout)
		}
	}
	return timeout, nil
}

// exampleData are what the files of examples are called.
var exampleData = map[datasets.Task]string{
	datasets.VQA: "questions", datasets.Classify: "labels", datasets.Retrieval: "captions", datasets.Perplexity: "captions",
}

// dataset reads what is evaluated on.
func (e *evalFlags) dataset(ctx context.Context) (*datasets.Set, error) {
	return datasets.Read(ctx, e.task, e.data, datasets.Options{
		Images: e.images, Questions: e.questions, Split: e.split, Limit: e.limit, Answered: e.predictions != "",
	})
}

// eval asks about a dataset, or takes the answers that are there, and reports the scores.
func (a *app) eval(ctx context.Context, flags evalFlags) error {
	collectLate()
	timeout, err := flags.check()
	if err != nil {
		return err
	}
	if err := a.setUpLoader(); err != nil {
		return err
	}
	set, err := flags.dataset(ctx)
	if err != nil {
		return dataError(err)
	}
	e := &evaluation{app: a, flags: flags, set: set, timeout: timeout, status: newStatus(a.stderr)}
	if flags.quiet {
		e.status = &status{}
	}
	if err := e.tellProblems(); err != nil {
		return err
	}
	if flags.predictions != "" {
		return e.scoreGiven(ctx)
	}
	return e.ask(ctx)
}

// mostTold is how many problems of a dataset are told one by one.
const mostTold = 5

// dataError is an error of a dataset, with what to do.
func dataError(err error) error {
	if wrong, ok := errors.AsType[*datasets.Error](err); ok && wrong.Hint != "" {
		return usageError{fmt.Errorf("%w; %s", err, wrong.Hint)}
	}
	return usageError{err}
}

// tellOf says what is wrong with some items, the first ones by themselves, and counts them.
func (e *evaluation) tellOf(what string, problems []datasets.Problem) map[datasets.ProblemKind]int {
	counts := map[datasets.ProblemKind]int{}
	var kinds []datasets.ProblemKind
	for i, p := range problems {
		if counts[p.Kind]++; counts[p.Kind] == 1 {
			kinds = append(kinds, p.Kind)
		}
		if i < mostTold {
			e.warn("%s: %s", p.Place, p.Detail)
		}
	}
	if more := len(problems) - mostTold; more > 0 {
		e.warn("and %s more like these", thousands(more))
	}
	var parts []string
	for _, kind := range kinds {
		parts = append(parts, fmt.Sprintf("%s %s", thousands(counts[kind]), kind))
	}
	if len(parts) > 0 {
		e.warn("of %s: %s", what, strings.Join(parts, ", "))
	}
	return counts
}

// tellProblems says what of the dataset can't be asked, or is not understood.
func (e *evaluation) tellProblems() error {
	counts := e.tellOf("the dataset", e.set.Problems)
	if e.flags.strict && counts[datasets.MissingPicture] > 0 {
		e.warn("--strict: nothing is asked")
		return someFailed{counts[datasets.MissingPicture], exitPicture}
	}
	if len(e.set.Items) == 0 {
		return usagef("there is nothing to ask about: %s has no item that could be asked", e.flags.data)
	}
	return nil
}
