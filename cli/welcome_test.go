//go:build linux

package cli

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/vlmchat/vlmchat/ui/ptytest"
)

// A person who has configured nothing is shown what there is, once, and starts with a
// key; what was kept is there the next time.
func TestChatWelcome(t *testing.T) {
	t.Parallel()
	state := t.TempDir()
	file := filepath.Join(t.TempDir(), "config.toml")
	env := []string{"VLMCHAT_STATE_DIR=" + state, "VLMCHAT_CONFIG=" + file, "OLLAMA_HOST=127.0.0.1:1", "OPENAI_API_KEY=the key itself",
		"VLMCHAT_BACKEND=", "VLMCHAT_MODEL=", "VLMCHAT_PROFILE=", "VLMCHAT_BASE_URL=", "VLMCHAT_RUNTIME="}
	c := startChatWith(t, env, 80, 24, sample(t, "scene-12.png"))
	c.WaitFor("Welcome to vlmchat", patience)
	c.WaitFor("no Ollama is running at 127.0.0.1:1", patience)
	c.WaitFor("OPENAI_API_KEY is set", patience)
	c.WaitFor("› 1 tiny-vlm", patience)
	c.Type("s")
	c.WaitFor("It is kept", patience)
	c.Type(ptytest.Enter)
	c.WaitFor("From here on tiny-vlm (native) answers.", patience)
	c.ask("Describe this image.")
	c.answered("pink background")
	c.Type("/quit" + ptytest.Enter)
	if code := c.Wait(patience); code != exitOK {
		t.Errorf("the chat ended with code %d", code)
	}
	if b, err := os.ReadFile(file); string(b) != "backend = 'native'\n" {
		t.Errorf("the file has %q, %v", b, err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	c = startChatWith(t, env, 80, 24)
	c.WaitFor("Tiny demo model", patience) // without a welcome, though nothing is configured
	c.Type("/quit" + ptytest.Enter)
	c.Wait(patience)
}

func TestOnThisMachine(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"localhost:11434": true, "127.0.0.1:11434": true, "[::1]:11434": true, "127.0.0.1": true,
		"example.org:11434": false, "192.168.1.5:11434": false, "localhost.example.org": false,
	} {
		if got := onThisMachine(host); got != want {
			t.Errorf("%s: %v", host, got)
		}
	}
}
