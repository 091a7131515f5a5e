package ui

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/sessions"
	"github.com/vlmchat/vlmchat/termtext"
)

// Origin is what an answer came from, as it is kept with it: what its engine told, and
// what of its request is nowhere else.
type Origin struct {
	engine.Provenance
	Vlmchat  string            `json:"vlmchat,omitempty"`  // the version that asked
	System   string            `json:"system,omitempty"`   // the conversation's system message, as it was then
	Thinking *bool             `json:"thinking,omitempty"` // whether the model was to think; nil left it to the model
	Settings map[string]string `json:"settings,omitempty"` // those by which its engine can be opened again
}

// originOf is the origin of an answer that was kept; nil if it has none, as those before
// vlmchat kept it.
func originOf(m *sessions.Message) *Origin {
	o := new(Origin)
	if len(m.Provenance) == 0 || json.Unmarshal(m.Provenance, o) != nil {
		return nil
	}
	return o
}

// tells takes what an engine told of an answer.
func (a *answer) tells(p *engine.Provenance) {
	if a.from == nil {
		a.from = &Origin{}
	}
	a.from.Provenance = *p
	a.changes++
}

// provedMsg is what an engine came to know of an answer after it.
type provedMsg struct {
	exchange *exchange
	session  *session // that it belongs to
	from     engine.Provenance
	err      error
}

// proving returns what asks an engine for what it did not know yet of an answer when that
// came; nil if it never knows more, or nothing is kept.
func (m *model) proving(ex *exchange, e engine.Engine) func(engine.Provenance) tea.Msg {
	prover, ok := e.(engine.Prover)
	if !ok || m.keeper == nil || m.private {
		return nil
	}
	ctx, s := m.ctx, m.session
	return func(p engine.Provenance) tea.Msg {
		p, err := prover.Prove(ctx, p)
		return provedMsg{ex, s, p, err}
	}
}

// prove is a command that does so for an answer of what answers the conversation; nil if
// nothing was told of it.
func (m *model) prove(ex *exchange) tea.Cmd {
	prove, from := m.proving(ex, m.setup.Engine), ex.answer.from
	if prove == nil || from == nil || from.Seed == nil {
		return nil
	}
	p := from.Provenance
	return func() tea.Msg { return prove(p) }
}

// proved keeps what was learnt. What could not be stays unknown.
func (m *model) proved(msg provedMsg) tea.Cmd {
	a := msg.exchange.answer
	if msg.err != nil || a.from == nil || m.keeper == nil || m.private || a.from.Model == msg.from.Model {
		return nil
	}
	a.from.Provenance = msg.from
	m.keeper.add(msg.session.updates(msg.exchange))
	return m.write()
}

// Facts are what an origin tells, by names for people, in the order of their weight.
// What is not known is left out.
func (o *Origin) Facts() []engine.Fact {
	var all []engine.Fact
	add := func(name, value string) {
		if value != "" {
			all = append(all, engine.Fact{Name: name, Value: value})
		}
	}
	add("model", o.Model)
	add("projector", o.Projector)
	for i, adapter := range o.Adapters {
		add(fmt.Sprintf("adapter %d", i+1), adapter)
	}
	add("template", o.Template)
	add("runtime", o.Runtime)
	add("device", o.Device)
	for _, name := range slices.Sorted(maps.Keys(o.Options)) {
		add(name, o.Options[name])
	}
	if o.Thinking != nil {
		add("thinking", map[bool]string{true: "on", false: "off"}[*o.Thinking])
	}
	if o.Seed != nil {
		add("seed", fmt.Sprint(*o.Seed))
	}
	add("vlmchat", o.Vlmchat)
	return all
}

// originCommand shows what the last answer came from, or that to the message of a number.
func (m *model) originCommand(argument string) tea.Cmd {
	ex := m.talk.leaf
	if argument != "" || ex == nil {
		if ex = m.numbered(argument); ex == nil {
			return nil
		}
	}
	a := ex.answer
	if a.from == nil || a.by == nil {
		m.say(&note{text: "Nothing is known of what this answer came from."})
		return nil
	}
	lines := []string{fmt.Sprintf("Answer %d is by %s, and came from:", ex.number, describeInfo(*a.by))}
	for _, f := range a.from.Facts() {
		lines = append(lines, termtext.Line(f.Name)+": "+termtext.Line(f.Value))
	}
	m.say(&note{text: strings.Join(lines, "\n"), hint: m.rerunHint(ex)})
	return nil
}

// rerunHint says how an answer is made again.
func (m *model) rerunHint(ex *exchange) string {
	if m.keeper == nil || m.private {
		return ""
	}
	return fmt.Sprintf("vlmchat sessions rerun %s#%d asks for it again, and compares.", m.session.id, ex.number)
}
