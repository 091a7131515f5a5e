package ui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
)

// weight is what the conversation takes of the context, as the engine counts it ahead
// of the next question: the picture that was attached just now included.
type weight struct {
	of      burden
	known   bool // by the engine; otherwise the last answer's usage has to do
	asked   bool
	count   engine.Count
	dropped int // messages of which the person was told that they will be left out
}

// burden tells when there is something else to weigh.
type burden struct {
	turn     int
	behind   *exchange
	answered bool
	system   string
	chips    int
	limit    int // of tokens, for the answer
	thinking *bool
}

// weighedMsg is what the engine counted.
type weighedMsg struct {
	of    burden
	count engine.Count
	err   error
}

// burden is what there is to weigh now.
func (m *model) burden() burden {
	b := burden{turn: m.turn, behind: m.behind(), system: m.talk.system, chips: len(m.attachments.shots())}
	ahead := m.terms()
	b.limit, b.thinking = ahead.Sampling.MaxTokens, ahead.Thinking
	b.answered = b.behind != nil && b.behind.answer.state == answered
	return b
}

// counter is the engine, if it counts tokens before it computes any of them.
func (m *model) counter() engine.Counter {
	counter, ok := m.setup.Engine.(engine.Counter)
	if !ok || m.status.info == nil || !m.status.info.Capabilities.Counting {
		return nil
	}
	return counter
}

// weigh has the engine count the conversation, whenever that has changed and nothing
// else goes on.
func (m *model) weigh() tea.Cmd {
	counter, of := m.counter(), m.burden()
	busy := m.busy() || m.run != nil || m.loading != nil || m.change != nil || m.attachments.reading()
	if counter == nil || busy || m.weight.asked && m.weight.of == of || of.behind == nil && of.chips == 0 {
		return nil
	}
	m.weight.of, m.weight.asked, m.weight.known = of, true, false
	ahead, ctx := m.ahead(), m.ctx
	return func() tea.Msg {
		count, err := counter.Count(ctx, ahead)
		return weighedMsg{of, count, err}
	}
}

// ahead is the next question's request, as yet without its words.
func (m *model) ahead() engine.Request {
	messages, pictures := m.talk.before(m.behind())
	r := m.terms()
	r.Messages = append(messages, engine.Ask("", join(pictures, m.attachments.shots())...))
	return r
}

// terms is a request with what holds for the next question, and nothing of the
// conversation.
func (m *model) terms() engine.Request {
	r := engine.Request{Sampling: m.setup.Sampling, Thinking: m.setup.Thinking}
	if m.edit != nil {
		m.edit.of.question.terms.apply(&r)
	}
	return r
}

// weighed takes what the engine counted, and says what the next answer will leave out.
func (m *model) weighed(msg weighedMsg) {
	if msg.of != m.weight.of || msg.err != nil {
		return // something else is to be weighed by now; what is wrong a question will tell
	}
	m.weight.known, m.weight.count = true, msg.count
	if n := msg.count.Dropped; n > m.weight.dropped {
		m.say(&note{text: fmt.Sprintf("The context is full: the next answer will leave out the first %s.", messageCount(n)),
			hint: "/context shows what takes how much, /clear begins anew."})
	}
	m.weight.dropped = msg.count.Dropped
}

func messageCount(n int) string {
	if n == 1 {
		return "message"
	}
	return fmt.Sprintf("%d messages", n)
}

// fullness is how full the context is.
type fullness struct {
	percent int
	dropped int // messages that the next answer will leave out
	size    int // in tokens; 0 if it is not known
}

// fullness takes what the engine counted, or else what the last answer told.
func (m *model) fullness() fullness {
	if w := m.weight; w.known && w.of == m.burden() && w.count.ContextSize > 0 {
		percent := 100 * w.count.Tokens / w.count.ContextSize
		return fullness{min(100, percent), w.count.Dropped, w.count.ContextSize}
	}
	u, info := m.status.usage, m.status.info
	if u == nil || info == nil || info.ContextSize <= 0 {
		return fullness{}
	}
	return fullness{percent: 100 * (u.PromptTokens + u.GeneratedTokens) / info.ContextSize, size: info.ContextSize}
}

// hasRoom reports whether a text of so many bytes fits into the context beside what is
// there, as far as is known: few texts have more than a token in two bytes.
func (f fullness) hasRoom(bytes int) bool {
	return f.size == 0 || f.size*f.percent/100+bytes/2 <= f.size
}

// nearlyFull is the share of the context, in percent, from which it is said to be so.
const nearlyFull = 80

// String is "ctx ██░░░ 41% of 4k".
func (f fullness) String() string {
	text := fmt.Sprintf("ctx %s %d%% of %s", gauge(f.percent, 5), f.percent, count(f.size))
	switch {
	case f.dropped > 0:
		text += fmt.Sprintf(", next leaves out %d", f.dropped)
	case f.percent >= nearlyFull:
		text += ", nearly full"
	}
	return text
}

// style makes what is said of a full context stand out.
func (f fullness) style(st *styles) lipgloss.Style {
	switch {
	case f.percent >= 95 || f.dropped > 0:
		return st.failure
	case f.percent >= nearlyFull:
		return st.warning
	}
	return st.faint
}

// gauge is a bar of so many cells, a part of which is full: all of it only at 100%,
// and none only at 0%.
func gauge(percent, cells int) string {
	full := min(cells, (percent*cells+50)/100)
	switch {
	case percent > 0 && full == 0:
		full = 1
	case percent < 100 && full == cells:
		full--
	}
	return strings.Repeat("█", full) + strings.Repeat("░", cells-full)
}

