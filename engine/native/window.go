package native

import (
	"fmt"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/llamacpp"
)

// When a conversation has outgrown the context, its oldest turns are left out,
// whole. The system message stays, and so do the pictures of turns that are gone,
// at the head of the oldest message that is left: most questions are about them.

// window is what of a conversation goes to the model.
type window struct {
	prompt  *prompt
	dropped int    // messages that were left out
	note    string // what a person should know of it
}

// turns are the messages from one of the user's to before the next.
type turns struct {
	head  []wireMessage   // system messages
	turns [][]wireMessage // at least one
}

func splitTurns(messages []wireMessage) turns {
	var t turns
	for len(messages) > 0 && messages[0].Role == engine.System {
		t.head, messages = append(t.head, messages[0]), messages[1:]
	}
	for i, m := range messages {
		if i == 0 || m.Role == engine.User && messages[i-1].Role != engine.User {
			t.turns = append(t.turns, nil)
		}
		last := len(t.turns) - 1
		t.turns[last] = append(t.turns[last], m)
	}
	return t
}

// answerReserve is kept free for the answer when turns are left out for it: no
// more than a quarter of the context, however long an answer may become.
func answerReserve(size, limit int) int {
	if limit <= 0 || limit > size/4 {
		return size / 4
	}
	return limit
}

// fit builds the prompt of as much of a conversation as the context has room for.
func (r *runner) fit(messages []wireMessage, thinking *bool, bitmaps map[string]llamacpp.Bitmap, limit int) (window, error) {
	size := r.context.Size()
	p, err := r.prompter.build(messages, thinking, bitmaps)
	if err != nil {
		return window{}, err
	}
	reserve := answerReserve(size, limit)
	tokens, _ := p.tokens()
	t := splitTurns(messages)
	if tokens+reserve <= size || len(t.turns) < 2 {
		if tokens >= size {
			return window{}, r.messageTooLarge(p)
		}
		return window{prompt: p}, nil
	}
	costs := r.costs(t, p)
	start, before := costs.start(size-reserve), costs.startBefore(size-reserve)
	for ; ; start++ {
		kept, dropped := t.from(start, costs, size)
		q, err := r.prompter.build(kept, thinking, bitmaps)
		if err != nil {
			return window{}, err
		}
		tokens, _ := q.tokens()
		last := start == len(t.turns)-1
		if tokens+reserve > size && !last {
			continue
		}
		if tokens >= size && len(pictureNames(kept)) > len(pictureNames(t.turns[start])) {
			// Not even the last turn has room beside the pictures of those before.
			kept = append(append([]wireMessage(nil), t.head...), t.turns[start]...)
			if q, err = r.prompter.build(kept, thinking, bitmaps); err != nil {
				return window{}, err
			}
			tokens, _ = q.tokens()
		}
		if tokens >= size {
			return window{}, r.messageTooLarge(q)
		}
		w := window{prompt: q, dropped: dropped}
		if start > before {
			all, _ := p.tokens()
			w.note = fmt.Sprintf("The oldest %s left out: the conversation has %d tokens, and the context holds %d.", messageCount(dropped), all, size)
		}
		return w, nil
	}
}

func messageCount(n int) string {
	if n == 1 {
		return "message is"
	}
	return fmt.Sprintf("%d messages are", n)
}

// messageTooLarge says by how much a message does not fit.
func (r *runner) messageTooLarge(p *prompt) error {
	tokens, image := p.tokens()
	return tooLarge("this message and what has to go with it have", tokens, image, r.context.Size())
}

// costs are the tokens of a conversation's turns: of what the person wrote in each,
// of all its text, and of its pictures.
type costs struct {
	head                  int
	asked, text, pictures []int
}

// frame is added for what a template puts around a message.
const frame = 8

func (r *runner) costs(t turns, p *prompt) costs {
	of := map[int]int{} // by the picture's index
	for _, tile := range p.tiles {
		of[tile.index] += tile.Count
	}
	picture := 0
	count := func(messages []wireMessage) (asked, text, pictures int) {
		for _, m := range messages {
			n := frame
			for _, part := range m.Parts {
				if part.Picture != "" {
					pictures += of[picture]
					picture++
				} else if tokens, err := r.model.Tokenize(part.Text, false, false); err == nil {
					n += len(tokens)
				}
			}
			if text += n; m.Role != engine.Assistant {
				asked += n
			}
		}
		return asked, text, pictures
	}
	var c costs
	_, text, pictures := count(t.head)
	c.head = text + pictures
	for _, turn := range t.turns {
		asked, text, pictures := count(turn)
		c.asked, c.text, c.pictures = append(c.asked, asked), append(c.text, text), append(c.pictures, pictures)
	}
	return c
}

// start is the first turn to keep. It goes through the conversation as it came
// about: whenever it had outgrown the room, turns went until half of it was free
// again. So one that grows on keeps its beginning, and its place in the KV cache,
// for some turns.
func (c costs) start(room int) int { return c.startOf(len(c.text), room) }

// startBefore is what start was before the last turn.
func (c costs) startBefore(room int) int { return c.startOf(len(c.text)-1, room) }

func (c costs) startOf(turns, room int) int {
	start := 0
	for i := range turns {
		if c.total(start, i) <= room {
			continue
		}
		for start < i && c.total(start, i) > room/2 {
			start++
		}
	}
	return start
}

// total is what the turns from start to last take when the last is asked, with all
// pictures up to there.
func (c costs) total(start, last int) int {
	sum := c.head + c.asked[last]
	for i := range last + 1 {
		sum += c.pictures[i]
		if start <= i && i < last {
			sum += c.text[i]
		}
	}
	return sum
}

// from returns the conversation from a turn on, with the pictures of those before
// it as far as they take no more than half of the context, and how many messages
// are left out.
func (t turns) from(start int, c costs, size int) (kept []wireMessage, dropped int) {
	kept = append(kept, t.head...)
	carried := 0
	var pictures []wirePart
	for i := start - 1; i >= 0; i-- {
		dropped += len(t.turns[i])
		if carried += c.pictures[i]; carried > size/2 {
			continue
		}
		var of []wirePart
		for _, m := range t.turns[i] {
			for _, part := range m.Parts {
				if part.Picture != "" {
					of = append(of, part)
				}
			}
		}
		pictures = append(of, pictures...)
	}
	for i, turn := range t.turns[start:] {
		for j, m := range turn {
			if i == 0 && j == 0 && len(pictures) > 0 {
				m.Parts = append(pictures, m.Parts...)
			}
			kept = append(kept, m)
		}
	}
	return kept, dropped
}
