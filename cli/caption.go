package cli

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/tasks"
)

// captionStyle is a kind of caption.
type captionStyle struct {
	prompt string // of the library, which asks for it
	tokens int    // it has at most
	bare   bool   // without "an image of"
	most   int    // characters, 0 for any number
}

// captionStyles are those that --style names. 50 tokens are BLIP's captions
// (arXiv:2201.12086), 125 characters what screen readers were found to say in one go.
var captionStyles = map[string]captionStyle{
	"short":    {prompt: "caption", tokens: 50},
	"detailed": {prompt: "describe-in-detail", tokens: 512},
	"alt":      {prompt: "alt-text", tokens: 100, bare: true, most: 125},
}

// captionFlags are the flags of 'vlmchat caption'.
type captionFlags struct {
	recipeFlags
	style       string
	alt         bool
	most        int
	clipboard   bool
	json, jsonl bool
	quiet       bool

	hasMost bool
}

func (c *captionFlags) add(f *pflag.FlagSet) {
	f.StringVar(&c.style, "style", "short", "what kind of caption: short (a sentence), detailed (a paragraph), alt (alt text)")
	f.BoolVar(&c.alt, "alt", false, "the same as --style alt: without \"an image of\", at most 125 characters")
	f.IntVar(&c.most, "max-characters", 0, "so many characters at most (default: 125 for alt text)")
	f.StringVarP(&c.prompt, "prompt", "p", "", "ask in these words; @FILE has them in a file")
	f.StringArrayVarP(&c.fields, "field", "F", nil, "fill in a field of the style's prompt, such as language=German; may be repeated")
	f.StringArrayVar(&c.shots, "shot", nil, "show how to caption by an example, PICTURE=CAPTION or PICTURE=@FILE; may be repeated")
	f.BoolVar(&c.clipboard, "clipboard", false, "add the picture that was copied, after those that are named")
	f.BoolVar(&c.json, "json", false, "print a JSON object for each picture: caption, confidence, model")
	f.BoolVar(&c.jsonl, "jsonl", false, "the same on one line each, with a line for what can't be read, too")
	f.BoolVarP(&c.quiet, "quiet", "q", false, "no progress and no notes on a terminal: errors only")
}

func captionCommand(a *app) *cobra.Command {
	var flags captionFlags
	cmd := &cobra.Command{
		Use:   "caption PICTURE...",
		Short: "Write a caption for each picture: short, detailed, or alt text",
		Long: `Caption asks for a caption in one line for each picture, a few pictures at once. The
prompts are those of the library: caption, describe-in-detail, alt-text. For thousands of
pictures there is 'vlmchat batch', which goes on where it was interrupted.

With --tiles and --crop the parts of a picture have captions of their own, too, and with
--json the box of each: dense captions.

Into a pipe there is a line for each picture: its name, a tab, the caption.`,
		Example: `  vlmchat caption photo.jpg
  vlmchat caption photos/*.jpg > captions.tsv
  vlmchat caption --alt photo.jpg                     alt text, 125 characters at most
  vlmchat caption --style detailed photo.jpg
  vlmchat caption --tiles 2x2 photo.jpg --json        one for each part, with its box
  vlmchat caption -F language=German photo.jpg
  vlmchat caption --shot before.png="A nine." photo.jpg    in the manner of an example`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			flags.hasPrompt, flags.hasMost = cmd.Flags().Changed("prompt"), cmd.Flags().Changed("max-characters")
			return a.caption(cmd.Context(), flags, args)
		},
	}
	f := cmd.Flags()
	flags.add(f)
	a.regions.add(f)
	addSettingsBut(f, slices.Concat(ofChat, ofKept, []string{config.Encoder, config.Preview, config.PassURLs})...)
	f.SortFlags = false
	return cmd
}

// check refuses flags that make no sense, and finds the style.
func (c *captionFlags) check(sources []string) (captionStyle, error) {
	if c.alt {
		c.style = "alt"
	}
	style, ok := captionStyles[c.style]
	switch {
	case len(sources) == 0 && !c.clipboard:
		return style, usagef("caption takes pictures; see vlmchat caption --help")
	case !ok:
		return style, usagef("--style %q is none of %s", c.style, strings.Join(slices.Sorted(maps.Keys(captionStyles)), ", "))
	case c.most < 0 || c.most == 0 && c.hasMost:
		return style, usagef("--max-characters %d is no number of characters", c.most)
	case c.hasPrompt && len(c.fields) > 0:
		return style, usagef("--field fills in the prompt of a style, and -p asks in other words: leave one of them out")
	case c.json && c.jsonl:
		return style, usagef("--json prints one object and --jsonl one on each line: leave one of them out")
	}
	if c.most > 0 {
		style.most = c.most
	}
	if !c.hasPrompt {
		c.template = style.prompt
	}
	return style, nil
}

// caption writes captions.
func (a *app) caption(ctx context.Context, flags captionFlags, sources []string) error {
	collectLate()
	style, err := flags.check(sources)
	if err != nil {
		return err
	}
	if err := a.setUpLoader(); err != nil {
		return err
	}
	text := ""
	if flags.hasPrompt {
		if text, err = a.promptText(ctx, flags.prompt); err != nil {
			return err
		}
	}
	w, err := a.answerer(ctx, flags.quiet)
	if err != nil {
		return err
	}
	defer w.Close()
	if w.how, err = a.recipe(ctx, flags.recipeFlags, text, w.setup); err != nil {
		return err
	}
	w.steady(style.tokens)
	if err := w.load(ctx); err != nil {
		return err
	}
	captioner := tasks.Captioner{Asker: w.asker, Bare: style.bare, Most: style.most}
	print := &captionPrinter{answerer: w, flags: flags}
	return eachPicture(ctx, a, w.status, a.readEach(ctx, sources, flags.clipboard), w.jobs,
		func(ctx context.Context, one *asked[tasks.Caption]) (tasks.Caption, error) {
			messages := w.how.messages(nil, []engine.Part{{Picture: one.picture}})
			return captioner.Caption(ctx, w.how.request(messages), nil)
		},
		func(one *asked[tasks.Caption]) error { return print.take(ctx, one) })
}
