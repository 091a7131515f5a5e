package ui

import (
	"fmt"
	"strings"
	"time"

	"charm.land/lipgloss/v2"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/termtext"
)

// status is the line at the bottom: on the left what answers, on the right what
// it does at the moment or, when it does nothing, how full the context is and what
// the conversation has cost.
type status struct {
	info  *engine.Info
	usage *engine.Usage // of the last answer
	doing activity

	context  fullness
	pause    pause
	offline  bool      // nobody answered where the engine should be
	reading  activity  // of pictures, while nothing else goes on
	fetching *activity // of something large, in the background; nil if there is nothing

	unsaved  bool // the conversation is not kept
	noFooter bool // answers don't say how they went, so that is said here of the last one

	prices engine.Prices // of what answers now
	cost   float64       // of the conversation so far, in US dollars
	flash  string        // says something once, in place of everything else
	stop   string        // says which key stops what goes on: " · Esc stops"; "" if none does
}

// activity is something that takes time.
type activity struct {
	text     string        // empty: nothing is going on
	fraction float64       // of it that is done, 0 if that is not known
	span     time.Duration // that it takes, 0 if that is not known
	began    time.Time
	now      time.Time
	frame    int
}

// set changes what goes on; its time starts with the next tick.
func (a *activity) set(text string, fraction float64) {
	if text != a.text {
		a.began, a.now = time.Time{}, time.Time{}
	}
	a.text, a.fraction, a.span = text, fraction, 0
}

func (a *activity) tick(now time.Time) {
	if a.began.IsZero() {
		a.began = now
	}
	a.now = now
	a.frame++
}

const (
	// stops ends a text about what a key stops. Which key that is, is said where it is drawn.
	stops     = " · stops"
	answering = "answering" + stops
)

// withKey puts the key, " · Esc stops", in the place of stops.
func withKey(text, stop string) string {
	if rest, stoppable := strings.CutSuffix(text, stops); stoppable {
		return rest + stop
	}
	return text
}

var spinner = []string{"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"}

// view is a spinner and what goes on. stop says which key stops it.
func (a *activity) view(stop string) string {
	s := spinner[a.frame%len(spinner)] + " "
	if a.span > 0 {
		return s + seconds(max(0, a.span-a.now.Sub(a.began))) + dot + a.text
	}
	text, stoppable := strings.CutSuffix(a.text, stops)
	s += text
	if a.fraction > 0 {
		s += fmt.Sprintf(" %.0f%%", 100*min(1, a.fraction))
	}
	// What takes long says that it is still alive; an answer shows that itself.
	if d := a.now.Sub(a.began); d >= 2*time.Second && a.text != answering {
		s += fmt.Sprintf(" · %.0f s", d.Seconds())
	}
	if stoppable {
		s += stop
	}
	return s
}

// describe says an event of progress in words.
func describe(e *engine.Event, pictures int) string {
	switch e.Kind {
	case engine.Wait:
		return termtext.Line(e.Text)
	case engine.Load:
		return "loading the model"
	case engine.Encode:
		if pictures > 1 {
			return fmt.Sprintf("looking at picture %d of %d", e.Picture+1, pictures)
		}
		return "looking at the picture"
	default:
		return "reading the conversation"
	}
}

// view draws the line in width cells.
func (s *status) view(width int, st *styles) string {
	if s.flash != "" {
		return " " + st.warning.Render(st.cut(termtext.Line(withKey(s.flash, s.stop)), width-2, "…"))
	}
	left, right := s.names(), s.measures(st)
	const edges = 4 // a space at each end and two between
	fits := func() bool {
		return st.width(strings.Join(left, dot))+st.width(strings.Join(right, dot))+edges <= width
	}
	// The model's name and what matters most stay longest when room is scarce.
	for len(left) > 1 && !fits() {
		left = left[:len(left)-1]
	}
	for len(right) > 1 && !fits() {
		right = right[:len(right)-1]
	}
	r := st.cut(strings.Join(right, st.faint.Render(dot)), width-2, "…")
	l := st.cut(strings.Join(left, dot), width-st.width(r)-edges, "…")
	gap := max(1, width-2-st.width(l)-st.width(r))
	return " " + st.faint.Render(l+spaces(gap)) + r
}

// quiet reports whether nothing goes on, and nothing is said once.
func (s *status) quiet() bool { return s.flash == "" && s.doing.text == "" && s.reading.text == "" }

const dot = " · "

// names says what answers, and where.
func (s *status) names() []string {
	var names []string
	if s.unsaved {
		names = append(names, "not saved")
	}
	if s.info == nil {
		return append(names, "vlmchat")
	}
	for _, name := range []string{s.info.Model, s.info.Engine, s.info.Host, s.info.Device} {
		if name = termtext.Line(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// measures says what goes on or else how it is with the conversation, what matters
// most first.
func (s *status) measures(st *styles) []string {
	switch {
	case s.doing.text != "":
		return []string{st.faint.Render(s.doing.view(s.stop))}
	case s.reading.text != "":
		return []string{st.faint.Render(s.reading.view(s.stop))}
	case s.fetching != nil:
		return []string{st.faint.Render(s.fetching.view(s.stop))}
	case s.pause.left() > 0:
		return []string{st.warning.Render(s.pause.view())}
	case s.offline:
		return []string{st.failure.Render("offline")}
	case s.info == nil && s.usage == nil:
		return nil // nobody said yet that there is anything to be ready
	}
	var all []string
	add := func(style lipgloss.Style, format string, values ...any) {
		all = append(all, style.Render(fmt.Sprintf(format, values...)))
	}
	if s.usage == nil {
		add(st.faint, "ready")
	}
	if s.context.size > 0 {
		add(s.context.style(st), "%s", s.context)
	}
	if s.cost > 0 || s.usage != nil && s.prices.Known() {
		add(st.faint, "%s", dollars(s.cost))
	}
	if s.usage != nil && s.noFooter {
		for _, text := range paces(s.usage) {
			add(st.faint, "%s", text)
		}
		if s.usage.ImageTokens > 0 {
			add(st.faint, "%s", pictureTokens(s.usage))
		}
	}
	if all == nil {
		return []string{st.faint.Render("ready")}
	}
	return all
}
