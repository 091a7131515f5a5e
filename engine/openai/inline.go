package openai

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"sync"

	"github.com/vlmchat/vlmchat/images"
)

// pictureMark stands in a request's JSON where a picture is to be, before the
// picture's SHA-256. Each process draws its own, so that no text can hold it.
var pictureMark = sync.OnceValue(func() string { return "picture-" + rand.Text() + "-" })

// inline is a picture on its way in a request.
type inline struct {
	mime string
	data []byte
}

// inlines are the pictures of a request, each by its SHA-256 as they go to the
// server in a request of so many.
func (e *Engine) inlines(pictures []*images.Picture, among int) (map[string]inline, error) {
	all := map[string]inline{}
	for _, p := range pictures {
		data, mime, err := e.pictures().Wire(p, among)
		if err != nil {
			return nil, err
		}
		all[p.SHA256] = inline{mime, data}
	}
	return all, nil
}

// withPictures puts pictures where they are marked in JSON, as data URLs. The
// library would go through all of their bytes several times, and copy them each
// time: as long as a small model takes for a few words.
func withPictures(body []byte, pictures map[string]inline) []byte {
	if len(pictures) == 0 {
		return body
	}
	type place struct {
		at   int
		what inline
	}
	var places []place
	size := len(body)
	for from := 0; ; {
		i := bytes.Index(body[from:], []byte(pictureMark()))
		if i < 0 {
			break
		}
		at := from + i
		from = at + len(pictureMark()) + sha256Digits
		p := pictures[string(body[at+len(pictureMark()):from])]
		places = append(places, place{at, p})
		size += base64.StdEncoding.EncodedLen(len(p.data)) + len(p.mime) + len("data:;base64,")
	}
	out := make([]byte, 0, size)
	from := 0
	for _, p := range places {
		out = append(out, body[from:p.at]...)
		out = append(append(append(out, "data:"...), p.what.mime...), ";base64,"...)
		out = base64.StdEncoding.AppendEncode(out, p.what.data)
		from = p.at + len(pictureMark()) + sha256Digits
	}
	return append(out, body[from:]...)
}

// sha256Digits is the length of a SHA-256 in hex.
const sha256Digits = 64
