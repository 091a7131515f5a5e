package sessions

import (
	"encoding/base64"
	"net/http"
)

// The messages of a request to OpenAI's Chat Completions API, which other servers take as
// well: https://platform.openai.com/docs/api-reference/chat/create, under "messages".

type openAIMessage struct {
	Role    string `json:"role"`
	Content any    `json:"content"` // a text, or a list of openAIPart
}

type openAIPart struct {
	Type     string       `json:"type"` // "text", "image_url"
	Text     string       `json:"text,omitempty"`
	ImageURL *openAIImage `json:"image_url,omitempty"`
}

type openAIImage struct {
	URL string `json:"url"`
}

// openAI writes messages as the array of a request. Answers that came to nothing are not
// in it, as servers refuse such.
func (c *Conversation) openAI(path []Message, wire func(*Picture, []byte) ([]byte, string, error)) (data []byte, lost []string, err error) {
	all := []openAIMessage{}
	if c.System != "" {
		all = append(all, openAIMessage{"system", c.System})
	}
	for _, m := range path {
		if m.Role == Assistant {
			if text := m.Text(); text != "" {
				all = append(all, openAIMessage{"assistant", text})
			}
			continue
		}
		if len(m.Pictures()) == 0 {
			all = append(all, openAIMessage{"user", m.Text()})
			continue
		}
		var parts []openAIPart
		for _, p := range m.Parts {
			if p.Picture == nil {
				if p.Text != "" {
					parts = append(parts, openAIPart{Type: "text", Text: p.Text})
				}
				continue
			}
			url, err := p.Picture.dataURL(wire)
			if err != nil {
				lost = append(lost, p.Picture.Source)
				parts = append(parts, openAIPart{Type: "text", Text: "[" + plain(shortName(p.Picture.Source)) + ": this picture is lost]"})
				continue
			}
			parts = append(parts, openAIPart{Type: "image_url", ImageURL: &openAIImage{url}})
		}
		all = append(all, openAIMessage{"user", parts})
	}
	data, err = indented(all)
	return data, lost, err
}

// dataURL is a picture in an address (RFC 2397).
func (p *Picture) dataURL(wire func(*Picture, []byte) ([]byte, string, error)) (string, error) {
	data, err := p.data()
	if err != nil {
		return "", err
	}
	mime := webFormats[p.Format]
	if wire != nil {
		if data, mime, err = wire(p, data); err != nil {
			return "", err
		}
	}
	if mime == "" {
		mime = http.DetectContentType(data)
	}
	return "data:" + mime + ";base64," + base64.StdEncoding.EncodeToString(data), nil
}
