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
	number   int // counts the conversation's exchanges, from 1: what people call it
	question *question
	answer   *answer
	asked    time.Time
	seed     *uint32   // in place of the settings'
	parent   *exchange // the exchange before; nil of a first one
	children []*exchange
}

// conversation is what the model is told, as opposed to what is on the screen: a tree
// of exchanges, of which the model knows the path that leads to the leaf.
type conversation struct {
	system string
	firsts []*exchange // those without a parent
	leaf   *exchange   // the last exchange of the path; nil of an empty one
	count  int         // of all exchanges
	fresh  []*exchange // that were added since the conversation was kept last

	// recent is the child of an exchange that was on the path last, and of nil the
	// first one, so that who comes back to a branch finds its end.
	recent map[*exchange]*exchange
	undone []*exchange // what was taken back from the end of the path, the last one last
}

// add puts an exchange behind another, or at the beginning if that is nil, and makes
// it the end of the path.
func (c *conversation) add(ex, behind *exchange) {
	c.insert(ex, behind)
	c.goTo(ex)
}

// insert puts an exchange behind another, or at the beginning if that is nil.
func (c *conversation) insert(ex, behind *exchange) {
	c.count++
	ex.number, ex.parent = c.count, behind
	c.fresh = append(c.fresh, ex)
	siblings := c.children(behind)
	*siblings = append(*siblings, ex)
}

// children are the exchanges behind one, the first ones behind nil.
func (c *conversation) children(of *exchange) *[]*exchange {
	if of == nil {
		return &c.firsts
	}
	return &of.children
}

// goTo makes an exchange the end of the path; nil makes it empty.
func (c *conversation) goTo(ex *exchange) {
	c.leaf, c.undone = ex, nil
	if c.recent == nil {
		c.recent = map[*exchange]*exchange{}
	}
	for ; ex != nil; ex = ex.parent {
		c.recent[ex.parent] = ex
	}
}

// undo takes back the last exchange, and returns it; nil if there is none.
func (c *conversation) undo() *exchange {
	ex := c.leaf
	if ex != nil {
		c.leaf, c.undone = ex.parent, append(c.undone, ex)
		delete(c.recent, ex.parent)
	}
	return ex
}

// redo brings back what was taken back last, and returns it; nil if there is nothing.
func (c *conversation) redo() *exchange {
	n := len(c.undone) - 1
	if n < 0 {
		return nil
	}
	rest := c.undone[:n]
	ex := c.undone[n]
	c.goTo(ex)
	c.undone = rest
	return ex
}

// tip is the end of the branch that an exchange begins, as it was last.
func (c *conversation) tip(ex *exchange) *exchange {
	for c.recent[ex] != nil {
		ex = c.recent[ex]
	}
	return ex
}

// questions returns the exchanges in the place of one that have different questions,
// in the order of asking, one for each: of that one's own question itself.
func (c *conversation) questions(of *exchange) []*exchange {
	var all []*exchange
	for _, ex := range *c.children(of.parent) {
		same := func(other *exchange) bool { return other.question == ex.question }
		switch i := slices.IndexFunc(all, same); {
		case i < 0:
			all = append(all, ex)
		case ex == of || all[i] != of && !ex.answer.silent():
			all[i] = ex
		}
	}
	return all
}

// answers returns the exchanges in the place of one that have the same question. A
// failed try is none of them, once there is another.
func (c *conversation) answers(of *exchange) []*exchange {
	var all []*exchange
	for _, ex := range *c.children(of.parent) {
		if ex == of || ex.question == of.question && !ex.answer.silent() {
			all = append(all, ex)
		}
	}
	return all
}

// find returns the exchange of a number; nil if there is none.
func (c *conversation) find(number int) *exchange {
	for ex := range c.all {
		if ex.number == number {
			return ex
		}
	}
	return nil
}

// all goes through the tree, each exchange before those behind it.
func (c *conversation) all(yield func(*exchange) bool) {
	var walk func([]*exchange) bool
	walk = func(some []*exchange) bool {
		for _, ex := range some {
			if !yield(ex) || !walk(ex.children) {
				return false
			}
		}
		return true
	}
	walk(c.firsts)
}

// path returns the exchanges that the model is told of, from the first.
func (c *conversation) path() []*exchange { return c.leaf.path() }

// path returns the exchanges that lead to this one, and itself.
func (ex *exchange) path() []*exchange {
	var path []*exchange
	for ; ex != nil; ex = ex.parent {
		path = append(path, ex)
	}
	slices.Reverse(path)
	return path
}

// clear forgets everything but the system message.
func (c *conversation) clear() { *c = conversation{system: c.system} }

// pictures returns those that a question behind the exchange would be asked with.
func (ex *exchange) pictures() []*images.Picture {
	messages, unasked := new(conversation).before(ex)
	return append(engine.Pictures(messages), unasked...)
}

// messages returns the conversation up to the question of an exchange. A question
// that got no word of an answer is not repeated to the model, since the person has
// asked again since (and chat templates want the roles to alternate); its pictures go
// along with the next question, unless they are what the engine refused.
func (c *conversation) messages(to *exchange) []engine.Message {
	messages, pictures := c.before(to.parent)
	pictures = join(pictures, to.question.shots)
	return append(to.question.terms.before(messages), engine.Ask(to.question.text, pictures...))
}

// before returns the conversation up to the answer of an exchange, nil for its
// beginning, and the pictures that go along with the next question.
func (c *conversation) before(next *exchange) (messages []engine.Message, pictures []*images.Picture) {
	if c.system != "" {
		messages = append(messages, engine.Text(engine.System, c.system))
	}
	for _, ex := range next.path() {
		pictures = join(pictures, ex.question.shots)
		said := ex.answer.raw.String()
		switch {
		case said != "":
			messages = append(messages, engine.Ask(ex.question.text, pictures...), engine.Text(engine.Assistant, said))
			pictures = nil
		case ex.answer.leftOut:
			pictures = nil
		}
	}
	return messages, pictures
}

// join returns the pictures with which a question is asked: those that wait for it, and
// its own. Who asks again with the same picture means it once.
func join(waiting []*images.Picture, own []*shot) []*images.Picture {
	all := slices.DeleteFunc(waiting, func(p *images.Picture) bool {
		return slices.ContainsFunc(own, func(s *shot) bool { return s.picture.SHA256 == p.SHA256 })
	})
	for _, s := range own {
		all = append(all, s.picture)
	}
	return all
}
