package ui

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/termtext"
)

// fetching is something large that is being fetched: a model that a server pulls, the
// libraries that run models. It is a dialog, and goes on when that is put away.
type fetching struct {
	what  string // for people: "llava:7b for the Ollama at localhost:11434"
	offer string // asks whether to fetch it; empty if the person has asked for it
	start func(ctx context.Context) iter.Seq2[engine.PullProgress, error]
	// then goes on with what was fetched, if the dialog is still there; otherwise the
	// person is told how to.
	then func(m *model) tea.Cmd
	how  string

	bound    *Keys
	cancel   context.CancelFunc // nil while nothing is under way
	reports  chan fetched
	progress engine.PullProgress
	rate     engine.PullRate
	doing    activity
	err      error
}

// fetched is how far something is.
type fetched struct {
	progress engine.PullProgress
	err      error
	at       time.Time
}

// fetchedMsg is how far something was at the end of a frame.
type fetchedMsg struct {
	of *fetching
	fetched
	ended bool
}

// openFetching shows what is to be fetched or is on its way. One thing is fetched at a
// time.
func (m *model) openFetching(f *fetching) tea.Cmd {
	if m.fetching != nil && m.fetching != f {
		m.say(&note{text: fmt.Sprintf("First %s is fetched.", m.fetching.what), hint: "/pull shows how far it is."})
		return nil
	}
	f.bound = m.keys
	if !m.plain {
		m.closeDialog()
		m.dialog = f
	}
	if f.offer != "" || f.cancel != nil {
		return nil
	}
	return m.fetch(f)
}

// fetch begins.
func (m *model) fetch(f *fetching) tea.Cmd {
	ctx, cancel := context.WithCancel(m.ctx)
	f.cancel, f.reports = cancel, make(chan fetched)
	f.offer, f.err, f.progress, f.rate = "", nil, engine.PullProgress{}, engine.PullRate{}
	f.doing.set("fetching "+f.what, 0)
	m.fetching = f
	m.idle()
	start, reports := f.start, f.reports
	return tea.Batch(f.next, func() tea.Msg {
		defer close(reports)
		defer cancel()
		for progress, err := range start(ctx) {
			select {
			case reports <- fetched{progress, err, time.Now()}:
			case <-ctx.Done():
				return nil
			}
			if err != nil {
				return nil
			}
		}
		return nil
	})
}

// next is a command that waits for a report and then for the rest of the frame.
func (f *fetching) next() tea.Msg {
	msg := fetchedMsg{of: f}
	msg.ended = gathered(f.reports, func(r fetched) { msg.fetched = r })
	return msg
}

// hasFetched takes how far something is.
func (m *model) hasFetched(msg fetchedMsg) tea.Cmd {
	f := msg.of
	if f != m.fetching {
		return nil // given up
	}
	if msg.at != (time.Time{}) && msg.err == nil {
		f.progress = msg.progress
		f.rate.Add(msg.at, msg.progress.Done)
		f.doing.fraction = f.fraction()
	}
	if !msg.ended && msg.err == nil {
		m.idle()
		return f.next
	}
	m.fetching, f.cancel, f.err = nil, nil, msg.err
	defer m.idle()
	seen := m.dialog == dialog(f)
	switch {
	case f.err != nil && seen:
	case f.err != nil:
		m.complain(f.err)
	case (seen || m.plain) && !m.busy() && m.change == nil:
		m.leaveDialog(f)
		m.say(&note{text: f.what + " is there."})
		return f.then(m)
	default:
		m.leaveDialog(f)
		m.say(&note{text: f.what + " is there.", hint: f.how})
	}
	return nil
}

// leaveFetching gives up what is fetched.
func (m *model) leaveFetching(f *fetching) {
	m.leaveDialog(f)
	if f.cancel == nil {
		return
	}
	f.cancel()
	f.cancel, m.fetching = nil, nil
	m.idle()
	m.say(&note{text: fmt.Sprintf("■ stopped fetching %s", f.what), hint: "What has come of it is kept where that can be: the next time goes on with it."})
}

func (f *fetching) fraction() float64 {
	if f.progress.Total <= 0 {
		return 0
	}
	return min(1, float64(f.progress.Done)/float64(f.progress.Total))
}

func (f *fetching) title() string { return "Fetching" }

func (f *fetching) hint() string {
	switch {
	case f.offer != "":
		return hints(hint("fetches it", f.bound.pick), hint("leaves", f.bound.leave))
	case f.err != nil:
		return hints(hint("tries again", f.bound.pick), hint("leaves", f.bound.leave))
	}
	return hints(hint("goes on in the background", f.bound.pick), hint("stops", f.bound.leave))
}

func (f *fetching) press(m *model, msg tea.KeyPressMsg) tea.Cmd {
	switch {
	case key.Matches(msg, m.keys.leave):
		m.leaveFetching(f)
	case key.Matches(msg, m.keys.pick) && f.cancel == nil:
		return m.fetch(f)
	case key.Matches(msg, m.keys.pick):
		m.closeDialog()
	}
	return nil
}

