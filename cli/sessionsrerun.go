package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/native"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/lazyregexp"
	"github.com/vlmchat/vlmchat/sessions"
	"github.com/vlmchat/vlmchat/termtext"
	"github.com/vlmchat/vlmchat/ui"
)

// errDiffers ends a 'vlmchat sessions rerun' by which an answer did not come out again. The
// report has told it.
var errDiffers = errors.New("an answer came out otherwise")

// rerunFlags are the flags of 'vlmchat sessions rerun'.
type rerunFlags struct{ all, json bool }

func sessionsRerunCommand(a *app) *cobra.Command {
	var flags rerunFlags
	cmd := &cobra.Command{
		Use:   "rerun SESSION[#N]",
		Short: "Ask for an answer again, just as it was asked for, and compare",
		Long: "Rerun asks for the last answer of the branch that was seen last once more: of the same\n" +
			"engine and model, with the messages before it, the seed and the options that are kept with\n" +
			"it. With #N it is the answer of this number, which the chat shows in /branch and /origin,\n" +
			"and with --all each of the branch. Flags go before what is kept. A model on this machine is\n" +
			"loaded for it alone, so that nothing else moves its numbers. The conversation stays as it is.\n\n" +
			"The exit code is 0 if all came out again as they were, and 1 if one did not: then it is\n" +
			"said from where on, and what is not as it was.",
		Example: `  vlmchat sessions rerun k3fw82ab
  vlmchat sessions rerun "What is this?#3" --json
  vlmchat sessions rerun k3fw82ab --all -m other.gguf`,
		Args: someArguments("a conversation"),
		RunE: func(cmd *cobra.Command, args []string) error {
			written, number := cutNumber(strings.Join(args, " "))
			if number > 0 && flags.all {
				return usagef("#%d is one answer, and --all all of them: leave one of them out", number)
			}
			return a.withSession(cmd.Context(), []string{written}, func(s *sessions.Store, c *sessions.Conversation) error {
				return a.rerun(cmd.Context(), s, c, number, flags)
			})
		},
	}
	cmd.Flags().BoolVar(&flags.all, "all", false, "each answer of the branch that was seen last")
	cmd.Flags().BoolVar(&flags.json, "json", false, "print a JSON object")
	servers := []string{config.ConnectTimeout, config.ResponseTimeout, config.IdleTimeout, config.Retries, config.KeyEnv, config.KeyCommand, config.KeyKeyring}
	addSettings(cmd.Flags(), slices.Concat([]string{config.Backend}, opensNative, opensServer, servers)...)
	cmd.Flags().SortFlags = false
	return cmd
}

var numberBehind = lazyregexp.New(`^(.+?)\s*#(\d{1,9})$`)

// cutNumber takes the number of an answer off what names a conversation; 0 if there is none.
func cutNumber(written string) (session string, number int) {
	m := numberBehind().FindStringSubmatch(written)
	if m == nil {
		return written, 0
	}
	number, _ = strconv.Atoi(m[2]) // which are digits
	return m[1], number
}

// rerun asks for answers of a conversation again, and reports how they came out.
func (a *app) rerun(ctx context.Context, s *sessions.Store, c *sessions.Conversation, number int, flags rerunFlags) error {
	if err := a.setUpLoader(); err != nil {
		return err
	}
	chosen, err := chooseReplays(ui.Replays(c, func(k images.Kept) *images.Picture {
		return a.loader.Recall(k, func() ([]byte, error) { return s.Bytes(k.SHA256) })
	}), number, flags.all)
	if err != nil {
		return err
	}
	r := rerunning{app: a, session: c.ID, status: newStatus(a.stderr)}
	defer r.close()
	report := rerunReport{documentHead: documentHead{"vlmchat-rerun", 1}, Session: c.ID, Title: c.Title, Answers: []rerunAnswer{}}
	for _, replay := range chosen {
		answer, err := r.answer(ctx, replay)
		r.status.clear()
		if err != nil {
			return err
		}
		report.Answers = append(report.Answers, answer)
		if !flags.json {
			if err := answer.print(a.stdout); err != nil {
				return err
			}
		}
	}
	if flags.json {
		if err := printJSON(a.stdout, report); err != nil {
			return err
		}
	}
	if slices.ContainsFunc(report.Answers, func(one rerunAnswer) bool { return !one.Identical }) {
		return errDiffers
	}
	return nil
}

