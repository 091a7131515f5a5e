package cli

import (
	"context"
	"fmt"
	"iter"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/termtext"
	"github.com/vlmchat/vlmchat/ui"
)

// continuing finds the conversation with which a question of a script goes on, or begins
// one that is kept (--save). Without either nothing of the question is kept, and open is nil.
func (a *app) continuing(ctx context.Context, flags askFlags, sources []string) (resumption, []string, error) {
	going := flags.resume.last || flags.resume.named
	if !going && !flags.save {
		return resumption{}, sources, nil
	}
	if flags.messages != "" {
		return resumption{}, nil, usagef("--messages is a conversation of its own: leave it out, or --continue and --resume")
	}
	r, sources, err := a.resume(ctx, flags.resume, sources)
	if err == nil && r.choose {
		err = usagef("nobody is there to choose a conversation: behind --resume stands its ID, its title or words of it; 'vlmchat sessions list' shows them")
	}
	r.private = r.private && !flags.save // the flag goes before what a file says
	return r, sources, err
}

// nextQuestion reads the question with which a conversation goes on. Pictures from the web are
// read here, whatever --pass-urls says: they are kept.
func (a *app) nextQuestion(ctx context.Context, how recipe, flags askFlags, sources []string) (ui.Question, error) {
	q := ui.Question{
		Text: how.text, Schema: how.held.schema, Grammar: how.held.grammar,
		System: how.own.system, Examples: how.examples, Sampling: how.own.sampling,
	}
	var err error
	if q.Pictures, err = a.picturesToShow(ctx, sources); err != nil || !flags.clipboard {
		return q, err
	}
	copied, err := a.fromClipboard(ctx)
	q.Pictures = append(q.Pictures, copied...)
	return q, err
}

// goOn asks a question in a conversation that is kept, and keeps it there.
func (q *asker) goOn(ctx context.Context, r resumption, next ui.Question, print printer) error {
	ctx, talk, err := q.talk(ctx, r)
	if err != nil {
		return err
	}
	defer talk.close()
	about := append(talk.Pictures(), next.Pictures...)
	if err := q.how.enough(append(slices.Clip(q.how.examples), engine.Ask("", about...))); err != nil {
		return err
	}
	req := talk.ask(ctx, next)
	req.Restart, req.Logprobs, req.TopLogprobs = q.restarts(), q.how.logprobs > 0, q.how.logprobs
	return q.answer(ctx, req, talk.Chat, talk, print)
}

// continued is a conversation that goes on by a question of a script. Of a question by
// itself it is nil, of which nothing is kept.
type continued struct {
	*ui.Continuation
	app     *app
	unsaved bool // that was said
	release func()
}

// talk opens a conversation to go on with. When the terminal is closed, or nobody reads on,
// it is kept before the process ends.
func (q *asker) talk(ctx context.Context, r resumption) (context.Context, *continued, error) {
	talk, err := ui.Continue(ctx, ui.Options{Setup: q.setup, Version: version(), Store: r.open, NoSave: r.private, Resume: r.id, Recall: q.loader.Recall})
	if err != nil {
		return ctx, nil, sessionError(err, r.id)
	}
	c := &continued{Continuation: talk, app: q.app}
	if talk.Held && !q.flags.quiet {
		c.say("Another vlmchat has this conversation open. What is said here becomes a branch of it.")
	}
	hangUp := context.CancelFunc(func() {})
	if !signal.Ignored(syscall.SIGHUP) {
		ctx, hangUp = signal.NotifyContext(ctx, syscall.SIGHUP)
	}
	pipes := make(chan os.Signal, 1)
	signal.Notify(pipes, syscall.SIGPIPE) // by default it ends the process at once
	c.release = func() {
		signal.Stop(pipes)
		hangUp()
	}
	return ctx, c, nil
}

// session is the ID of the conversation, "" for none.
func (c *continued) session() string {
	if c == nil {
		return ""
	}
	return c.ID()
}

// chatFunc is how an engine is asked, or one by which what is said is kept.
type chatFunc func(context.Context, engine.Request) iter.Seq2[engine.Event, error]

// say tells a person, or the log of a script, what becomes of the conversation.
func (c *continued) say(text string) { fmt.Fprintln(c.app.stderr, "vlmchat: "+termtext.Line(text)) }

// ask adds the question to the conversation, and returns what the engine is asked.
func (c *continued) ask(ctx context.Context, q ui.Question) engine.Request {
	r, err := c.Ask(ctx, q)
	if err != nil {
		c.unsaved = true
		c.say("This is not being saved: " + err.Error())
	}
	return r
}

// close ends the conversation, and says how it is kept if that is another thing by now.
func (c *continued) close() {
	err := c.Close()
	switch {
	case err != nil && !c.unsaved:
		c.say("The answer is not saved: " + err.Error())
	case err == nil && c.unsaved:
		c.say("It is saved after all.")
	}
	c.release()
}

// noteOf says that a model goes on which is not the one that answered before, "" if it is,
// or if only a server could tell.
func (c *continued) noteOf(ctx context.Context, e engine.Engine) string {
	if _, loads := e.(engine.Loader); !loads || c == nil {
		return ""
	}
	info, _ := e.Info(ctx)
	return termtext.Line(c.WhoAnswers(info))
}
