package remote

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
)

// PictureLimits are what a server takes of pictures. What is zero is not
// limited, as far as its makers say: such a server is asked, and has the last
// word. Bytes are those of base64, in which pictures travel.
type PictureLimits struct {
	Pictures     int      // in a request
	RequestBytes int      // of all of a request
	Bytes        int      // of a picture
	Pixels       int      // of a picture
	Side         int      // the longer one of a picture, in pixels
	Few          int      // in requests of more pictures than this
	ManySide     int      // a side may be only so long
	Formats      []string // that are read; "jpeg" and "png", which all servers read, if there are none
}

// Limits returns the limits of a server, by the name that it goes by before "API"
// in messages.
func Limits(server string) PictureLimits { return pictureLimits[server] }

const kilobyte, megabyte = 1 << 10, 1 << 20

// webToo are the formats of services that read WebP. GIF they read as well, but
// not one that moves, and a PNG of its first frame has the same pixels.
var webToo = []string{"jpeg", "png", "webp"}

// pictureLimits are the limits that services document. Those that are not here
// document none, or leave them to the model or to who runs them: OpenRouter,
// Together, llama-server (whose decoder reads no WebP), vLLM, SGLang, LM Studio
// (whose API refuses WebP), LocalAI, Ollama.
var pictureLimits = map[string]PictureLimits{
	// "Images and vision", image input requirements.
	"OpenAI's": {Pictures: 500, RequestBytes: 50 * megabyte, Formats: webToo},
	// "Azure OpenAI quotas and limits"; formats from "Use vision-enabled chat models".
	"Azure's": {Pictures: 50, Formats: webToo},
	// "Vision", general limits, and "API overview", request size limits. The API
	// counts the 5 MB of a picture in base64: "image exceeds 5 MB maximum: 5316852
	// bytes > 5242880 bytes". Models with a large context take 600 pictures.
	"Anthropic's OpenAI-compatible": {Pictures: 600, RequestBytes: 32 * megabyte, Bytes: 5 * megabyte, Side: 8000, Few: 20, ManySide: 2000, Formats: webToo},
	// "Image understanding": 3600 pictures; inline data of 100 MB since January 2026.
	"Gemini's OpenAI-compatible": {Pictures: 3600, RequestBytes: 100 * megabyte, Formats: webToo},
	// "Images and Vision": a request with base64 has at most 4 MB, a picture 33177600
	// pixels.
	"Groq's": {Pictures: 5, RequestBytes: 4 * megabyte, Pixels: 33_177_600},
	// "Vision", frequently asked questions.
	"Mistral's": {Pictures: 8, Bytes: 10 * megabyte},
	// "Image understanding": JPEG and PNG of 10 MiB at first, more since.
	"xAI's": {Bytes: 10 * megabyte},
}

// requestText is what is left of a request's bytes for all but its pictures.
const requestText = 128 * kilobyte

// Pictures makes pictures ready for a server.
type Pictures struct {
	PictureLimits
	Host      string // of the server, for messages
	MaxPixels int    // that a person allows; 0 leaves it to the limits
}

// Wire returns a picture in the form in which it is sent in a request of so many.
// The error is a BadPicture.
func (s Pictures) Wire(p *images.Picture, among int) (data []byte, mime string, err error) {
	lim := images.WireLimits{MaxPixels: least(s.MaxPixels, s.Pixels), MaxSide: s.Side, Formats: s.Formats}
	if s.Few > 0 && among > s.Few {
		lim.MaxSide = least(lim.MaxSide, s.ManySide)
	}
	most := s.Bytes
	if s.RequestBytes > 0 {
		most = least(most, s.RequestBytes-requestText)
	}
	lim.MaxBytes = most / 4 * 3 // base64 makes four bytes of three
	data, mime, err = p.Wire(lim)
	if err != nil {
		return nil, "", &engine.Error{Kind: engine.BadPicture, Message: err.Error(), Hint: "use a smaller one, or another backend", Err: err}
	}
	return data, mime, nil
}

// Check makes a request's pictures ready, and says whether the server takes so
// many and so much of them. Beside them are pictures that the server fetches.
// The error is a BadPicture.
func (s Pictures) Check(pictures []*images.Picture, beside int) error {
	among := len(pictures) + beside
	if s.Pictures > 0 && among > s.Pictures {
		return &engine.Error{
			Kind:    engine.BadPicture,
			Message: fmt.Sprintf("there are %d pictures in the conversation, and the server at %s takes %d in a request", among, s.Host, s.Pictures),
			Hint:    "begin anew with fewer of them (/clear in the chat), or use another backend",
		}
	}
	total := 0
	for _, p := range pictures {
		data, _, err := s.Wire(p, among)
		if err != nil {
			return err
		}
		total += (len(data) + 2) / 3 * 4
	}
	if s.RequestBytes > 0 && total > s.RequestBytes-requestText {
		return &engine.Error{
			Kind: engine.BadPicture,
			Message: fmt.Sprintf("the conversation's %d pictures have %.1f MB on their way, and the server at %s takes %.1f MB in a request",
				among, float64(total)/megabyte, s.Host, float64(s.RequestBytes)/megabyte),
			Hint: "make them smaller (--max-pixels 1000000), begin anew with fewer of them (/clear in the chat), or use another backend",
		}
	}
	return nil
}

// Sum is the SHA-256 of the pictures in the form in which they are sent, one behind the
// other, in hex: what an answer to them came from. It is "" of none.
func (s Pictures) Sum(pictures []*images.Picture, beside int) string {
	if len(pictures) == 0 {
		return ""
	}
	h := sha256.New()
	for _, p := range pictures {
		data, _, err := s.Wire(p, len(pictures)+beside)
		if err != nil {
			return "" // it is not sent either
		}
		one := sha256.Sum256(data)
		h.Write(one[:])
	}
	return hex.EncodeToString(h.Sum(nil))
}

// See returns what the server gets of a picture that is alone in its request.
func (s Pictures) See(p *images.Picture) (engine.Sight, error) {
	data, mime, err := s.Wire(p, 1)
	if err != nil {
		return engine.Sight{}, err
	}
	sent, err := images.Decode(p.Source, data, images.Limits{})
	if err != nil {
		return engine.Sight{}, fmt.Errorf("what is to be sent can't be read: %w", err)
	}
	view := engine.View{Width: sent.Width, Height: sent.Height, RGB: sent.RGB(), Format: strings.TrimPrefix(mime, "image/"), Bytes: len(data)}
	return engine.Sight{Views: []engine.View{view}, Server: s.Host}, nil
}

// lookingUp is how long a picture waits for what the server tells of the model.
const lookingUp = 5 * time.Second

// Take prepares a picture, as engine.PictureTaker has it. sees asks the server
// whether the model can see, with a NotVision if it can't. A server that does not
// tell in time, or can't be asked, will tell when it is sent the picture.
func (s Pictures) Take(ctx context.Context, p *images.Picture, earlier []*images.Picture, sees func(context.Context) error) error {
	if err := s.Check(append(earlier[:len(earlier):len(earlier)], p), 0); err != nil {
		return err
	}
	asking, cancel := context.WithTimeout(ctx, lookingUp)
	defer cancel()
	err := sees(asking)
	switch {
	case ctx.Err() != nil:
		return Stopped(ctx)
	case engine.KindOf(err) == engine.NotVision:
		return err
	}
	return nil
}

// least is the smaller of two limits, of which 0 is none.
func least(a, b int) int {
	if a == 0 || b > 0 && b < a {
		return b
	}
	return a
}
