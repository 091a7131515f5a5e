package cli

import (
	"encoding/json"
	"io"
	"math"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
)

// answerJSON is what --json prints.
type answerJSON struct {
	Answer   string      `json:"answer"`
	Thinking string      `json:"thinking,omitempty"`
	Finish   string      `json:"finish"`
	Engine   string      `json:"engine"`
	Model    string      `json:"model"`
	Device   string      `json:"device,omitempty"`
	Note     string      `json:"note,omitempty"`
	Images   []imageJSON `json:"images"`
	Usage    usageJSON   `json:"usage"`
	Cost     *float64    `json:"cost,omitempty"` // in US dollars, where the prices are known
	Timings  timingsJSON `json:"timings"`

	Provenance *engine.Provenance `json:"provenance,omitempty"`
	Vlmchat    string             `json:"vlmchat"`           // the version that asked
	Session    string             `json:"session,omitempty"` // the conversation that it went on with
}

type imageJSON struct {
	Source string `json:"source"`
	SHA256 string `json:"sha256,omitempty"` // this and the rest only of pictures that were read here
	Format string `json:"format,omitempty"`
	Width  int    `json:"width,omitempty"`
	Height int    `json:"height,omitempty"`
}

// imagesOf lists the pictures of a conversation.
func imagesOf(messages []engine.Message) []imageJSON {
	list := []imageJSON{}
	for _, m := range messages {
		for _, part := range m.Parts {
			switch p := part.Picture; {
			case p != nil:
				list = append(list, imageJSON{p.Source, p.SHA256, p.Format, p.Width, p.Height})
			case part.URL != "":
				list = append(list, imageJSON{Source: images.ShownURL(part.URL)})
			}
		}
	}
	return list
}

type usageJSON struct {
	PromptTokens    int `json:"prompt_tokens"`
	ImageTokens     int `json:"image_tokens"`
	CachedTokens    int `json:"cached_tokens"`
	GeneratedTokens int `json:"generated_tokens"`
	ThinkingTokens  int `json:"thinking_tokens,omitempty"` // of the generated ones, where a server tells
}

// timingsJSON counts milliseconds.
type timingsJSON struct {
	Load            float64 `json:"load_ms"`
	Encode          float64 `json:"encode_ms"`
	Prompt          float64 `json:"prompt_ms"`
	Generate        float64 `json:"generate_ms"`
	TTFT            float64 `json:"ttft_ms"`
	TokensPerSecond float64 `json:"tokens_per_second"`
}

func printJSON(w io.Writer, info engine.Info, answer, thinking string, done engine.Event, pictures []imageJSON, prices engine.Prices, session string) error {
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	v := answerJSON{Answer: answer, Thinking: thinking, Finish: string(done.Finish), Engine: info.Engine, Model: info.Model, Device: info.Device, Note: info.Note, Images: pictures,
		Provenance: done.Provenance, Vlmchat: version(), Session: session}
	if u := done.Usage; u != nil {
		v.Usage = usageJSON{u.PromptTokens, u.ImageTokens, u.CachedTokens, u.GeneratedTokens, u.ThinkingTokens}
		v.Timings = timingsJSON{ms(u.LoadTime), ms(u.EncodeTime), ms(u.PromptTime), ms(u.GenerateTime), ms(u.TTFT), u.TokensPerSecond()}
		const digits = 1e12 // those after are what binary fractions leave
		if cost := math.Round(prices.Cost(*u)*digits) / digits; prices.Known() && u.PromptTokens+u.GeneratedTokens > 0 {
			v.Cost = &cost
		}
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
