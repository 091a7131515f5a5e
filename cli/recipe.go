package cli

import (
	"context"
	"slices"

	"github.com/spf13/pflag"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/prompts"
	"github.com/vlmchat/vlmchat/tasks"
	"github.com/vlmchat/vlmchat/ui"
)

// recipeFlags say how a command asks about its pictures.
type recipeFlags struct {
	prompt    string
	hasPrompt bool // --prompt was given
	template  string
	fields    []string
	shots     []string
	schema    string
	grammar   string
	logprobs  int
	kept      bool // what is asked is kept: pictures of examples are read, whatever --pass-urls says
}

func (r *recipeFlags) add(f *pflag.FlagSet) {
	f.StringVarP(&r.prompt, "prompt", "p", "", "ask this and print the answer; @FILE asks what is in a file, - what is on standard input")
	f.StringVarP(&r.template, "template", "t", "", "ask the prompt of this name, of 'vlmchat prompts list'; -p is then its first field")
	f.StringArrayVarP(&r.fields, "field", "F", nil, "fill in a field of the prompt, NAME=VALUE; may be repeated")
	f.StringArrayVar(&r.shots, "shot", nil, "show how to answer by an example, PICTURE=ANSWER or PICTURE=@FILE; may be repeated")
	f.StringVar(&r.schema, "schema", "", "hold the answer to the JSON schema in this file")
	f.StringVar(&r.grammar, "grammar", "", "hold the answer to the GBNF grammar in this file (native engine)")
	f.IntVar(&r.logprobs, "logprobs", 0, "with --json and --jsonl: the log-probability of each token, and of so many of the likeliest in its place")
}

// given tells whether any flag says that something is asked at once.
func (r *recipeFlags) given() bool {
	return r.hasPrompt || r.template != "" || len(r.fields) > 0 || r.schema != "" || r.grammar != "" || len(r.shots) > 0 || r.logprobs > 0
}

// recipe is how questions are asked: what all that a command asks have in common.
type recipe struct {
	template *prompts.Filled // nil without one
	text     string          // what is asked about the pictures
	system   string
	examples []engine.Message
	held     structure
	sampling engine.Sampling
	thinking *bool
	logprobs int
	// own is what the template says of system and sampling, without what flags say: what
	// holds for one question alone of a conversation that goes on.
	own struct {
		system   string
		sampling prompts.Sampling
	}
}

// recipe reads how questions are asked. text is the question that was found without a
// template, or the value of its first field; setup has what the settings say.
func (a *app) recipe(ctx context.Context, flags recipeFlags, text string, setup ui.Setup) (recipe, error) {
	r := recipe{text: text, system: a.config.String(config.System), sampling: setup.Sampling, thinking: setup.Thinking, logprobs: flags.logprobs}
	var err error
	if r.held, err = readStructure(flags); err != nil {
		return r, err
	}
	if flags.template != "" {
		if err := r.fill(a, flags, text); err != nil {
			return r, err
		}
		if r.examples, err = tasks.Examples(ctx, *r.template, a.loader.Load); err != nil {
			return r, err
		}
	}
	for _, written := range flags.shots {
		s, err := readShot(written)
		if err != nil {
			return r, err
		}
		if err := r.example(ctx, a, flags, []string{s.source}, "", s.answer); err != nil {
			return r, err
		}
	}
	return r, nil
}

// example adds a question that was answered well; without a question of its own it is the
// recipe's.
func (r *recipe) example(ctx context.Context, a *app, flags recipeFlags, sources []string, question, answer string) error {
	if question == "" {
		question = r.text
	}
	var parts []engine.Part
	var err error
	if flags.kept {
		var read []*images.Picture
		read, err = a.picturesToShow(ctx, sources)
		parts = engine.PictureParts(read...)
	} else {
		parts, err = a.pictures(ctx, sources)
	}
	if err != nil {
		return err
	}
	if question != "" {
		parts = append(parts, engine.Part{Text: question})
	}
	r.examples = append(r.examples, engine.Message{Role: engine.User, Parts: parts}, engine.Text(engine.Assistant, answer))
	return nil
}

// messages are the conversation at whose end pictures are asked about; earlier is what was
// said before.
func (r *recipe) messages(earlier []engine.Message, pictures []engine.Part) []engine.Message {
	var all []engine.Message
	if r.system != "" {
		all = append(all, engine.Text(engine.System, r.system))
	}
	first := slices.IndexFunc(earlier, func(m engine.Message) bool { return m.Role != engine.System })
	if first < 0 {
		first = len(earlier)
	}
	all = slices.Concat(all, earlier[:first], r.examples, earlier[first:]) // templates want system messages first
	last := engine.Message{Role: engine.User, Parts: pictures}
	if r.text != "" {
		last.Parts = append(last.Parts[:len(last.Parts):len(last.Parts)], engine.Part{Text: r.text})
	}
	if len(last.Parts) > 0 {
		all = append(all, last)
	}
	return all
}

// request asks about these messages, as the recipe says.
func (r *recipe) request(messages []engine.Message) engine.Request {
	return engine.Request{
		Messages: messages, Sampling: r.sampling, Thinking: r.thinking, Schema: r.held.schema, Grammar: r.held.grammar,
		Logprobs: r.logprobs > 0, TopLogprobs: r.logprobs,
	}
}
