package cli

import (
	"context"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/ui"
)

// askFlags are the flags of a question asked by a script.
type askFlags struct {
	recipeFlags
	messages  string
	clipboard bool
	each      bool
	json      bool
	jsonl     bool
	extract   bool
	output    string
	quiet     bool
	timeout   string
	limit     time.Duration // that --timeout says; 0 for none
	save      bool
	resume    resumeFlags

	found *ui.Search // what a chat begins with, to be picked from; nil for nothing
	index string     // that /search is about, "" for the usual one
}

func (f *askFlags) add(set *pflag.FlagSet) {
	f.recipeFlags.add(set)
	set.StringVar(&f.messages, "messages", "", "answer the conversation in this file (OpenAI messages format)")
	set.BoolVar(&f.clipboard, "clipboard", false, "add the picture that was copied, after those that are named")
	set.BoolVar(&f.each, "each", false, "ask about each picture by itself, several at once; the answers come in the order of the pictures")
	f.resume.add(set)
	set.BoolVar(&f.save, "save", false, "keep the question and its answer as a new conversation")
}

func (f *askFlags) addOutput(set *pflag.FlagSet) {
	set.StringVarP(&f.output, "output", "o", "", "write the answer to this file once it is whole; a question that fails leaves the file as it was")
	set.BoolVar(&f.json, "json", false, "print one JSON object: answer, model, images, usage, timings")
	set.BoolVar(&f.jsonl, "jsonl", false, "print what happens as it happens, a JSON object on each line")
	set.BoolVarP(&f.extract, "extract", "x", false, "print the first fenced code block of the answer alone, where it has one")
	set.BoolVarP(&f.quiet, "quiet", "q", false, "no progress and no notes on a terminal: errors only")
	set.StringVar(&f.timeout, "timeout", "", "longest time for the whole question, such as 30s or 5m; with --each for each of them")
}

// scripted tells whether any flag says that something is asked at once. How an answer is
// printed says so on the command line alone: by a variable, it is for whenever something is.
func (f *askFlags) scripted(line []string) bool {
	on := func(flag string) bool { return slices.Contains(line, flag) }
	return f.given() || f.messages != "" || f.json && on("json") || f.jsonl && on("jsonl") || f.each && on("each") ||
		f.extract && on("extract") || f.output != "" && on("output") || f.save && on("save")
}

// check refuses flags that contradict each other, and reads --timeout.
func (f *askFlags) check(a *app) error {
	noSave, _ := a.flags(config.NoSave)
	going := f.resume.last || f.resume.named
	switch {
	case f.json && f.jsonl:
		return usagef("--json prints one object and --jsonl one for each event: leave one of them out")
	case f.extract && (f.json || f.jsonl):
		return usagef("--extract prints a part of the answer as it is, which is no JSON: leave out --json and --jsonl")
	case len(f.fields) > 0 && f.template == "":
		return usagef("--field fills in a prompt of the library: -t names it")
	case f.logprobs < 0:
		return usagef("--logprobs %d is no number of tokens", f.logprobs)
	case f.logprobs > 0 && !f.json && !f.jsonl:
		return usagef("--logprobs are part of what --json and --jsonl print: add one of them")
	case f.save && noSave == "true":
		return usagef("--save keeps the conversation and --no-save does not: leave one of them out")
	case f.save && f.messages != "":
		return usagef("--messages is a conversation of its own, which --save does not keep; 'vlmchat sessions import' keeps one")
	case f.each && (going || f.save):
		return usagef("--each asks several questions, which are no conversation: leave it out, or --continue, --resume and --save")
	}
	var err error
	f.limit, err = timeLimit(f.timeout)
	return err
}

// timeLimit reads what --timeout says, in seconds where there is no unit; 0 for nothing.
func timeLimit(written string) (time.Duration, error) {
	if written == "" {
		return 0, nil
	}
	text := written
	if _, err := strconv.Atoi(text); err == nil {
		text += "s"
	}
	limit, err := time.ParseDuration(text)
	if err != nil || limit <= 0 {
		return 0, usagef("--timeout %q is no time span such as 90s or 5m", written)
	}
	return limit, nil
}

// printer prints an answer to w as the flags say.
func (f *askFlags) printer(a *app, w io.Writer) printer {
	switch {
	case f.jsonl:
		return &eventPrinter{w: w, hide: a.secrets.hide}
	case f.json:
		return &jsonPrinter{w: w, line: f.each}
	}
	p := newTextPrinter(w, a.stderr, f.extract)
	if !f.each && isTerminal(a.stdout) && isTerminal(a.stderr) {
		p.log = a.aside
	}
	return p
}

// status is where progress and notes go.
func (f *askFlags) status(a *app) *status {
	if f.quiet {
		return &status{}
	}
	return newStatus(a.stderr)
}

// errLate ends a question for which --timeout allows no more time.
var errLate = errors.New("the time that --timeout allows is over")

// within bounds the time of a question.
func (f *askFlags) within(ctx context.Context) (context.Context, context.CancelFunc) {
	if f.limit == 0 {
		return ctx, func() {}
	}
	return context.WithTimeoutCause(ctx, f.limit, errLate)
}

// late returns the error of a question that was bounded: that of its time if that is why
// it failed.
func (f *askFlags) late(ctx context.Context, err error) error {
	if err == nil || !errors.Is(context.Cause(ctx), errLate) {
		return err
	}
	return &engine.Error{
		Kind: engine.TimedOut, Err: errLate,
		Message: "the question was not answered within " + strings.Replace(f.limit.String(), "m0s", "m", 1) + ", which is what --timeout allows",
		Hint:    "allow more time, or a shorter answer with --max-tokens",
	}
}
