package ui

import (
	"time"

	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/sessions"
)

// unfolding makes a conversation that was kept the tree that the chat has of it.
type unfolding struct {
	talk   *conversation
	ids    map[any]int64                     // of each *question and *answer
	recall func(images.Kept) *images.Picture // as yet without its pixels
	late   []lateShot                        // pictures of questions
}

// tree makes exchanges of messages, and returns the one at the leaf.
func (u *unfolding) tree(c *sessions.Conversation) *exchange {
	questions := map[int64]*question{}
	behind := map[int64]*exchange{} // by the number of the answer; of a question, what that follows
	asked := map[int64]time.Time{}
	answeredBy := map[int64]*exchange{} // by the number of the question, the last one
	var leaf *exchange
	for _, msg := range c.All {
		switch msg.Role {
		case sessions.User:
			q := u.question(&msg)
			questions[msg.ID], behind[msg.ID], asked[msg.ID] = q, behind[msg.Parent], msg.Created
			u.ids[q] = msg.ID
		case sessions.Assistant:
			q := questions[msg.Parent]
			if q == nil {
				continue // no chat has written this
			}
			ex := &exchange{question: q, answer: answerFrom(&msg, q.terms.wantsJSON()), asked: msg.Created}
			ex.seed = factsOf(&msg).Seed
			u.talk.insert(ex, behind[msg.Parent])
			behind[msg.ID], answeredBy[msg.Parent] = ex, ex
			u.ids[ex.answer] = msg.ID
		}
		if msg.ID == c.Leaf {
			leaf = behind[msg.ID]
		}
	}
	for _, msg := range c.All {
		// The process ended between a question and the beginning of its answer.
		if q := questions[msg.ID]; q != nil && answeredBy[msg.ID] == nil {
			ex := &exchange{question: q, answer: &answer{state: abandoned}, asked: asked[msg.ID]}
			u.talk.insert(ex, behind[msg.ID])
			answeredBy[msg.ID] = ex
		}
	}
	if ex := answeredBy[c.Leaf]; ex != nil {
		leaf = ex
	}
	return leaf
}

// question is a question that was kept. Its pictures come when they are needed.
func (u *unfolding) question(msg *sessions.Message) *question {
	q := &question{text: msg.Text(), terms: termsFrom(msg.By, u.recall)}
	for _, p := range msg.Pictures() {
		s := lateShotOf(u.recall(keptOf(p)))
		q.shots = append(q.shots, s)
		u.late = append(u.late, lateShot{shot: s, of: q})
	}
	return q
}
