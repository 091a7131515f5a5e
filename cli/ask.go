package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/tasks"
	"github.com/vlmchat/vlmchat/termtext"
	"github.com/vlmchat/vlmchat/ui"
)

// ask answers one question, or a whole conversation's last one, on stdout.
func (a *app) ask(ctx context.Context, flags askFlags, sources []string) error {
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
	status := newStatus(a.stderr)
	listening, finish := reading(ctx, status, status.note)
	var messages []engine.Message
	var next ui.Question
	how, err := a.asking(listening, flags, sources, setup)
	switch {
	case err != nil:
	case resume.id == "":
		messages, err = a.conversation(listening, how, flags, sources)
	default:
		next, err = a.nextQuestion(listening, how, flags, sources)
	}
	held := how.held
	finish()
	if err != nil {
		return err
	}
	private, err := a.config.Bool(config.NoSave)
	if err != nil {
		return err
	}
	e := opening()
	if e.err != nil {
		return e.err
	}
	defer e.Close()
	setup.Engine = e.Engine
	if e.notice != "" {
		status.note(e.notice)
	}
	out := newAnswerPrinter(a.stdout, flags.json || held.given())
	var answer tasks.Collector
	told := false
	setup.Restart = setup.Restart || out.silent // nothing is seen of what is taken back
	req := how.request(messages)
	req.Restart, req.Private = setup.Restart, private
	chat := e.Chat
	var talk *continued
	if resume.id != "" {
		if ctx, talk, err = a.goOn(ctx, resume, setup); err != nil {
			return err
		}
		defer talk.close()
		req, chat = talk.ask(ctx, next), talk.Chat
	}
	for ev, err := range chat(ctx, req) {
		if err != nil {
			status.clear()
			out.abort()
			return held.explain(err)
		}
		if !told && ev.Kind != engine.Load {
			told = true
			for _, note := range []string{noteOf(ctx, e.Engine), talk.noteOf(ctx, e.Engine)} {
				if note != "" {
					status.clear()
					status.note(note)
				}
			}
		}
		if ev.Kind != engine.Delta && ev.Kind != engine.Thinking {
			ev.Text = a.secrets.hide(ev.Text) // it may be the server's words
		}
		answer.Take(ev)
		switch ev.Kind {
		case engine.Delta:
			status.clear()
			if err := out.text(ev.Text); err != nil {
				return err
			}
		case engine.Restart:
			status.clear()
			if out, err = out.restart(a.stderr, ev.Text); err != nil {
				return err
			}
		case engine.Done:
		case engine.Note:
			status.clear()
			status.note(termtext.Line(ev.Text))
		default:
			status.show(ev)
		}
	}
	status.clear()
	if answer.Text() == "" && answer.Thinking() != "" {
		status.note("The model thought and came to no answer: --max-tokens allows more of both, --thinking off has it answer at once")
	}
	if err := held.check(answer.Text(), answer.Finish(), how.sampling.MaxTokens); err != nil {
		return err
	}
	if held.given() {
		out = newAnswerPrinter(a.stdout, flags.json)
		if err := out.text(answer.Text()); err != nil {
			return err
		}
	}
	if !flags.json {
		return out.end()
	}
	// The answer is whole. It is not withheld where the server would tell no
	// more of the model than its name: many keys may ask, but not list.
	info, _ := e.Info(ctx)
	info.Model = a.secrets.hide(info.Model) // a server can call its model by the key
	whole := answer.Answer(info, req.Messages, setup.Prices)
	whole.Provenance = proved(ctx, e.Engine, whole.Provenance)
	whole.Vlmchat, whole.Session = version(), resume.id
	return printJSON(a.stdout, whole)
}

// printJSON prints a value as people can read it, too.
func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return unread(e.Encode(v))
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

// noteOf is what a person should know of how a model was loaded, "" for nothing.
// Only engines that load one themselves know without asking a server.
func noteOf(ctx context.Context, e engine.Engine) string {
	if _, loads := e.(engine.Loader); !loads {
		return ""
	}
	info, _ := e.Info(ctx)
	return termtext.Line(info.Note)
}

