//go:build ollama

package ollama

import (
	"testing"

	"github.com/vlmchat/vlmchat/testdata/ollamaserver"
)

func TestOllamaStart(t *testing.T) {
	s := ollamaserver.Start(t)
	t.Log(s.URL, s.Log())
}
