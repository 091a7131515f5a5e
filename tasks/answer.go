package tasks

import (
	"math"
	"strings"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
)

// Collector puts an answer together from its events.
type Collector struct {
	text, thinking strings.Builder
	logprobs       []engine.TokenLogprob
	done           engine.Event
}

// Take hears the next event. A Restart takes back what came before it.
func (c *Collector) Take(ev engine.Event) {
	switch ev.Kind {
	case engine.Delta:
		c.text.WriteString(ev.Text)
		c.logprobs = append(c.logprobs, ev.Logprobs...)
	case engine.Thinking:
		c.thinking.WriteString(ev.Text)
	case engine.Restart:
		c.text.Reset()
		c.thinking.Reset()
		c.logprobs = nil
	case engine.Done:
		c.done = ev
		c.logprobs = append(c.logprobs, ev.Logprobs...)
	}
}

// Text is what has come of the answer.
func (c *Collector) Text() string { return c.text.String() }

// Thinking is what the model thought aloud.
func (c *Collector) Thinking() string { return c.thinking.String() }

// Finish says why the answer ended, "" while it did not.
func (c *Collector) Finish() engine.Finish { return c.done.Finish }

// AnswerFormat and AnswerVersion are what an Answer calls itself in JSON. The version
// counts changes that readers of an earlier one would not understand: members may be
// added without another.
const (
	AnswerFormat  = "vlmchat-answer"
	AnswerVersion = 1
)

// Answer is an answer as programs read it. docs/schemas/answer.schema.json has the format.
type Answer struct {
	Format   string   `json:"format"`
	Version  int      `json:"version"`
	Answer   string   `json:"answer"`
	Thinking string   `json:"thinking,omitempty"`
	Finish   string   `json:"finish"`
	Engine   string   `json:"engine"`
	Model    string   `json:"model"`
	Device   string   `json:"device,omitempty"`
	Note     string   `json:"note,omitempty"`
	Images   []Image  `json:"images"`
	Usage    Usage    `json:"usage"`
	Cost     *float64 `json:"cost,omitempty"` // in US dollars, where the prices are known
	Timings  Timings  `json:"timings"`

	Logprobs   []engine.TokenLogprob `json:"logprobs,omitempty"` // of the answer's tokens, if they were asked for
	Provenance *engine.Provenance    `json:"provenance,omitempty"`
	Vlmchat    string                `json:"vlmchat"`           // the version that asked
	Session    string                `json:"session,omitempty"` // the conversation that it went on with
}

// Image is a picture of an Answer's conversation.
type Image struct {
	Source string `json:"source"`
	SHA256 string `json:"sha256,omitempty"` // this and the rest only of pictures that were read here
	Format string `json:"format,omitempty"`
	Width  int    `json:"width,omitempty"`
	Height int    `json:"height,omitempty"`
}

// Usage counts an Answer's tokens.
type Usage struct {
	PromptTokens    int `json:"prompt_tokens"`
	ImageTokens     int `json:"image_tokens"`
	CachedTokens    int `json:"cached_tokens"`
	GeneratedTokens int `json:"generated_tokens"`
	ThinkingTokens  int `json:"thinking_tokens,omitempty"` // of the generated ones, where a server tells
}

// Timings counts milliseconds.
type Timings struct {
	Load            float64 `json:"load_ms"`
	Encode          float64 `json:"encode_ms"`
	Prompt          float64 `json:"prompt_ms"`
	Generate        float64 `json:"generate_ms"`
	TTFT            float64 `json:"ttft_ms"`
	TokensPerSecond float64 `json:"tokens_per_second"`
}

// Answer is the whole answer of that engine to these messages.
func (c *Collector) Answer(info engine.Info, messages []engine.Message, prices engine.Prices) Answer {
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	a := Answer{
		Format: AnswerFormat, Version: AnswerVersion, Answer: c.Text(), Thinking: c.Thinking(), Finish: string(c.done.Finish),
		Engine: info.Engine, Model: info.Model, Device: info.Device, Note: info.Note,
		Images: Images(messages), Logprobs: c.logprobs, Provenance: c.done.Provenance,
	}
	if u := c.done.Usage; u != nil {
		a.Usage = Usage{u.PromptTokens, u.ImageTokens, u.CachedTokens, u.GeneratedTokens, u.ThinkingTokens}
		a.Timings = Timings{ms(u.LoadTime), ms(u.EncodeTime), ms(u.PromptTime), ms(u.GenerateTime), ms(u.TTFT), u.TokensPerSecond()}
		const digits = 1e12 // those after are what binary fractions leave
		if cost := math.Round(prices.Cost(*u)*digits) / digits; prices.Known() && u.PromptTokens+u.GeneratedTokens > 0 {
			a.Cost = &cost
		}
	}
	return a
}

// Images lists the pictures of a conversation.
func Images(messages []engine.Message) []Image {
	list := []Image{}
	for _, m := range messages {
		for _, part := range m.Parts {
			switch p := part.Picture; {
			case p != nil:
				list = append(list, Image{p.Source, p.SHA256, p.Format, p.Width, p.Height})
			case part.URL != "":
				list = append(list, Image{Source: images.ShownURL(part.URL)})
			}
		}
	}
	return list
}
