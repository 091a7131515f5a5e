package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/tasks"
)

// vqaFlags are the flags of 'vlmchat ask'.
type vqaFlags struct {
	recipeFlags
	choices     []string
	form        string
	calibrate   bool
	each        bool
	clipboard   bool
	json, jsonl bool
	quiet       bool
}

// autoForm has the form chosen by the model.
const autoForm = "auto"

func (v *vqaFlags) add(f *pflag.FlagSet) {
	f.StringVarP(&v.prompt, "prompt", "p", "", "the question, in place of an argument; @FILE has it in a file, - is standard input")
	f.StringArrayVar(&v.choices, "choices", nil, "what the answer is one of, with commas; FILE or @FILE with one on each line; may be repeated")
	f.StringVar(&v.form, "form", autoForm, "how the question is put: instruct (\"… using a single word or phrase\"), blip2 (\"Question: … Answer:\"), plain, auto")
	f.StringArrayVar(&v.shots, "shot", nil, "show how to answer by an example, PICTURE=ANSWER or PICTURE=@FILE; may be repeated")
	f.BoolVar(&v.each, "each", false, "ask about each picture by itself, several at once; the answers come in the order of the pictures")
	f.BoolVar(&v.calibrate, "calibrate", false, "with --choices: take off half of what the model says of a blank picture (native engine)")
	f.BoolVar(&v.clipboard, "clipboard", false, "add the picture that was copied, after those that are named")
	f.BoolVar(&v.json, "json", false, "print a JSON object: answer, confidence, choices, model")
	f.BoolVar(&v.jsonl, "jsonl", false, "the same on one line; with --each a line for each picture, also for what can't be read")
	f.BoolVarP(&v.quiet, "quiet", "q", false, "no progress and no notes on a terminal: errors only")
}

func vqaCommand(a *app) *cobra.Command {
	var flags vqaFlags
	cmd := &cobra.Command{
		Use:   "ask PICTURE... QUESTION",
		Short: "Answer a question about pictures in a word or two",
		Long: `Ask answers a question about pictures shortly, as datasets of visual questions have it,
and says with --json how sure the model was. With --choices the answer is one of them: the
native engine tells how likely it is to say each, other engines are asked for a letter.

Several pictures are one question about all of them, unless --each says otherwise. The
argument with blanks that is no file is the question; it may be on standard input, too.
For answers in full there is 'vlmchat -p'.`,
		Example: `  vlmchat ask photo.jpg "What color is the heart?"
  vlmchat ask before.png after.png "Which image has more objects?"
  vlmchat ask photo.jpg "Where is the heart?" --choices "top left,center,bottom right"
  vlmchat ask --each photos/*.jpg "Is there a star?" --choices yes,no
  vlmchat ask photo.jpg "What is it?" --json
  vlmchat ask photo.jpg "What is it?" --shot before.png="a nine"    in the manner of an example
  echo "How many objects are there?" | vlmchat ask photo.jpg`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			flags.hasPrompt = cmd.Flags().Changed("prompt")
			return a.answerShortly(cmd.Context(), flags, args)
		},
	}
	f := cmd.Flags()
	flags.add(f)
	a.regions.add(f)
	addSettingsBut(f, slices.Concat(ofChat, ofKept, []string{config.Encoder, config.Preview, config.PassURLs})...)
	f.SortFlags = false
	return cmd
}

// check refuses flags that make no sense.
func (v *vqaFlags) check() error {
	switch {
	case !slices.Contains([]string{autoForm, string(tasks.FormInstruct), string(tasks.FormBLIP2), string(tasks.FormPlain)}, v.form):
		return usagef("--form %q is none of auto, instruct, blip2, plain", v.form)
	case v.calibrate && len(v.choices) == 0:
		return usagef("--calibrate is about choices, and there are none: --choices names them")
	case v.json && v.jsonl:
		return usagef("--json prints one object and --jsonl one on each line: leave one of them out")
	}
	return nil
}

