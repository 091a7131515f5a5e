package native

import (
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/llamacpp"
)

// stillLoop is a loop that computes nothing, with a KV cache in which prompts of
// some jobs are.
func stillLoop(t *testing.T, jobs ...*job) *loop {
	t.Helper()
	l := &loop{batch: llamacpp.NewBatch(512)}
	f := &fakeContext{t: t, length: map[int]int{}}
	l.kv = newKVCache(f, 4096, 16, true)
	for i, j := range jobs {
		j.events = newOutbox()
		j.prompt = &prompt{}
		for n := range 200 {
			j.prompt.appendTokens([]llamacpp.Token{llamacpp.Token(1000*i + n)})
		}
		if j.seq = l.kv.take(j.prompt.units, j.growth); j.seq == nil {
			t.Fatal("there is no room")
		}
		if !j.reading {
			f.length[j.seq.id] = len(j.prompt.units)
			l.kv.grow(j.seq, j.prompt.units...)
			j.read = len(j.prompt.units)
		}
		l.running = append(l.running, j)
	}
	return l
}

// scores are of candidates whose first token has its score already.
func scores(candidates, tokens int) *scoring {
	var texts [][]llamacpp.Token
	for range candidates {
		texts = append(texts, make([]llamacpp.Token, tokens))
	}
	s := newScoring(texts, 32000, 0)
	for _, c := range s.candidates {
		c.score.Tokens = make([]engine.TokenLogprob, 1)
	}
	return s
}

// Many candidates hold up neither an answer nor a prompt that somebody waits for.
func TestScoresLeaveRoom(t *testing.T) {
	t.Parallel()
	s, a := scores(100, 50), &answering{}
	scoring, writing, reading := &job{task: s, growth: 1000}, &job{task: a, growth: 10}, &job{reading: true, task: &answering{}}
	l := stillLoop(t, scoring, writing, reading)
	parts := l.fill()
	scored, read := 0, 0
	for _, c := range s.candidates {
		scored += len(c.index)
	}
	for _, p := range parts {
		read += p.read
	}
	if a.index != 0 || scored == 0 || read != 200 || l.batch.Len() != 1+scored+read {
		t.Errorf("of %d tokens, %d are of scores and %d of the prompt; the answer's is number %d", l.batch.Len(), scored, read, a.index)
	}
	// How long a step takes is known, and an answer waits for it.
	l.pace = stepTime / 40
	l.batch.Reset()
	l.fill()
	if n := l.batch.Len(); n > 1+40 {
		t.Errorf("a step of %d tokens takes %v, and somebody reads", n, time.Duration(n)*l.pace)
	}
}

// Scores of a prompt that can't be forked are an error, not a wait without end.
func TestScoresThatCannotBeForked(t *testing.T) {
	t.Parallel()
	scoring := &job{task: scores(3, 5), growth: 100}
	l := stillLoop(t, scoring)
	l.kv.context = noForks{l.kv.context}
	if !l.stepTokens() {
		t.Error("the loop goes to sleep")
	}
	if lines, more := scoring.events.take(t.Context()); more || len(lines) != 1 || lines[0].Error == nil || len(l.running) != 0 {
		t.Errorf("the lines are %+v, and %d jobs are running", lines, len(l.running))
	}
}

// noForks is a context that keeps too little of any sequence to fork it.
type noForks struct{ sequencer }

func (noForks) Fork(int, int, int) bool { return false }

// A job whose conversation went with a computation of others does not go on
// without it.
func TestLostByAFailedComputation(t *testing.T) {
	t.Parallel()
	lost, reading := &job{task: scores(3, 5), growth: 100}, &job{reading: true, task: &answering{}}
	l := stillLoop(t, lost, reading)
	delete(l.kv.context.(*fakeContext).length, lost.seq.id)
	l.undo([]portion{{job: reading, read: 10}}, llamacpp.ErrCancelled)
	if lines, more := lost.events.take(t.Context()); more || len(lines) != 1 || lines[0].Error == nil || len(l.running) != 1 {
		t.Errorf("the lines are %+v, and %d jobs are running", lines, len(l.running))
	}
}
