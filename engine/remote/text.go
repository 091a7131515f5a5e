package remote

import (
	"strings"

	"github.com/vlmchat/vlmchat/engine"
)

// TextOf joins the texts of an input as those of a message are joined, a line each. It
// returns false if there is a picture among them.
func TextOf(parts []engine.Part) (string, bool) {
	texts := make([]string, len(parts))
	for i, p := range parts {
		if p.Picture != nil || p.URL != "" {
			return "", false
		}
		texts[i] = p.Text
	}
	return strings.Join(texts, "\n"), true
}
