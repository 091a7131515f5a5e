package cli

import (
	"context"
	"errors"
	"time"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/tasks"
	"github.com/vlmchat/vlmchat/termtext"
	"github.com/vlmchat/vlmchat/ui"
)

// printer prints an answer in one of the forms that scripts read.
type printer interface {
	// start is called before the first event.
	start(b beginning) error
	// hear prints what there is to print of an event.
	hear(ev engine.Event) error
	// finish prints the rest of an answer that is whole. all is what --json tells of it,
	// which may take a moment to know.
	finish(answer string, all func() tasks.Answer) error
	// fail ends the output of a question that was not answered, with this exit code.
	fail(err error, code int)
}

// beginning is what is known of a question when it is asked.
type beginning struct {
	images  []tasks.Image
	session string // the conversation to which it belongs
	whole   bool   // nothing of the answer is to be seen before it is known to be good
}

// ask answers one question, or a whole conversation's last one, or one about each picture.
func (a *app) ask(ctx context.Context, flags askFlags, sources []string) error {
	collectLate()
	if err := flags.check(a); err != nil {
		return err
	}
	bounded, cancel := ctx, func() {}
	if !flags.each {
		bounded, cancel = flags.within(ctx)
	}
	defer cancel()
	out, err := openOutput(bounded, a.stdout, flags.output)
	if err != nil {
		return flags.late(bounded, err)
	}
	defer out.drop()
	print := flags.printer(a, out)
	err = flags.late(bounded, a.askAll(bounded, flags, sources, out, print))
	var some someFailed
	if err != nil && !errors.As(err, &some) {
		print.fail(err, codeOf(ctx, err))
		return err
	}
	if lost := out.keep(); lost != nil {
		return lost // which nobody knows of yet
	}
	return err
}

// askAll reads what is asked and how, and asks it.
func (a *app) askAll(ctx context.Context, flags askFlags, sources []string, out *output, print printer) error {
	setup, _, err := a.settled(choice{})
	if err != nil {
		return err
	}
	resume, sources, err := a.continuing(ctx, flags, sources)
	if err != nil {
		return err
	}
	if err := a.setUpLoader(); err != nil {
		return err
	}
	opening := a.openAhead(ctx)
	q := &asker{app: a, flags: flags, setup: setup, status: flags.status(a)}
	listening, finish := reading(ctx, q.status, q.status.note)
	var messages []engine.Message
	var next ui.Question
	q.how, err = a.asking(listening, flags, sources, setup)
	switch {
	case err != nil:
	case flags.each:
		messages, err = a.earlier(listening, flags)
	case resume.open != nil:
		next, err = a.nextQuestion(listening, q.how, flags, sources)
	default:
		messages, err = a.conversation(listening, q.how, flags, sources)
	}
	finish()
	if err != nil {
		return err
	}
	if q.private, err = a.config.Bool(config.NoSave); err != nil {
		return err
	}
	e := opening()
	if e.err != nil {
		return e.err
	}
	defer e.Close()
	if e.notice != "" {
		q.status.note(e.notice)
	}
	q.setup.Engine = e.Engine
	switch {
	case flags.each:
		return q.askEach(ctx, messages, sources, out)
	case resume.open != nil:
		return q.goOn(ctx, resume, next, print)
	}
	return q.answer(ctx, q.request(messages), e.Chat, nil, print)
}

// asker asks the questions of one command.
type asker struct {
	*app
	flags   askFlags
	how     recipe
	setup   ui.Setup // with the engine
	private bool
	status  *status
	known   bool // what there is to know of the model was said
}

// request asks about these messages.
func (q *asker) request(messages []engine.Message) engine.Request {
	req := q.how.request(messages)
	req.Restart, req.Private, req.Background = q.restarts(), q.private, q.flags.each
	return req
}

// whole tells whether an answer is printed only when it is there: nothing is seen of what
// is taken back.
func (q *asker) whole() bool {
	f := q.flags
	return f.json || f.each || f.extract || f.output != "" && f.output != "-" || q.how.held.given()
}

// restarts tells whether an answer that was cut may begin anew. Who reads events can take
// back what they have read.
func (q *asker) restarts() bool { return q.setup.Restart || q.flags.jsonl || q.whole() }

// answer has a request answered and prints what comes. talk is the conversation to which it
// belongs, nil for none.
func (q *asker) answer(ctx context.Context, req engine.Request, chat chatFunc, talk *continued, print printer) error {
	e := q.setup.Engine
	begin := beginning{images: tasks.Images(req.Messages), session: talk.session(), whole: q.whole()}
	if err := print.start(begin); err != nil {
		return err
	}
	var answer tasks.Collector
	for ev, err := range chat(ctx, req) {
		if err != nil {
			q.status.clear()
			return q.how.held.explain(err)
		}
		if ev.Kind != engine.Load {
			q.tellOfModel(ctx, talk.noteOf)
		}
		if ev.Kind != engine.Delta && ev.Kind != engine.Thinking {
			ev.Text = q.secrets.hide(ev.Text) // it may be the server's words
		}
		answer.Take(ev)
		switch ev.Kind {
		case engine.Delta, engine.Restart:
			q.status.clear()
		case engine.Done:
		case engine.Note:
			q.status.clear()
			q.status.note(termtext.Line(ev.Text))
		default:
			q.status.show(ev)
		}
		if err := print.hear(ev); err != nil {
			q.status.clear()
			return err
		}
	}
	q.status.clear()
	if answer.Text() == "" && answer.Thinking() != "" {
		q.status.note("The model thought and came to no answer: --max-tokens allows more of both, --thinking off has it answer at once")
	}
	if err := q.how.held.check(answer.Text(), answer.Finish(), q.how.sampling.MaxTokens); err != nil {
		return err
	}
	return print.finish(answer.Text(), func() tasks.Answer {
		// The answer is whole. It is not withheld where the server would tell no
		// more of the model than its name: many keys may ask, but not list.
		info, _ := e.Info(ctx)
		info.Model = q.secrets.hide(info.Model) // a server can call its model by the key
		all := answer.Answer(info, req.Messages, q.setup.Prices)
		all.Provenance = proved(ctx, e, all.Provenance)
		all.Vlmchat, all.Session = version(), talk.session()
		return all
	})
}

// tellOfModel says once what a person should know of the model, and of who else answered.
func (q *asker) tellOfModel(ctx context.Context, more ...func(context.Context, engine.Engine) string) {
	if q.known {
		return
	}
	q.known = true
	for _, noteOf := range append([]func(context.Context, engine.Engine) string{noteOf}, more...) {
		if note := noteOf(ctx, q.setup.Engine); note != "" {
			q.status.clear()
			q.status.note(note)
		}
	}
}

// provingPatience is how long an answer that is there waits for what is yet to be known of
// where it comes from: the digest of a large model, at its first answer.
const provingPatience = time.Second

// proved completes what an answer comes from, as far as that is known soon.
func proved(ctx context.Context, e engine.Engine, p *engine.Provenance) *engine.Provenance {
	prover, ok := e.(engine.Prover)
	if !ok || p == nil {
		return p
	}
	ctx, cancel := context.WithTimeout(ctx, provingPatience)
	defer cancel()
	whole, err := prover.Prove(ctx, *p)
	if err != nil {
		return p
	}
	return &whole
}
