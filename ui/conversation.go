package ui

import (
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
)

// exchange is a question and what became of it.
type exchange struct {
	question *question
	answer   *answer
}

// conversation is what the model is told, as opposed to what is on the screen.
type conversation struct {
	system    string
	exchanges []*exchange
}

func (c *conversation) last() *exchange {
	if len(c.exchanges) == 0 {
		return nil
	}
	return c.exchanges[len(c.exchanges)-1]
}

// pictures returns those that the next question would be asked with.
func (c *conversation) pictures() []*images.Picture {
	var all, unasked []*images.Picture
	for _, ex := range c.exchanges {
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
	for i, ex := range c.exchanges {
		for _, s := range ex.question.shots {
			pictures = append(pictures, s.picture)
		}
		said := ex.answer.raw.String()
		if i < len(c.exchanges)-1 && said == "" {
			if ex.answer.leftOut {
				pictures = nil
			}
			continue
		}
		messages = append(messages, engine.Ask(ex.question.text, pictures...))
		pictures = nil
		if i < len(c.exchanges)-1 {
			messages = append(messages, engine.Text(engine.Assistant, said))
		}
	}
	return messages
}
