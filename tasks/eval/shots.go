package eval

import (
	"context"
	"sync"

	"github.com/vlmchat/vlmchat/datasets"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/tasks/batch"
)

// Shots are examples that stand before each question, pictures and answers in turns
// (Flamingo, arXiv:2204.14198, section 3.4). They are the same for all items, so that an
// engine computes them once, but for an item whose picture is among them.
type Shots struct {
	drawn *datasets.Examples
	run   *Run

	mu    sync.Mutex
	turns map[string][]engine.Message // that were read, by the items' IDs
}

// NewShots has a run's items asked behind examples, which are asked as the run asks.
func (r *Run) NewShots(drawn *datasets.Examples) *Shots {
	return &Shots{drawn: drawn, run: r, turns: map[string][]engine.Message{}}
}

// Count is how many there are.
func (s *Shots) Count() int { return len(s.of(datasets.Item{})) }

// of are the examples for an item; of nil there are none.
func (s *Shots) of(item datasets.Item) []datasets.Item {
	if s == nil {
		return nil
	}
	return s.drawn.For(item)
}

// Read reads the pictures of those that nearly all items have, to know that they can be read.
func (s *Shots) Read(ctx context.Context) error {
	_, err := s.messages(ctx, datasets.Item{})
	return err
}

// messages are the turns before the question of an item.
func (s *Shots) messages(ctx context.Context, item datasets.Item) ([]engine.Message, error) {
	var all []engine.Message
	for _, example := range s.of(item) {
		turn, err := s.turn(ctx, example)
		if err != nil {
			return nil, err
		}
		all = append(all, turn...)
	}
	return all, nil
}

// turn is an example's question and answer. Its picture is read once.
func (s *Shots) turn(ctx context.Context, example datasets.Item) ([]engine.Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if turn := s.turns[example.ID]; turn != nil {
		return turn, nil
	}
	picture, err := readOne(ctx, s.run.Load, example.Image)
	if err != nil {
		return nil, err
	}
	turn := []engine.Message{engine.Ask(s.run.question(example), picture), engine.Text(engine.Assistant, answerOf(example, s.run.Task))}
	s.turns[example.ID] = turn
	return turn, nil
}

// digest sums up the examples for an item.
func (s *Shots) digest(item datasets.Item) string {
	var all []string
	for _, example := range s.of(item) {
		all = append(all, example.ID, s.run.question(example), answerOf(example, s.run.Task))
	}
	return batch.Digest(all)
}

// answerOf is how an example is answered: as most people did, of questions; of captions, which
// are all different, as the first one did.
func answerOf(item datasets.Item, task datasets.Task) string {
	if len(item.References) == 0 {
		return item.Label
	}
	best := item.References[0]
	if task != datasets.VQA {
		return best
	}
	times := map[string]int{}
	for _, answer := range item.References {
		times[answer]++
	}
	for _, answer := range item.References {
		if times[answer] > times[best] {
			best = answer
		}
	}
	return best
}
