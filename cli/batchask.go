package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/jsonschema"
	"github.com/vlmchat/vlmchat/models"
	"github.com/vlmchat/vlmchat/prompts"
	"github.com/vlmchat/vlmchat/tasks"
	"github.com/vlmchat/vlmchat/tasks/batch"
	"github.com/vlmchat/vlmchat/ui"
)

// batchAsker says how the items of a batch are asked: by its flags, and by what each says of
// itself.
type batchAsker struct {
	app     *app
	ctx     context.Context // of pictures that examples have
	flags   recipeFlags
	setup   ui.Setup
	base    recipe // without a template
	prompt  string // of -p
	private bool
	model   string // a digest of what answers
	library *prompts.Library

	mu       sync.Mutex
	examples map[string][]engine.Message // of templates, by their names
	schemas  map[string]error            // what is wrong with those of jobs
}

// asker reads how items are asked.
func (a *app) asker(ctx context.Context, flags recipeFlags) (*batchAsker, error) {
	setup, _, err := a.settled(choice{})
	if err != nil {
		return nil, err
	}
	s := &batchAsker{
		app: a, ctx: ctx, flags: flags, setup: setup, prompt: flags.prompt, library: library(),
		examples: map[string][]engine.Message{}, schemas: map[string]error{},
	}
	if s.private, err = a.config.Bool(config.NoSave); err != nil {
		return nil, err
	}
	if flags.hasPrompt {
		if s.prompt, err = a.promptText(ctx, flags.prompt); err != nil {
			return nil, err
		}
	}
	plain := flags
	plain.template = ""
	if s.base, err = a.recipe(ctx, plain, "", setup); err != nil {
		return nil, err
	}
	if flags.template != "" {
		if _, err := s.find(flags.template); err != nil {
			a.tellProblems(s.library)
			return nil, err
		}
	}
	s.model, err = a.answering()
	return s, err
}

// answering is a digest of what answers: an answer of another model is another answer.
func (a *app) answering() (string, error) {
	backend := a.config.String(config.Backend)
	name := a.config.String(config.Model)
	if backend == "native" {
		m, err := models.Find(name, a.config.String(config.MMProj))
		if err != nil {
			return "", err
		}
		name = m.Name
	}
	return batch.Digest([]string{backend, name, a.config.String(config.LoRA)}), nil
}

func (s *batchAsker) find(name string) (*prompts.Template, error) {
	t, err := s.library.Find(name)
	if err != nil {
		return nil, usagef("%w; 'vlmchat prompts list' lists them", err)
	}
	return t, nil
}

// question says how an item is asked.
func (s *batchAsker) question(item batch.Item) (batch.Question, error) {
	job := item.Job
	if job == nil {
		job = &batch.Job{}
	}
	how := s.base
	if err := s.compose(&how, item, job); err != nil {
		return batch.Question{}, err
	}
	if job.System != nil {
		how.system = *job.System
	}
	if err := s.sample(&how, job.Sampling); err != nil {
		return batch.Question{}, err
	}
	if job.Schema != nil {
		if err := s.checkSchema(job.Schema); err != nil {
			return batch.Question{}, err
		}
		how.held = structure{file: "the schema of the job", schema: job.Schema}
	}
	q := batch.Question{Prompt: how.text, Shown: len(engine.Pictures(how.examples)), Structured: job.Schema != nil, JSON: how.held.schema != nil, Asked: s.asked(how, item, job)}
	q.Read = func(ctx context.Context) (engine.Request, error) { return s.request(ctx, how, item, job) }
	if how.held.given() {
		q.Check = func(answer string, finish engine.Finish) error {
			return how.held.check(answer, finish, how.sampling.MaxTokens)
		}
	}
	return q, nil
}

