package cli

import (
	"context"
	"slices"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/datasets"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/tasks/batch"
	"github.com/vlmchat/vlmchat/tasks/eval"
)

// recipe says how the items are asked, and of whom.
func (e *evaluation) recipe(ctx context.Context) (*eval.Run, asking, error) {
	run := &eval.Run{Task: e.flags.task, Set: e.set, Load: e.loader.Load, System: e.config.String(config.System)}
	how := asking{runner: &batch.Runner{}}
	setup, _, err := e.settled(choice{})
	if err != nil {
		return nil, how, err
	}
	how.prices = setup.Prices
	how.jobs = func() (int, error) { return e.batchJobs(batchFlags{jobs: e.flags.jobs}) }
	if run.Changes, err = e.changes(); err != nil {
		return nil, how, err
	}
	if e.flags.task == datasets.Classify {
		return run, how, e.classified(ctx, run, &how)
	}
	run.Thinking, run.Sampling = setup.Thinking, e.greedy(setup.Sampling)
	if err := e.question(ctx, run); err != nil {
		return nil, how, err
	}
	if run.Model, err = e.answering(); err != nil {
		return nil, how, err
	}
	if err := e.shots(ctx, run); err != nil {
		return nil, how, err
	}
	var judged func(engine.Engine) error
	switch {
	case e.flags.task == datasets.Perplexity:
		judged = predicted(run)
	case slices.ContainsFunc(e.set.Items, func(item datasets.Item) bool { return len(item.Choices) > 0 }):
		judged = chosen(run)
	}
	how.open = e.opened(how.runner, how.prices, judged)
	return run, how, nil
}

// greedy is how answers are drawn: the likeliest token each time, and no more than the task
// needs, unless a flag or a variable says otherwise.
func (e *evaluation) greedy(s engine.Sampling) engine.Sampling {
	given := func(name string) bool { _, ok := e.app.flags(name); return ok }
	if !given(config.Temperature) {
		s.Temperature = 0
	}
	if !given(config.MaxTokens) {
		s.MaxTokens = eval.CaptionTokens
		if e.flags.task == datasets.VQA {
			s.MaxTokens = eval.AnswerTokens
		}
	}
	return s
}

// question finds how an item's question is put.
func (e *evaluation) question(ctx context.Context, run *eval.Run) (err error) {
	prompt := eval.DefaultPrompt(e.flags.task)
	switch {
	case e.flags.template != "":
		if prompt, err = e.promptOfLibrary(run); err != nil {
			return err
		}
	case e.flags.hasPrompt:
		if prompt, err = e.promptText(ctx, e.flags.prompt); err != nil {
			return err
		}
	}
	if err := eval.CheckPrompt(e.flags.task, prompt); err != nil {
		return usageError{err}
	}
	run.Prompt = prompt
	return nil
}

// promptOfLibrary is the text of the prompt that -t names, in which the question of an item
// is a field. Its system message and sampling are the run's.
func (e *evaluation) promptOfLibrary(run *eval.Run) (string, error) {
	t, err := e.findPrompt(e.flags.template)
	if err != nil {
		return "", err
	}
	if len(t.Examples) > 0 || t.Schema != nil {
		return "", usagef("the prompt %s has examples or a schema of its own, and an evaluation takes prompts without: --shots draws examples", t.Name)
	}
	values, err := (&recipeFlags{fields: e.flags.fields}).values()
	if err != nil {
		return "", err
	}
	for _, f := range t.Fields {
		if f.Name == "question" && values[f.Name] == "" {
			values[f.Name] = "{question}"
		}
	}
	how := recipe{text: "", system: run.System, sampling: run.Sampling}
	if err := how.apply(e.app, t, values); err != nil {
		return "", err
	}
	run.System, run.Sampling = how.system, how.sampling
	return how.text, nil
}

// shots draws the examples that stand before each item.
func (e *evaluation) shots(ctx context.Context, run *eval.Run) error {
	if e.flags.shots == 0 {
		return nil
	}
	if e.flags.shots >= images.MaxPictures {
		return usagef("--shots %d: a conversation takes at most %d pictures, that of the item among them", e.flags.shots, images.MaxPictures)
	}
	from, err := e.shotSet(ctx)
	if err != nil {
		return err
	}
	run.Shots = run.NewShots(from.Draw(e.flags.shots, e.flags.shotSeed))
	if n := run.Shots.Count(); n < e.flags.shots {
		return usagef("--shots %d: %s has %s with a picture and an answer", e.flags.shots, e.flags.shotData, counted(n, "item"))
	}
	return run.Shots.Read(ctx)
}

// shotSet reads what examples are drawn from: a training split, where there are several.
func (e *evaluation) shotSet(ctx context.Context) (*datasets.Set, error) {
	read := func(split string) (*datasets.Set, error) {
		return datasets.Read(ctx, e.flags.task, e.flags.shotData, datasets.Options{Images: e.flags.shotImages, Split: split})
	}
	if e.flags.shotSplit != "" {
		from, err := read(e.flags.shotSplit)
		if err != nil {
			return nil, dataError(err)
		}
		return from, nil
	}
	from, err := read("train")
	if err == nil {
		return from, nil
	}
	from, err = read("")
	switch {
	case err != nil:
		return nil, dataError(err)
	case from.Split != "":
		return nil, usagef("%s has splits, and none is called train: --shot-split says from which examples are drawn", e.flags.shotData)
	}
	return from, nil
}

// sampledBy is how answers were drawn, as far as it matters.
func sampledBy(s engine.Sampling) map[string]any {
	m := map[string]any{"temperature": s.Temperature, "max_tokens": s.MaxTokens}
	if len(s.Stop) > 0 {
		m["stop"] = s.Stop
	}
	if s.Temperature == 0 {
		return m
	}
	m["top_p"], m["top_k"], m["min_p"] = s.TopP, s.TopK, s.MinP
	if s.Seed != nil {
		m["seed"] = *s.Seed
	}
	return m
}

// changes are the ways in which items are asked once more.
func (e *evaluation) changes() ([]eval.Change, error) {
	all, err := parseAugments(e.flags.augment)
	if err != nil {
		return nil, err
	}
	for _, text := range e.flags.tiles {
		grid, err := images.ParseGrid(text)
		if err != nil {
			return nil, usagef("--tiles: %w", err)
		}
		change := eval.Tiled(grid)
		if slices.ContainsFunc(all, func(c eval.Change) bool { return c.Name == change.Name }) {
			return nil, usagef("--tiles %s is given twice", text)
		}
		all = append(all, change)
	}
	return all, nil
}
