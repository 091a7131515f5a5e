//go:build linux

package cli

import (
	"database/sql"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/sessions"
)

// Two vlmchats that are killed in the same conversation have kept what was said and what
// was being written in each.
func TestChatShared(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	env := []string{"VLMCHAT_SESSIONS_DIR=" + dir}
	first := startChatWith(t, env, 80, 24, sample(t, "scene-01.png"))
	first.WaitFor("scene-01.png", patience)
	first.ask("Describe this image.")
	first.answered("digit 9")
	waitInStore(t, dir, "the first answer", "SELECT count(*)=1 FROM messages WHERE role='assistant' AND state='whole'")
	second := startChatWith(t, env, 80, 24, "-c")
	second.WaitFor("Another vlmchat has this conversation open", patience)
	second.ask("What color is the digit?")
	second.answered("is red.")
	first.ask("How many shapes are there?")
	first.answered("one")
	second.Type("/rename By the second\r")
	second.Type("written in the second")
	first.Type("written in the first")
	for _, text := range []string{"written in the first", "written in the second"} {
		waitInStore(t, dir, text, "SELECT count(*) FROM drafts WHERE text=?", text)
	}
	first.Signal(syscall.SIGKILL)
	second.Signal(syscall.SIGKILL)
	first.Wait(patience)
	second.Wait(patience)

	c := conversationIn(t, dir)
	if len(c.All) != 6 || c.Title != "By the second" || c.All[2].Parent != c.All[1].ID || c.All[4].Parent != c.All[1].ID || c.Leaf != c.All[5].ID {
		t.Errorf("kept is %+v", c)
	}
	for _, m := range c.All {
		if m.State != sessions.Whole {
			t.Errorf("%q is %s", m.Text(), m.State)
		}
	}
	again := startChatWith(t, env, 80, 24, "-c")
	again.WaitFor("› written in the first", patience)
	again.WaitUntil("it is the branch of the first", patience, func(screen string) bool {
		return strings.Contains(screen, "How many shapes") && !strings.Contains(screen, "What color")
	})
	again.ask("")
	again.answered("written in the first")
	again.quit()
	again = startChatWith(t, env, 80, 24, "-c")
	again.WaitFor("› written in the second", patience)
	again.Signal(syscall.SIGTERM)
	again.Wait(patience)
}

// waitInStore waits until a query of a store's database says yes.
func waitInStore(t *testing.T, dir, what, query string, args ...any) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, "sessions.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		var yes bool
		err := db.QueryRowContext(t.Context(), query, args...).Scan(&yes)
		if err == nil && yes {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("never kept: %s (%v)", what, err)
		}
	}
}
