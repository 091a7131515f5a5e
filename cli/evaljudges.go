package cli

import (
	"context"
	"strings"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/models"
	"github.com/vlmchat/vlmchat/tasks"
	"github.com/vlmchat/vlmchat/tasks/batch"
	"github.com/vlmchat/vlmchat/tasks/eval"
)

// predicted has an engine tell how likely the items' texts are.
func predicted(run *eval.Run) func(engine.Engine) error {
	return func(opened engine.Engine) (err error) {
		run.Judge, err = eval.Predicting(opened)
		return err
	}
}

// chosen has the items that have choices answered by one of these.
func chosen(run *eval.Run) func(engine.Engine) error {
	return func(opened engine.Engine) error {
		run.Judge = run.Choosing(opened)
		return nil
	}
}

// classified has an encoder or a chat model classify, as 'vlmchat classify' chooses.
func (e *evaluation) classified(ctx context.Context, run *eval.Run, how *asking) error {
	asksModel, err := e.asksModel()
	if err != nil {
		return err
	}
	if asksModel {
		run.Model, err = e.answering()
	} else {
		run.Model, err = e.encoding()
		how.jobs = e.encoderJobs
	}
	if err != nil {
		return err
	}
	sentences, err := e.templates(ctx, e.flags.sentences)
	if err != nil {
		return err
	}
	if !asksModel && len(sentences) == 0 {
		sentences = []string{tasks.DefaultTemplate}
	}
	run.Prompt = strings.Join(sentences, "\n")
	if e.flags.noCalibration {
		run.Model += " raw"
	}
	how.open = func(ctx context.Context, progress *batchProgress) error {
		by, err := e.openClassifier(ctx, classifyFlags{templates: e.flags.sentences, noCalibration: e.flags.noCalibration}, progress.status)
		if err != nil {
			return err
		}
		e.closers = append(e.closers, by)
		var info engine.Info
		switch c := by.Classifier.(type) {
		case tasks.BySimilarity:
			c.Encoder = eval.Gathered(c.Encoder)
			by.Classifier = c
			info, err = e.encoderInfo(ctx, c.Encoder)
		case tasks.ByLikelihood:
			info, err = c.Engine.Info(ctx)
		}
		run.Judge = eval.Classifying(by.Classifier, e.set)
		how.runner.Answer = answeredBy(info)
		return err
	}
	return nil
}

// encoding is a digest of the encoder.
func (e *evaluation) encoding() (string, error) {
	found, err := models.FindEncoder(e.config.String(config.Encoder))
	return batch.Digest([]string{"encoder", found.Name, found.Model.Name}), err
}

// encoderInfo is an encoder as engines are described.
func (e *evaluation) encoderInfo(ctx context.Context, encoder engine.Encoder) (engine.Info, error) {
	space, err := encoder.Space(ctx)
	return engine.Info{Engine: "native", Model: space.Model, Device: space.Device}, err
}

// answeredBy completes answers with who gave them.
func answeredBy(info engine.Info) func(context.Context, *tasks.Collector, []engine.Message) tasks.Answer {
	return func(_ context.Context, c *tasks.Collector, messages []engine.Message) tasks.Answer {
		a := c.Answer(info, messages, engine.Prices{})
		a.Vlmchat = version()
		return a
	}
}

// encoderJobs is how many items are in hand at once where an encoder takes several together.
func (e *evaluation) encoderJobs() (int, error) {
	if e.flags.jobs > 0 {
		return e.flags.jobs, nil
	}
	return 2 * mostInBatch, nil // so many wait while so many are computed
}
