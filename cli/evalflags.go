package cli

import (
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/vlmchat/vlmchat/datasets"
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

	meteor, spice string
}

// noArguments refuses arguments, but for what stands behind --augment: a flag that has a value
// when nothing follows takes none without the =.
func (e *evalFlags) noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 1 && e.augment == allAugments {
		if _, err := parseAugments(args[0]); err == nil {
			e.augment = args[0]
			return nil
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
	f.StringVar(&e.augment, "augment", "", "ask also with changed pictures: crop, flip, jitter, and all three; \"--augment flip,jitter\" chooses")
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
	return timeLimit(e.timeout)
}

// exampleData are what the files of examples are called.
var exampleData = map[datasets.Task]string{
	datasets.Caption: "captions", datasets.VQA: "questions", datasets.Classify: "labels", datasets.Retrieval: "captions", datasets.Perplexity: "captions",
}