func (f *fetching) paste(*model, string) tea.Cmd { return nil }

func (f *fetching) mouse(*model, tea.MouseMsg, int) tea.Cmd { return nil }

func (f *fetching) draw(fr frame, height int) panel {
	st, width := fr.styles, max(1, fr.width-len(indent))
	var lines []string
	switch {
	case f.offer != "":
		lines = st.wrap(f.offer, width)
	case f.err != nil:
		text, advice := explain(f.err)
		lines = (&note{text: text, hint: advice, bad: true}).lines(width, st)
	default:
		lines = append(st.wrap(f.what, width), st.faint.Render(st.cut(f.status(), width, "…")))
		lines = append(lines, f.bar(min(width, 40), st), st.faint.Render(st.cut(f.far(), width, "…")))
	}
	return panel{lines: indented(lines[:min(len(lines), max(0, height))])}
}

// status is what goes on, in the words of whoever does it.
func (f *fetching) status() string {
	text := termtext.Line(f.progress.Status)
	if text == "" {
		text = "beginning"
	}
	return spinner[f.doing.frame%len(spinner)] + " " + text
}

// bar shows how far it is, in characters that need no colour.
func (f *fetching) bar(width int, st *styles) string {
	if f.progress.Total <= 0 {
		return st.rule.Render(strings.Repeat("░", width))
	}
	full := int(f.fraction() * float64(width))
	return st.bar.Render(strings.Repeat("█", full)) + st.rule.Render(strings.Repeat("░", width-full))
}

// far says how far it is, how fast it comes, and how long it takes still.
func (f *fetching) far() string {
	p := f.progress
	if p.Total <= 0 {
		return ""
	}
	all := []string{fmt.Sprintf("%.0f%%", 100*f.fraction()), bytesOf(min(p.Done, p.Total)) + " of " + bytesOf(p.Total)}
	if speed := f.rate.Speed(); speed > 0 && p.Done < p.Total {
		all = append(all, bytesOf(int64(speed))+"/s")
		if left := f.rate.Left(p); left > 0 {
			all = append(all, left.String()+" left")
		}
	}
	return strings.Join(all, dot)
}

// absent is a model that is not where it was looked for, and could be fetched.
type absent struct{ name, about string }

func (e *absent) Error() string { return fmt.Sprintf("%s is not there", e.name) }

// puller returns what fetches models: what answers now, if it does, or who does it for that;
// nil if nobody does.
func (m *model) puller() engine.Puller {
	if p, ok := m.setup.Engine.(engine.Puller); ok {
		return p
	}
	if m.setup.Fetcher != nil {
		return m.setup.Fetcher
	}
	return nil
}

// pull fetches a model, or has the server of what answers now fetch it; without a name it
// shows the one that is on its way.
func (m *model) pull(name string) tea.Cmd {
	switch {
	case name == "" && m.fetching != nil:
		return m.openFetching(m.fetching)
	case name == "" && m.setup.Fetcher != nil:
		m.say(&note{text: "Which model? /pull NAME fetches one from Hugging Face: owner/repository, or a short name.", hint: "/model lists those to begin with."})
		return nil
	case name == "":
		m.say(&note{text: "Which model? /pull NAME has Ollama fetch one.", hint: "ollama.com/library has the names."})
		return nil
	case m.puller() == nil:
		m.say(&note{text: "What answers here can't fetch models; Ollama can.", hint: "/backend ollama goes on there, then /pull NAME."})
		return nil
	}
	return m.openFetching(m.pulling(name))
}

// offerPull asks whether a model that is not there is to be fetched. about is what there is to
// say of it, empty for nothing.
func (m *model) offerPull(name, about string) tea.Cmd {
	f := m.pulling(name)
	if about = termtext.Line(about); about != "" {
		about = " (" + about + ")"
	}
	if m.plain {
		m.say(&note{text: fmt.Sprintf("%s%s is not there yet.", termtext.Line(name), about), hint: fmt.Sprintf("/pull %s fetches it.", termtext.Line(name))})
		return nil
	}
	f.offer = fmt.Sprintf("There is no %s%s at hand. Is it to be fetched?", termtext.Line(name), about)
	if about == "" {
		f.offer += " It may be several GB."
	}
	return m.openFetching(f)
}

func (m *model) pulling(name string) *fetching {
	puller, shown := m.puller(), termtext.Line(name)
	return &fetching{
		what:  shown,
		start: func(ctx context.Context) iter.Seq2[engine.PullProgress, error] { return puller.Pull(ctx, name) },
		how:   fmt.Sprintf("/model %s goes on with it.", shown),
		then: func(m *model) tea.Cmd {
			return m.switchTo(name, func(context.Context) (To, error) { return To{Model: name}, nil })
		},
	}
}
