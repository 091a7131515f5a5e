package ui

import (
	"slices"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
)

// exchange is a question and what became of it: a node of the conversation's tree.
// Exchanges with the same parent are branches. Several may have the same question,
// which was then asked again.
type exchange struct {
	question *question
	answer   *answer
	asked    time.Time
	parent   *exchange // the exchange before; nil of a first one
	children []*exchange
}

// conversation is what the model is told, as opposed to what is on the screen: a tree
// of exchanges, of which the model knows the path that leads to the leaf.
type conversation struct {
	system string
	firsts []*exchange // those without a parent
	leaf   *exchange   // the last exchange of the path; nil of an empty one
}

// last returns the exchange at the end of the path; nil if there is none.
func (c *conversation) last() *exchange { return c.leaf }

// add puts an exchange behind another, or at the beginning if that is nil, and makes
// it the end of the path.
func (c *conversation) add(ex, behind *exchange) {
	ex.parent = behind
	siblings := &c.firsts
	if behind != nil {
		siblings = &behind.children
	}
	*siblings = append(*siblings, ex)
	c.leaf = ex
}

// path returns the exchanges that the model is told of, from the first.
func (c *conversation) path() []*exchange {
	var path []*exchange
	for ex := c.leaf; ex != nil; ex = ex.parent {
		path = append(path, ex)
	}
	slices.Reverse(path)
	return path
}

// clear forgets everything but the system message.
func (c *conversation) clear() { c.firsts, c.leaf = nil, nil }

// pictures returns those that the next question would be asked with.
func (c *conversation) pictures() []*images.Picture {
	var all, unasked []*images.Picture
	for _, ex := range c.path() {
		for _, s := range ex.question.shots {
			unasked = append(unasked, s.picture)
		}
		switch {
		case ex.answer.raw.Len() > 0:
			all, unasked = append(all, unasked...), nil
		case ex.answer.leftOut:
			unasked = nil
		}
	}
	return append(all, unasked...)
}

// messages returns the conversation up to its last question. A question that got
// no word of an answer is not repeated to the model, since the person has asked
// again since (and chat templates want the roles to alternate); its pictures go
// along with the next question, unless they are what the engine refused.
func (c *conversation) messages() []engine.Message {
	var messages []engine.Message
	if c.system != "" {
		messages = append(messages, engine.Text(engine.System, c.system))
	}
	var pictures []*images.Picture
	path := c.path()
	for i, ex := range path {
		for _, s := range ex.question.shots {
			pictures = append(pictures, s.picture)
		}
		said := ex.answer.raw.String()
		if i < len(path)-1 && said == "" {
			if ex.answer.leftOut {
				pictures = nil
			}
			continue
		}
		messages = append(messages, engine.Ask(ex.question.text, pictures...))
		pictures = nil
		if i < len(path)-1 {
			messages = append(messages, engine.Text(engine.Assistant, said))
		}
	}
	return messages
}
