//go:build linux

package cli

import (
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/sessions"
	"github.com/vlmchat/vlmchat/ui/ptytest"
)

// What was said and what was being written outlive the chat, however it ends.
func TestChatIsKept(t *testing.T) {
	t.Parallel()
	// Under nohup this process hears no SIGHUP, and neither would the chat.
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	dir := t.TempDir()
	env := []string{"VLMCHAT_SESSIONS_DIR=" + dir}
	c := startChatWith(t, env, 80, 24, sample(t, "scene-01.png"))
	c.WaitFor("scene-01.png", patience)
	c.ask("Describe this image.")
	c.answered("digit 9")
	c.Type("/crop 0,0,50%,50%\r")
	c.WaitFor("[scene-01.png · at 0,0", patience)
	c.Type("What color is")
	draftIn(t, dir, "What color is")
	c.Signal(syscall.SIGKILL)
	c.Wait(patience)

	// Killed, it goes on with -c, and what was being written is there, with the region that
	// was cut out. The picture is seen, and known to the model.
	c = startChatWith(t, env, 80, 24, "-c")
	c.WaitFor("digit 9", patience)
	c.WaitFor("› What color is", patience)
	c.WaitFor("[scene-01.png · at 0,0", patience)
	c.Type(shiftTab + remove)
	c.WaitUntil("the region is not attached any more", patience, func(screen string) bool { return !strings.Contains(screen, "[scene-01.png") })
	c.Type(" the digit?\r")
	c.answered("is red.")
	c.Type("Half a quest")
	c.WaitFor("Half a quest", patience)
	c.Signal(syscall.SIGHUP) // the terminal is closed
	if code := c.Wait(patience); code != exitInterrupted {
		t.Errorf("after SIGHUP the exit code is %d", code)
	}

	// A smaller terminal, and a choice among the conversations.
	c = startChatWith(t, env, 40, 12, "--resume")
	c.WaitFor("Describe this image.", patience)
	c.Type("\r")
	c.WaitFor("is red.", patience)
	c.WaitFor("Half a quest", patience)
	c.Type(ptytest.Escape)
	c.Signal(syscall.SIGTERM)
	c.Wait(patience)

	// The demo model has no notion of titles, and is asked for none.
	if last := conversationIn(t, dir); last.Title != "Describe this image." {
		t.Errorf("the title is %q", last.Title)
	}
}

// Keys that a person presses.
const shiftTab, remove = "\x1b[Z", "\x1b[3~"

// draftIn waits until a draft is in the store.
func draftIn(t *testing.T, dir, text string) {
	t.Helper()
	s, err := sessions.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		last, err := s.Last(t.Context())
		if err == nil {
			if d, err := s.Draft(t.Context(), last.ID); err == nil && strings.Contains(d.Text, text) {
				return
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("the draft %q is not kept", text)
		}
	}
}
