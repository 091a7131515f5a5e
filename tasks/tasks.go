// Package tasks is what one does with pictures besides chatting about them: captions of
// them, which of some labels or choices fits, how much an answer rests on them, and which
// of its claims the model stands by. It knows engines by their interface and nothing of a
// terminal.
package tasks

import (
	"github.com/vlmchat/vlmchat/engine"
)

// Progress hears how many of how many steps of a task are done. Nil is silence.
type Progress func(done, total int)

func (p Progress) tell(done, total int) {
	if p != nil {
		p(done, total)
	}
}

// ScorerOf returns the engine's ability to tell how likely given texts are. what is the
// task that needs it.
func ScorerOf(e engine.Engine, what string) (engine.Scorer, error) {
	if s, ok := e.(engine.Scorer); ok {
		return s, nil
	}
	return nil, &engine.Error{
		Kind:    engine.BadOption,
		Message: what + " needs to know how likely a given text is, and this engine does not tell: servers tell it of their own answers at most",
		Hint:    "the native engine tells it, of any GGUF model",
	}
}

// BlankLast returns the messages with a blank picture in place of each of the last one's.
func BlankLast(messages []engine.Message) []engine.Message {
	last := len(messages) - 1
	return append(messages[:last:last], blank(messages[last:])...)
}

// blank returns the messages with a blank picture in place of each picture.
func blank(messages []engine.Message) []engine.Message {
	out := make([]engine.Message, len(messages))
	for i, m := range messages {
		out[i] = engine.Message{Role: m.Role, Parts: make([]engine.Part, len(m.Parts))}
		for j, part := range m.Parts {
			if part.Picture != nil {
				part.Picture = part.Picture.Blank()
			}
			out[i].Parts[j] = part
		}
	}
	return out
}