// contextCommand shows what takes how much of the context.
func (m *model) contextCommand(string) tea.Cmd {
	counter := m.counter()
	if counter == nil {
		m.showUsage()
		return nil
	}
	all, ctx, system := m.ahead(), m.ctx, m.talk.system
	var names []string
	for _, p := range engine.Pictures(all.Messages) {
		names = append(names, pictureName(p))
	}
	return m.errand(func() tea.Msg {
		whole, err := counter.Count(ctx, all)
		if err != nil {
			return occupiedMsg{err: err}
		}
		o := &occupancy{size: whole.ContextSize, limit: all.Sampling.MaxTokens, dropped: whole.Dropped}
		if system != "" {
			rest := all
			rest.Messages = all.Messages[1:]
			without, err := counter.Count(ctx, rest)
			if err != nil {
				return occupiedMsg{err: err}
			}
			o.add("system message", whole.Tokens-without.Tokens)
		}
		o.add("messages", whole.Tokens-whole.ImageTokens-o.taken())
		o.addPictures(names, whole)
		return occupiedMsg{occupancy: o}
	})
}

// pictureName is what a person recognises a picture by.
func pictureName(p *images.Picture) string {
	name := lateShotOf(p).name
	if _, part := p.Part(); part != "" {
		name += dot + part
	}
	return name
}

// showUsage shows what the last answer told of the context, where an engine can't count
// ahead.
func (m *model) showUsage() {
	u, info := m.status.usage, m.status.info
	if u == nil || info == nil {
		m.say(&note{text: "Nothing is known yet of what the conversation takes: this engine tells it with its answers."})
		return
	}
	o := &occupancy{size: info.ContextSize}
	o.add("messages", u.PromptTokens-u.ImageTokens)
	o.add("pictures", u.ImageTokens)
	o.add("last answer", u.GeneratedTokens)
	m.showOccupancy(o)
}

// occupiedMsg is what takes how much of the context.
type occupiedMsg struct {
	occupancy *occupancy
	err       error
}

func (m *model) occupied(msg occupiedMsg) {
	if msg.err != nil {
		m.complain(msg.err)
		return
	}
	m.showOccupancy(msg.occupancy)
}

func (m *model) showOccupancy(o *occupancy) {
	o.bars = !m.plain
	m.transcript.add(o)
	m.transcript.show(o)
}

// occupancy is a block that shows what takes how much of the context.
type occupancy struct {
	size    int // of the context; 0 if it is not known
	limit   int // of the answer
	dropped int
	parts   []part
	bars    bool // are drawn; they say nothing to who hears them
}

// part is something that takes tokens.
type part struct {
	name   string
	tokens int
	within bool // it is told of in the part before already
}

func (o *occupancy) add(name string, tokens int) {
	if tokens > 0 {
		o.parts = append(o.parts, part{name: name, tokens: tokens})
	}
}

// addPictures adds the pictures, and each of several.
func (o *occupancy) addPictures(names []string, c engine.Count) {
	o.add("pictures", c.ImageTokens)
	const most = 20
	for i, tokens := range c.Pictures {
		if i < len(names) && i < most {
			o.parts = append(o.parts, part{name: names[i], tokens: tokens, within: true})
		}
	}
}

// taken is the sum of the parts.
func (o *occupancy) taken() int {
	sum := 0
	for _, p := range o.parts {
		if !p.within {
			sum += p.tokens
		}
	}
	return sum
}

func (o *occupancy) version() int { return 0 }

func (o *occupancy) draw(f frame) []string {
	st, width := f.styles, max(1, f.width-len(indent))
	all := o.parts
	heading := fmt.Sprintf("The conversation has %d tokens.", o.taken())
	if o.size > 0 {
		heading = fmt.Sprintf("The conversation takes %d of the context's %d tokens.", o.taken(), o.size)
		all = append(all[:len(all):len(all)], part{name: "free", tokens: max(0, o.size-o.taken())})
	}
	lines := st.wrap(heading, width)
	column, digits := 0, len(fmt.Sprint(max(o.size, o.taken())))
	for _, p := range all {
		column = max(column, st.width(p.label()))
	}
	column = max(1, min(column, width-digits-2-barCells))
	for _, p := range all {
		name := st.cut(p.label(), column, "…")
		line := fmt.Sprintf("%s%s %*d", name, spaces(column-st.width(name)), digits, p.tokens)
		if o.bars && o.size > 0 && !p.within {
			line += " " + gauge((100*p.tokens+o.size-1)/o.size, barCells)
		}
		if p.within || p.name == "free" {
			line = st.faint.Render(line)
		}
		lines = append(lines, st.cut(line, width, ""))
	}
	remark := ""
	switch {
	case o.dropped > 0:
		remark = fmt.Sprintf("The next answer will leave out the first %s.", messageCount(o.dropped))
	case o.limit > 0 && o.size > 0 && o.taken()+o.limit > o.size:
		remark = fmt.Sprintf("An answer may have %d tokens, for which there is hardly room.", o.limit)
	}
	if remark != "" {
		lines = append(lines, (&note{text: remark}).lines(width, st)...)
	}
	return indented(lines)
}

// barCells is how long the bars are.
const barCells = 10

func (p part) label() string {
	if p.within {
		return "  " + p.name
	}
	return p.name
}
