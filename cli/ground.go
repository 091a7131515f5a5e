package cli

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/tasks"
	"github.com/vlmchat/vlmchat/termtext"
)

// groundFlags are the flags of 'vlmchat ground'.
type groundFlags struct {
	recipeFlags
	answer    string
	clipboard bool
	noProbes  bool
	fail      bool
	most      int // claims that are asked back, 0 where the engine decides
	json      bool
	quiet     bool

	hasAnswer bool
}

func (g *groundFlags) add(f *pflag.FlagSet) {
	f.StringVar(&g.answer, "answer", "", "the answer, in place of an argument; @FILE has it in a file, - is standard input")
	f.StringVarP(&g.prompt, "prompt", "p", "", "the question that the answer is to; without an answer it is asked first; @FILE has it in a file")
	f.BoolVar(&g.noProbes, "no-probes", false, "look at the words alone, and ask nothing back")
	f.IntVar(&g.most, "max-claims", 0, fmt.Sprintf("ask back so many claims at most, with two questions for each (default: all, of servers %d)", mostOfServers))
	f.BoolVar(&g.fail, "fail", false, "exit with 1 if a claim is contradicted")
	f.BoolVar(&g.clipboard, "clipboard", false, "add the picture that was copied, after those that are named")
	f.BoolVar(&g.json, "json", false, "print a JSON object: tokens, words, claims with their probes and verdicts")
	f.BoolVarP(&g.quiet, "quiet", "q", false, "no progress and no notes on a terminal: errors only")
}

// usualQuestions are what an answer may be to of which nobody says it. The first is asked
// where there is no answer.
var usualQuestions = []string{"Describe this image.", "Caption this image in one sentence."}

// mostOfServers is how many claims are asked back of a server, unless more are wanted: each
// is two requests, and the server may be paid for them.
const mostOfServers = 25

// errContradicted ends a command with --fail.
var errContradicted = errors.New("a claim is contradicted")

func groundCommand(a *app) *cobra.Command {
	var flags groundFlags
	cmd := &cobra.Command{
		Use:   "ground PICTURE... [ANSWER]",
		Short: "Tell what of an answer the pictures support, and what is guessed or wrong",
		Long: `Ground finds what a model made up. It compares how likely the model is to say each word
of an answer with the pictures and with blank ones, asks the things that the answer names
back one by one ("Is there a red sofa in the image?"), and judges each claim by both:
supported, guessed from language, or contradicted. The claims are found in English.

The answer is an argument, a model's own or anybody's; without one the model is asked first.
Engines that don't tell how likely a given text is, as servers, do the probes alone.

Into a pipe there is a line for each word and each claim: what it is, the text, the verdict,
the weight, and for claims the probability. docs/tasks.md says what the numbers mean.`,
		Example: `  vlmchat ground photo.jpg "A large red star in the center on a black background."
  vlmchat ground photo.jpg -p "What is in this image?"       ask first
  vlmchat caption photo.jpg | cut -f2 | vlmchat ground photo.jpg --answer -
  vlmchat ground photo.jpg "A small green heart." --fail     exit with 1 if that is wrong
  vlmchat ground photo.jpg "A small green heart." --json`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			flags.hasPrompt, flags.hasAnswer = cmd.Flags().Changed("prompt"), cmd.Flags().Changed("answer")
			return a.ground(cmd.Context(), flags, args)
		},
	}
	f := cmd.Flags()
	flags.add(f)
	a.regions.add(f)
	addSettingsBut(f, slices.Concat(ofChat, ofKept, []string{config.Encoder, config.Preview, config.PassURLs})...)
	f.SortFlags = false
	return cmd
}

// given finds the pictures, the question and the answer, "" for one that is to be asked for.
func (g *groundFlags) given(ctx context.Context, a *app, args []string) (sources []string, question, answer string, err error) {
	question = usualQuestions[0]
	if g.hasPrompt {
		if question, err = a.promptText(ctx, g.prompt); err != nil {
			return nil, "", "", err
		}
	}
	written := func(arg string) bool { return !isFile(arg) && isText(arg) }
	switch {
	case g.hasAnswer:
		sources, answer, err = a.pickQuestion(ctx, "answer", args, g.answer, true)
	case slices.ContainsFunc(args, written):
		sources, answer, err = a.pickQuestion(ctx, "answer", args, "", false)
	default:
		sources = args
	}
	if err == nil && len(sources) == 0 && !g.clipboard {
		err = usagef("ground takes pictures, and an answer about them; see vlmchat ground --help")
	}
	return sources, question, termtext.Sanitize(answer), err
}

