package engine

import "time"

// EventKind says what an Event reports.
type EventKind string

// The kinds of events, roughly in the order in which a Chat sends them.
const (
	Load     EventKind = "load"     // Progress of loading the model; or Text, what a person should know before it is loaded, a sentence
	Encode   EventKind = "encode"   // Progress of encoding picture number Picture
	Prompt   EventKind = "prompt"   // Progress of processing the prompt
	Wait     EventKind = "wait"     // the request failed and is sent again in a moment; Text says why, and when
	Thinking EventKind = "thinking" // Text the model thinks aloud, not part of the answer
	Delta    EventKind = "text"     // Text, the next piece of the answer: valid UTF-8
	Note     EventKind = "note"     // Text, what a person should know of this answer, a sentence
	Restart  EventKind = "restart"  // the answer begins anew: what has come of it is void; Text says why
	Done     EventKind = "done"     // the answer is whole; Usage and Finish are set
)

// Event is one step of an answer on its way.
type Event struct {
	Kind     EventKind     `json:"kind"`
	Progress float64       `json:"progress,omitempty"` // 0 to 1
	After    time.Duration `json:"-"`                  // how long until the request is sent again, for Wait; 0 if that is not known
	Demanded bool          `json:"-"`                  // the server asked for that wait
	Picture  int           `json:"picture,omitempty"`  // index among the request's pictures, from 0
	Text     string        `json:"text,omitempty"`
	// Logprobs are of the tokens whose text the answer now has, of all of them in
	// order over the Delta events, if they were asked for.
	Logprobs []TokenLogprob `json:"logprobs,omitempty"`
	Finish   Finish         `json:"finish,omitempty"`
	Usage    *Usage         `json:"usage,omitempty"`
	// Provenance comes with the first piece of an answer and with Done, which may know
	// more, from engines that know it.
	Provenance *Provenance `json:"provenance,omitempty"`
}

// Finish says why an answer ended.
type Finish string

// The ways in which an answer ends well.
const (
	Stop   Finish = "stop"   // the model ended its turn, or a stop string was met
	Length Finish = "length" // the token limit was reached
)

// Usage counts the tokens and the time that an answer took. Times that an
// engine does not tell are zero.
type Usage struct {
	PromptTokens    int `json:"prompt_tokens"`    // of the whole conversation, pictures included
	ImageTokens     int `json:"image_tokens"`     // of them, those of pictures
	CachedTokens    int `json:"cached_tokens"`    // of them, those that did not have to be computed again
	GeneratedTokens int `json:"generated_tokens"` // of the answer, its end token included
	ThinkingTokens  int `json:"thinking_tokens"`  // of them, those that were thought, where a server tells
	DroppedMessages int `json:"dropped_messages"` // the oldest ones, for which the context had no room

	LoadTime     time.Duration `json:"load_time"`     // loading the model, if this answer had to wait for it
	EncodeTime   time.Duration `json:"encode_time"`   // pictures to embeddings
	PromptTime   time.Duration `json:"prompt_time"`   // prompt processing
	GenerateTime time.Duration `json:"generate_time"` // first token to last
	TTFT         time.Duration `json:"ttft"`          // from the request to the first text
}

// TokensPerSecond is the speed of generation, 0 where it is not known. The
// first token is a product of prompt processing and does not count.
func (u Usage) TokensPerSecond() float64 {
	if u.GenerateTime <= 0 || u.GeneratedTokens < 2 {
		return 0
	}
	return float64(u.GeneratedTokens-1) / u.GenerateTime.Seconds()
}
