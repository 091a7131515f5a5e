package ui

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/termtext"
)

// Welcome is how a chat begins where nobody has said yet what is to answer: with what
// there is, and a suggestion.
type Welcome struct {
	// Find looks for what could answer and hands over what it finds as it comes, outside
	// the chat's goroutine. It ends soon, whatever does not answer.
	Find func(ctx context.Context, found func(Finding))
	// Install fetches what runs models on this machine. It may be nil.
	Install func(ctx context.Context) iter.Seq2[engine.PullProgress, error]
	// Keep makes a choice the one of later chats, and returns the file that has it then.
	Keep func(to To) (path string, err error)
	// Seen notes that the person needs no welcome any more.
	Seen func() error
}

// Finding is something that was found.
type Finding struct {
	Fact    string // for people; empty if there is nothing to say
	Choices []Choice
}

// Choice is something that can be begun with.
type Choice struct {
	Name, About string
	To          To
	Rank        int    // the lowest is suggested
	Install     bool   // what runs it has to be fetched first
	Fetch       string // the model that has to be fetched first, by Setup.Fetcher
	Write       string // a command to be written to its end by the person, in place of To
}

// welcome is the dialog of that.
type welcome struct {
	from    *Welcome
	bound   *Keys
	facts   []string
	choices []Choice
	at      int
	touched bool // the person has moved
	keep    bool // what is chosen is for later chats, too
	finds   chan Finding
	doing   activity
	looking bool
	row     int // of the first choice, where it was drawn last
}

// welcomeMsg is what was found within a frame.
type welcomeMsg struct {
	of    *welcome
	finds []Finding
	ended bool
}

// openWelcome shows what there is to begin with.
func (m *model) openWelcome() tea.Cmd {
	if m.options.Welcome == nil {
		m.say(&note{text: "/model, /backend and /profile choose what answers."})
		return nil
	}
	w := &welcome{from: m.options.Welcome, bound: m.keys, finds: make(chan Finding), looking: true}
	m.welcome = w
	if !m.plain {
		m.closeDialog()
		m.dialog = w
	}
	m.idle()
	ctx := m.ctx
	return tea.Batch(w.next, func() tea.Msg {
		defer close(w.finds)
		w.from.Find(ctx, func(f Finding) {
			select {
			case w.finds <- f:
			case <-ctx.Done():
			}
		})
		return nil
	})
}

// next is a command that waits for something to be found and then for the rest of the
// frame.
func (w *welcome) next() tea.Msg {
	msg := welcomeMsg{of: w}
	msg.ended = gathered(w.finds, func(f Finding) { msg.finds = append(msg.finds, f) })
	return msg
}

// welcomed takes what was found. The suggestion is the best so far, until the person moves.
func (m *model) welcomed(msg welcomeMsg) tea.Cmd {
	w := msg.of
	for _, f := range msg.finds {
		if f.Fact != "" {
			w.facts = append(w.facts, termtext.Line(f.Fact))
		}
		w.add(f.Choices)
	}
	if !msg.ended {
		return w.next
	}
	w.looking = false
	m.idle()
	if m.plain && m.welcome == w {
		for _, fact := range w.facts {
			m.say(&note{text: fact})
		}
		return m.openPicker(w.listed())
	}
	return nil
}

// add puts choices among the others, the best first.
func (w *welcome) add(choices []Choice) {
	chosen := Choice{}
	if w.at < len(w.choices) {
		chosen = w.choices[w.at]
	}
	for _, c := range choices {
		c.Name, c.About = termtext.Line(c.Name), termtext.Line(c.About)
		w.choices = append(w.choices, c)
	}
	slices.SortStableFunc(w.choices, func(a, b Choice) int { return a.Rank - b.Rank })
	w.at = 0
	if w.touched {
		w.at = max(0, slices.Index(w.choices, chosen))
	}
}

// listed is the picker that a plain chat has, with numbers for /start.
func (w *welcome) listed() *picker {
	p := &picker{heading: w.title(), command: "start", pick: func(m *model, e entry) tea.Cmd { return m.startWith(w, e.value.(Choice)) }}
	for _, c := range w.choices {
		p.entries = append(p.entries, entry{name: c.Name, about: c.About, value: c})
	}
	return p
}

// startCommand begins with a choice of a number, or shows them.
func (m *model) startCommand(argument string) tea.Cmd {
	if cmd, isNumber := m.pickNumber("start", argument); isNumber {
		return cmd
	}
	return m.openWelcome()
}

// leaveWelcome puts it away with nothing chosen.
func (m *model) leaveWelcome(w *welcome) tea.Cmd {
	m.closeDialog()
	m.welcome = nil
	if m.unanswered() {
		m.say(&note{text: "Nothing answers yet.", hint: "/start shows again what there is; /backend and /model choose."})
	}
	return tea.Batch(w.seen(), m.chooseSession())
}

// unanswered reports whether nothing was chosen yet that answers.
func (m *model) unanswered() bool {
	_, nobody := m.setup.Engine.(Nobody)
	return nobody
}

// seen notes that this need not be shown again. That it can't is no reason to say so:
// then it is shown again.
func (w *welcome) seen() tea.Cmd {
	return func() tea.Msg {
		_ = w.from.Seen()
		return nil
	}
}