// ground tells what an answer rests on.
func (a *app) ground(ctx context.Context, flags groundFlags, args []string) error {
	collectLate()
	if flags.most < 0 {
		return usagef("--max-claims %d is no number of claims", flags.most)
	}
	sources, question, answer, err := flags.given(ctx, a, args)
	if err != nil {
		return err
	}
	if err := a.setUpLoader(); err != nil {
		return err
	}
	w, err := a.answerer(ctx, flags.quiet)
	if err != nil {
		return err
	}
	defer w.Close()
	if w.how, err = a.recipe(ctx, recipeFlags{}, question, w.setup); err != nil {
		return err
	}
	w.steady(w.setup.Sampling.MaxTokens)
	listening, finish := reading(ctx, w.status, w.status.note)
	pictures, err := a.picturesToShow(listening, sources)
	if err == nil && flags.clipboard {
		copied, wrong := a.fromClipboard(listening)
		pictures, err = append(pictures, copied...), wrong
	}
	finish()
	if err != nil {
		return err
	}
	if err := w.load(ctx); err != nil {
		return err
	}
	g := &grounded{answerer: w, flags: flags, question: question, parts: engine.PictureParts(pictures...)}
	return g.judge(ctx, answer)
}

// grounded is an answer that is judged.
type grounded struct {
	*answerer
	flags    groundFlags
	question string
	parts    []engine.Part // the pictures

	answer string
	asked  bool             // for the answer
	words  *tasks.Grounding // nil where the engine does not tell
	claims []tasks.Checked
	// leftOut is how many claims were not asked back, as there are more than should be.
	leftOut int
}

// judge finds what the answer rests on, and prints it.
func (g *grounded) judge(ctx context.Context, answer string) error {
	messages := g.how.messages(nil, g.parts)
	if answer == "" {
		said, err := g.asker.Ask(ctx, g.how.request(messages), g.hear)
		g.status.clear()
		if err != nil {
			return err
		}
		if answer, g.asked = termtext.Sanitize(said.Text()), true; answer == "" {
			return &engine.Error{Kind: engine.Failed, Message: "the model answered nothing, so there is nothing to look at"}
		}
	}
	g.answer = answer
	if s, tells := g.tasked.(engine.Scorer); tells {
		if !g.asked && !g.flags.hasPrompt {
			var err error
			if messages, err = g.likeliestQuestion(ctx, s, answer); err != nil {
				return err
			}
		}
		found, err := tasks.Ground(ctx, g.tasked, messages, answer, g.progress("comparing with blank pictures"))
		if err != nil {
			return err
		}
		g.words = &found
	} else {
		if g.flags.noProbes {
			return usagef("this engine does not tell how likely a given text is, so there are the probes alone, and --no-probes leaves them out; the native engine tells it")
		}
		g.status.note("This engine does not tell how likely a given text is: what each word rests on is not known, and claims are judged by asking them back alone")
	}
	if !g.flags.noProbes {
		if err := g.askBack(ctx); err != nil {
			return err
		}
	}
	g.status.clear()
	if err := g.print(ctx); err != nil {
		return err
	}
	if g.flags.fail && slices.ContainsFunc(g.claims, func(c tasks.Checked) bool { return c.Verdict == tasks.ClaimContradicted }) {
		return errContradicted
	}
	return nil
}

// askBack asks for what the answer claims.
func (g *grounded) askBack(ctx context.Context) (err error) {
	claims := tasks.Claims(g.answer)
	most := g.flags.most
	if most == 0 && g.words == nil {
		most = mostOfServers
	}
	if most > 0 && len(claims) > most {
		g.leftOut = len(claims) - most
		claims = claims[:most]
		g.status.note(fmt.Sprintf("The first %d of %d claims are asked back: --max-claims asks more", most, most+g.leftOut))
	}
	if g.claims, err = tasks.Check(ctx, g.tasked, g.parts, claims, g.words, g.progress("asking back")); err != nil {
		return err
	}
	if len(g.claims) == 0 {
		g.status.note("No claims were found in the answer that could be asked back; they are found in English sentences")
	}
	return nil
}

// likeliestQuestion puts the question to which the model would rather give the answer: a
// caption is an odd description, in which more is surprising than what is wrong.
func (g *grounded) likeliestQuestion(ctx context.Context, s engine.Scorer, answer string) ([]engine.Message, error) {
	var best []engine.Message
	most := math.Inf(-1)
	for _, question := range usualQuestions {
		messages := g.how.asking(question).messages(nil, g.parts)
		scores, err := s.Score(ctx, engine.ScoreRequest{Messages: messages, Candidates: []string{answer}})
		if err != nil {
			return nil, err
		}
		if logprob := scores[0].Logprob(); best == nil || logprob > most {
			best, most, g.question = messages, logprob, question
		}
	}
	return best, nil
}

// progress shows how far something is.
func (g *grounded) progress(what string) tasks.Progress {
	return func(done, total int) { g.status.doing(fmt.Sprintf("%s %d%%", what, 100*done/max(1, total))) }
}