// answerShortly answers a question about all pictures, or about each.
func (a *app) answerShortly(ctx context.Context, flags vqaFlags, args []string) error {
	collectLate()
	if err := flags.check(); err != nil {
		return err
	}
	sources, question, err := a.pickQuestion(ctx, "question", args, flags.prompt, flags.hasPrompt)
	if err != nil {
		return err
	}
	if len(sources) == 0 && !flags.clipboard {
		return usagef("ask takes pictures and a question about them; see vlmchat ask --help")
	}
	var choices []tasks.Label
	if len(flags.choices) > 0 {
		if choices, err = a.labels(ctx, flags.choices, true); err != nil {
			return err
		}
		if err := (tasks.Chooser{Choices: choices}).Check(); err != nil {
			return err
		}
	}
	if err := a.setUpLoader(); err != nil {
		return err
	}
	w, err := a.answerer(ctx, flags.quiet)
	if err != nil {
		return err
	}
	defer w.Close()
	form := a.form(flags.form)
	if w.how, err = a.recipe(ctx, flags.recipeFlags, form.Put(question), w.setup); err != nil {
		return err
	}
	w.steady(shortTokens)
	if err := w.load(ctx); err != nil {
		return err
	}
	q := &vqa{answerer: w, flags: flags, question: question, form: form, choices: choices}
	if flags.each {
		return eachPicture(ctx, a, w.status, a.readEach(ctx, sources, flags.clipboard), w.jobs,
			func(ctx context.Context, one *asked[vqaAnswer]) (vqaAnswer, error) {
				return q.answer(ctx, []engine.Part{{Picture: one.picture}}, nil)
			}, func(one *asked[vqaAnswer]) error { return q.take(ctx, one) })
	}
	return q.all(ctx, sources)
}

// shortTokens is how many tokens a short answer has at most.
const shortTokens = 30

// form is how questions are put to the model that is set. BLIP-2 and its like were not trained
// to follow instructions; they are known by their names.
func (a *app) form(written string) tasks.Form {
	switch {
	case written != autoForm:
		return tasks.Form(written)
	case strings.Contains(strings.ToLower(a.config.String(config.Model)), "blip"):
		return tasks.FormBLIP2
	}
	return tasks.FormInstruct
}

// pickQuestion tells the pictures among some arguments from the question about them, or
// whatever else what calls it. It is what -p says, the argument with blanks that is no file,
// the last one if it ends like a question, or standard input.
func (a *app) pickQuestion(ctx context.Context, what string, args []string, prompt string, given bool) (sources []string, text string, err error) {
	if given {
		if prompt == "-" && slices.Contains(args, "-") {
			return nil, "", usagef("standard input (-) can't be both the %s and a picture", what)
		}
		text, err = a.promptText(ctx, prompt)
		if err == nil && strings.TrimSpace(text) == "" {
			err = usagef("the %s is empty", what)
		}
		return args, text, err
	}
	var found []int
	for i, arg := range args {
		if isText(arg) && !isFile(arg) {
			found = append(found, i)
		}
	}
	if last := len(args) - 1; len(found) == 0 && last >= 0 && strings.HasSuffix(args[last], "?") && !images.IsURL(args[last]) && !isFile(args[last]) {
		found = []int{last}
	}
	switch {
	case len(found) > 1:
		return nil, "", usagef("both %q and %q could be the %s, as neither is a file: -p names it", args[found[0]], args[found[1]], what)
	case len(found) == 1:
		sources = slices.Delete(slices.Clone(args), found[0], found[0]+1)
		return sources, args[found[0]], nil
	}
	from := "-"
	sources = args
	if i := slices.Index(args, "-"); i >= 0 && len(args) > 1 {
		sources = slices.Delete(slices.Clone(args), i, i+1) // the question is on standard input: it is nowhere else
	} else if i >= 0 || isTerminal(a.stdin) || len(args) == 0 {
		return nil, "", usagef("there is no %s: write it behind the pictures, or with -p, or put it on standard input", what)
	}
	text, err = a.promptText(ctx, from)
	if err == nil && strings.TrimSpace(text) == "" {
		err = usagef("there is no %s: write it behind the pictures, or with -p, or put it on standard input", what)
	}
	return sources, text, err
}

// isText tells whether an argument looks like a text, by its blanks.
func isText(arg string) bool {
	return strings.ContainsAny(strings.TrimSpace(arg), " \n") && !images.IsURL(arg)
}