// chooseReplays are the answers that are meant.
func chooseReplays(all []ui.Replay, number int, each bool) ([]ui.Replay, error) {
	if number > 0 {
		i := slices.IndexFunc(all, func(r ui.Replay) bool { return r.Number == number })
		if i < 0 {
			return nil, usagef("the conversation has no answer %d with a word in it; 'vlmchat -c' and /branch show the numbers", number)
		}
		return all[i : i+1], nil
	}
	var branch []ui.Replay
	for _, r := range all {
		if r.OnBranch {
			branch = append(branch, r)
		}
	}
	switch {
	case len(branch) == 0:
		return nil, errors.New("the conversation has no answer yet that could be asked for again")
	case each:
		return branch, nil
	}
	return branch[len(branch)-1:], nil
}

// rerunning asks for answers again. An engine stays open as long as the next answer was
// given by one that was opened in the same way.
type rerunning struct {
	app     *app
	session string
	status  *status

	engine engine.Engine
	opened string // by these settings
}

func (r *rerunning) close() {
	if r.engine != nil {
		r.engine.Close()
	}
	r.engine = nil
}

// answer asks for one answer again.
func (r *rerunning) answer(ctx context.Context, replay ui.Replay) (rerunAnswer, error) {
	out := newRerunAnswer(replay)
	request, lost, ok := replay.Request(ctx)
	if !ok || replay.Origin == nil {
		out.note("It is not known how this answer was asked for: it is from before that was kept, or from elsewhere.")
		return out, nil
	}
	for _, source := range lost {
		out.note("The picture " + termtext.Line(source) + " is lost: the model is told so in its place.")
	}
	request.Private = true
	if err := r.open(ctx, replay); err != nil {
		return out, err
	}
	now, err := r.ask(ctx, request, out.partial, len(out.Kept))
	if err != nil {
		return out, r.explain(err, replay)
	}
	info, _ := r.engine.Info(ctx) // it has answered
	out.compare(now, info)
	return out, nil
}

// explain adds to what went wrong which answer it was about.
func (r *rerunning) explain(err error, replay ui.Replay) error {
	var known *engine.Error
	if !errors.As(err, &known) || engine.KindOf(err) == engine.Cancelled {
		return err
	}
	with := *known
	with.Message = fmt.Sprintf("answer %d of %s, by %s, can't be asked for again: %s", replay.Number, r.session, orDash(replay.Answer.Model), known.Message)
	return &with
}

// open opens the engine of an answer, alone and as it was, but for what flags say.
func (r *rerunning) open(ctx context.Context, replay ui.Replay) error {
	settings := replay.Origin.Reopening(replay.Answer)
	key := fmt.Sprint(settings)
	if r.engine != nil && r.opened == key {
		return nil
	}
	r.close()
	a, err := r.app.reopened(settings, "answer "+strconv.Itoa(replay.Number)+" of "+r.session)
	if err != nil {
		return err
	}
	e, err := a.openAlone(ctx)
	if err != nil {
		return r.explain(err, replay)
	}
	r.engine, r.opened = e, key
	return nil
}

// openAlone opens an engine that computes for nobody else, where that can be had.
func (a *app) openAlone(ctx context.Context) (engine.Engine, error) {
	if a.config.String(config.Backend) != "native" {
		e, _, err := a.open(ctx)
		return e, err
	}
	o, err := a.nativeOptions()
	if err != nil {
		return nil, err
	}
	o.Alone, o.KeepAlive = true, 0
	return native.New(o), nil
}

// said is an answer that was given again.
type said struct {
	text, thought string
	finish        engine.Finish
	from          engine.Provenance
}

// ask has the engine answer. Of an answer that was not whole it wants no more than was
// there.
func (r *rerunning) ask(ctx context.Context, request engine.Request, partial bool, enough int) (said, error) {
	var answer, thought strings.Builder
	var now said
	for ev, err := range r.engine.Chat(ctx, request) {
		if err != nil {
			return now, err
		}
		if ev.Provenance != nil {
			now.from = *ev.Provenance
		}
		switch ev.Kind {
		case engine.Delta:
			answer.WriteString(ev.Text)
		case engine.Thinking:
			thought.WriteString(ev.Text)
		case engine.Restart:
			answer.Reset()
			thought.Reset()
		case engine.Done:
			now.finish = ev.Finish
		case engine.Note:
			r.status.note(termtext.Line(ev.Text))
		}
		r.status.show(ev)
		if partial && answer.Len() >= enough {
			break
		}
	}
	now.text, now.thought = answer.String(), thought.String()
	if prover, ok := r.engine.(engine.Prover); ok {
		if whole, err := prover.Prove(ctx, now.from); err == nil {
			now.from = whole
		}
	}
	return now, ctx.Err()
}