// question is what is asked: with -p, or on standard input. Behind --messages there need
// not be one.
func (a *app) question(ctx context.Context, flags askFlags, sources []string) (string, error) {
	question := flags.prompt
	if slices.Contains(sources, "-") && flags.messages == "-" {
		return "", usagef("standard input (-) can't be both the conversation and a picture")
	}
	stdinTaken := slices.Contains(sources, "-") || flags.messages == "-"
	if !flags.hasPrompt && flags.messages == "" {
		if stdinTaken || isTerminal(a.stdin) {
			return "", usagef("there is no question: name one with -p, or put it on standard input")
		}
		text, err := readUntil(ctx, a.stdin, maxPromptBytes)
		if err != nil {
			return "", fmt.Errorf("reading the question from standard input: %w", err)
		}
		question = strings.TrimRight(string(text), "\r\n")
		if len(text) == maxPromptBytes {
			return "", usagef("the question on standard input is longer than %d MiB", maxPromptBytes>>20)
		}
	}
	if strings.TrimSpace(question) == "" && flags.messages == "" {
		return "", usagef("the question is empty: name one with -p, or put it on standard input")
	}
	return question, nil
}

// asking reads how the question is asked.
func (a *app) asking(ctx context.Context, flags askFlags, sources []string, setup ui.Setup) (recipe, error) {
	text := flags.prompt
	if flags.template == "" {
		var err error
		if text, err = a.question(ctx, flags, sources); err != nil {
			return recipe{}, err
		}
	}
	return a.recipe(ctx, flags.recipeFlags, text, setup)
}

// conversation makes the messages to answer: those of --messages, then the
// question with the pictures.
func (a *app) conversation(ctx context.Context, how recipe, flags askFlags, sources []string) ([]engine.Message, error) {
	var earlier []engine.Message
	if flags.messages != "" {
		var err error
		if earlier, err = a.readMessages(ctx, flags.messages); err != nil {
			return nil, err
		}
	}
	pictures, err := a.pictures(ctx, sources)
	if err != nil {
		return nil, err
	}
	if flags.clipboard {
		copied, err := a.fromClipboard(ctx)
		if err != nil {
			return nil, err
		}
		for _, p := range copied {
			pictures = append(pictures, engine.Part{Picture: p})
		}
	}
	return how.messages(earlier, pictures), nil
}

const maxPromptBytes = 16 << 20

// answerPrinter prints the answer as it comes, made safe for a terminal.
type answerPrinter struct {
	w       io.Writer
	silent  bool // the answer is printed later, as JSON
	cleaner termtext.Cleaner
	last    byte
	begun   bool // something was printed
}

func newAnswerPrinter(w io.Writer, silent bool) *answerPrinter {
	return &answerPrinter{w: w, silent: silent, last: '\n'}
}

func (p *answerPrinter) text(s string) error {
	s = p.cleaner.Clean(s)
	if p.silent || s == "" {
		return nil
	}
	p.last, p.begun = s[len(s)-1], true
	_, err := io.WriteString(p.w, s)
	return unread(err)
}

// errUnread ends an answer that nobody reads any more: that of 'vlmchat … | head -1'.
var errUnread = errors.New("nobody reads the answer")

// unread tells a pipe that was closed from what else may be wrong with standard output.
func unread(err error) error {
	if errors.Is(err, syscall.EPIPE) {
		return errUnread
	}
	return err
}

// restart is the printer of the answer that begins anew, in place of what was
// printed: that is told on stderr, whoever reads it.
func (p *answerPrinter) restart(stderr io.Writer, why string) (*answerPrinter, error) {
	if p.begun {
		if err := p.end(); err != nil {
			return nil, err
		}
		fmt.Fprintf(stderr, "The answer above was cut, and begins anew: %s\n", termtext.Line(why))
	}
	return newAnswerPrinter(p.w, p.silent), nil
}

// end ends the answer's last line.
func (p *answerPrinter) end() error {
	if p.last == '\n' {
		return nil
	}
	_, err := io.WriteString(p.w, "\n")
	return unread(err)
}

// abort ends the line of an answer that did not come to its end, so that the
// error below it stands alone.
func (p *answerPrinter) abort() { _ = p.end() }
