package ui

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	tea "charm.land/bubbletea/v2"
)

// retry asks the last question again, of another model if one is named. The answer that
// it got is a branch from then on.
func (m *model) retry(name string) tea.Cmd {
	last := m.talk.leaf
	switch {
	case last == nil:
		m.say(&note{text: "There is no question yet to ask again.", hint: "Ask one first."})
		return nil
	case !m.settled():
		return nil
	case name == "":
		return m.askAgain(last)
	}
	earlier := m.change
	cmd := m.chooseModel(name)
	if m.change != earlier {
		m.change.then = func(m *model) tea.Cmd {
			if m.talk.leaf != last || m.busy() {
				return nil // the conversation has gone on meanwhile
			}
			return m.askAgain(last)
		}
	}
	return cmd
}

// askAgain asks a question once more, with another seed.
func (m *model) askAgain(of *exchange) tea.Cmd {
	again := &exchange{question: of.question, answer: &answer{}, asked: time.Now()}
	fixed := m.setup.Sampling.Seed
	if fixed != nil {
		again.seed = otherSeed(*fixed, m.talk.answers(of))
	}
	m.append(again, of.parent)
	switch {
	case m.setup.Sampling.Temperature == 0 && of.answer.isOf(m.status.info) && !of.answer.silent():
		m.say(&note{text: "The temperature is 0: the model says what is likeliest, and may well say the same. /temp 0.7 lets it vary."})
	case fixed != nil:
		m.say(&note{text: fmt.Sprintf("Asked again with seed %d in place of %d, with which the answer would be the same.", *again.seed, *fixed)})
	}
	return m.enqueue(again)
}

// otherSeed returns a seed that none of the answers was drawn with so far.
func otherSeed(fixed uint32, answers []*exchange) *uint32 {
	taken := map[uint32]bool{fixed: true}
	for _, ex := range answers {
		if ex.seed != nil {
			taken[*ex.seed] = true
		}
	}
	for {
		if seed := rand.Uint32N(math.MaxUint32); !taken[seed] {
			return &seed
		}
	}
}