// startWith goes on with a choice.
func (m *model) startWith(w *welcome, c Choice) tea.Cmd {
	m.closeDialog()
	m.welcome = nil
	commands := []tea.Cmd{w.seen()}
	if w.keep && c.Write == "" {
		keep, to := w.from.Keep, c.To
		commands = append(commands, func() tea.Msg {
			path, err := keep(to)
			return choiceKeptMsg{path, err}
		})
	}
	begin := func(m *model) tea.Cmd {
		return tea.Batch(m.switchTo(c.Name, func(context.Context) (To, error) { return c.To, nil }), m.chooseSession())
	}
	if answers := begin; c.Fetch != "" && m.puller() != nil {
		begin = func(m *model) tea.Cmd {
			f := m.pulling(c.Fetch)
			f.then = answers
			return m.openFetching(f)
		}
	}
	switch {
	case c.Write != "":
		m.composer.giveBack(c.Write)
		if m.composer.value() == c.Write {
			m.composer.insert(" ")
		}
		m.say(&note{text: "Write the name of the model behind it."})
	case c.Install && w.from.Install != nil:
		commands = append(commands, m.openFetching(&fetching{
			what: "llama.cpp", start: w.from.Install, then: begin, how: "/start shows again what there is to begin with.",
		}))
	default:
		commands = append(commands, begin(m))
	}
	return tea.Batch(commands...)
}

// choiceKeptMsg says where a choice was written down.
type choiceKeptMsg struct {
	path string
	err  error
}

func (m *model) choiceKept(msg choiceKeptMsg) {
	if msg.err != nil {
		m.complain(msg.err)
		return
	}
	m.say(&note{text: "From now on it begins with this: " + msg.path + " says so."})
}

func (w *welcome) title() string { return "Welcome to vlmchat" }

func (w *welcome) hint() string {
	keeps := "s keeps the choice"
	if w.keep {
		keeps = "s uses it once only"
	}
	if len(w.choices) == 0 {
		return hints(hint("leaves", w.bound.leave))
	}
	return hints(hint("starts", w.bound.pick), keeps, hint("leaves", w.bound.leave))
}

func (w *welcome) press(m *model, msg tea.KeyPressMsg) tea.Cmd {
	n, err := strconv.Atoi(msg.Text)
	switch {
	case key.Matches(msg, m.keys.leave):
		return m.leaveWelcome(w)
	case len(w.choices) == 0:
	case key.Matches(msg, m.keys.pick):
		return m.startWith(w, w.choices[w.at])
	case key.Matches(msg, m.keys.pickPrev):
		w.move(-1)
	case key.Matches(msg, m.keys.pickNext):
		w.move(1)
	case msg.Text == "s":
		w.keep = !w.keep
	case err == nil && n >= 1 && n <= len(w.choices):
		return m.startWith(w, w.choices[n-1])
	}
	return nil
}

func (w *welcome) move(n int) { w.at, w.touched = max(0, min(w.at+n, len(w.choices)-1)), true }

func (w *welcome) paste(*model, string) tea.Cmd { return nil }

func (w *welcome) mouse(m *model, msg tea.MouseMsg, at int) tea.Cmd {
	if _, clicked := msg.(tea.MouseClickMsg); clicked && at >= w.row && at-w.row < len(w.choices) {
		return m.startWith(w, w.choices[at-w.row])
	}
	return nil
}

func (w *welcome) draw(f frame, height int) panel {
	st := f.styles
	var lines []string
	for _, fact := range w.facts {
		lines = append(lines, st.faint.Render(st.cut("· "+fact, f.width-len(indent), "…")))
	}
	if w.looking {
		lines = append(lines, st.faint.Render(spinner[w.doing.frame%len(spinner)]+" looking for what is here"))
	}
	// Where there is little room, what can be chosen matters more.
	rest := max(0, height-len(w.choices)-2)
	lines = append(indented(lines[:min(len(lines), rest)]), "")
	question := "What is to answer?"
	if w.keep {
		question += " It is kept for later chats."
	}
	if len(w.choices) > 0 {
		lines = append(lines, indent+st.strong.Render(st.cut(question, f.width-len(indent), "…")))
	}
	w.row = len(lines)
	column := 0
	for _, c := range w.choices {
		column = max(column, st.width(c.Name))
	}
	column = min(column, f.width/2)
	for i, c := range w.choices {
		mark, style := "  ", st.plain
		if i == w.at {
			mark, style = st.bar.Render(prompt), st.strong
		}
		about := c.About
		if i == 0 {
			about = strings.TrimPrefix(about+dot+"suggested", dot)
		}
		name := st.cut(c.Name, column, "…")
		line := mark + fmt.Sprintf("%d ", i+1) + style.Render(name) + spaces(column-st.width(name)+2) + st.faint.Render(about)
		lines = append(lines, st.cut(line, f.width, "…"))
	}
	return panel{lines: lines[:min(len(lines), max(0, height))]}
}

// Nobody is an engine that answers nothing, as long as nothing was chosen.
type Nobody struct{}

// Info says that nothing is chosen.
func (Nobody) Info(context.Context) (engine.Info, error) { return engine.Info{}, errNobody }

// Chat says that nothing is chosen.
func (Nobody) Chat(context.Context, engine.Request) iter.Seq2[engine.Event, error] {
	return func(yield func(engine.Event, error) bool) { yield(engine.Event{}, errNobody) }
}

// Close does nothing.
func (Nobody) Close() error { return nil }

var errNobody = &engine.Error{Kind: engine.BadOption, Message: "Nothing answers yet.", Hint: "/start shows what there is; /backend and /model choose. /retry asks again then."}