// sample draws a job's answer as it says.
func (s *batchAsker) sample(how *recipe, own batch.JobSampling) error {
	to := &how.sampling
	override(&to.Temperature, own.Temperature)
	override(&to.TopP, own.TopP)
	override(&to.MaxTokens, own.MaxTokens)
	if own.Seed != nil {
		to.Seed = own.Seed
	}
	if own.Stop != nil {
		to.Stop = own.Stop
	}
	return to.Validate()
}

// checkSchema tells whether answers can be held to a job's schema.
func (s *batchAsker) checkSchema(schema json.RawMessage) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	digest := batch.Digest(schema)
	err, known := s.schemas[digest]
	if known {
		return err
	}
	if err = jsonschema.Supported(schema); err != nil {
		err = fmt.Errorf("its schema can't be used: %w", err)
	}
	const most = 1000 // more are rather one for each job
	if len(s.schemas) < most {
		s.schemas[digest] = err
	}
	return err
}

// asked sums up how an item is asked.
func (s *batchAsker) asked(how recipe, item batch.Item, job *batch.Job) batch.Asked {
	a := batch.Asked{
		Prompt: batch.Digest([]any{how.text, job.Messages}), System: batch.Digest(how.system), Model: s.model,
		Sampling:  batch.Digest([]any{how.sampling, how.thinking, how.logprobs}),
		Structure: batch.Digest([]any{how.held.schema, how.held.grammar}),
	}
	var examples []string
	for _, m := range how.examples {
		examples = append(examples, string(m.Role))
		for _, p := range m.Parts {
			switch {
			case p.Picture != nil:
				examples = append(examples, p.Picture.SHA256)
			case p.URL != "":
				examples = append(examples, p.URL)
			case p.Text != how.text:
				examples = append(examples, p.Text)
			}
		}
	}
	a.Examples = batch.Digest(examples)
	var own []string
	if item.Job != nil {
		own = item.Images
	}
	a.Pictures = batch.Digest([]any{own, s.app.regions.crops, s.app.regions.tiles})
	return a
}

// request reads an item's pictures.
func (s *batchAsker) request(ctx context.Context, how recipe, item batch.Item, job *batch.Job) (engine.Request, error) {
	var earlier []engine.Message
	if job.Messages != nil {
		list, err := parseMessages(job.Messages)
		if err != nil {
			return engine.Request{}, err
		}
		for i, m := range list {
			converted, err := s.app.convertMessage(ctx, m, i+1, job.Folder)
			if err != nil {
				return engine.Request{}, err
			}
			earlier = append(earlier, converted)
		}
		if job.System == nil && slices.ContainsFunc(earlier, func(m engine.Message) bool { return m.Role == engine.System }) {
			how.system = "" // it has its own
		}
	}
	var pictures []engine.Part
	for i, source := range item.Images {
		var parts []engine.Part
		var err error
		if item.Job == nil {
			parts, err = s.app.pictures(ctx, []string{source})
		} else {
			parts, err = s.app.partsFromURL(ctx, source, i+1, job.Folder)
		}
		if err != nil {
			return engine.Request{}, err
		}
		pictures = append(pictures, parts...)
	}
	req := how.request(how.messages(earlier, pictures))
	req.Private = s.private
	return req, nil
}

// answers completes answers with what is known of the engine, which is asked for it once.
func (s *batchAsker) answers(e engine.Engine) func(context.Context, *tasks.Collector, []engine.Message) tasks.Answer {
	var mu sync.Mutex
	var info engine.Info
	return func(ctx context.Context, c *tasks.Collector, messages []engine.Message) tasks.Answer {
		mu.Lock()
		if info.Engine == "" {
			if known, err := e.Info(ctx); err == nil {
				info = known
			} else {
				info = engine.Info{Engine: s.setup.Backend, Model: s.setup.Model}
			}
			info.Model = s.app.secrets.hide(info.Model) // a server can call its model by the key
		}
		known := info
		mu.Unlock()
		a := c.Answer(known, messages, s.setup.Prices)
		a.Vlmchat = version()
		return a
	}
}
