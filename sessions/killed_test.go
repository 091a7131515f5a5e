package sessions

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// These make the tests' executable somebody who does something in the store that they name,
// until it is killed: who talks, and who brings it up to date.
const (
	talking   = "SESSIONS_TEST_TALKING"
	migrating = "SESSIONS_TEST_MIGRATING"
)

func TestMain(m *testing.M) {
	var err error
	if dir := os.Getenv(talking); dir != "" {
		err = talk(dir, os.Args[len(os.Args)-1])
	} else if dir := os.Getenv(migrating); dir != "" {
		err = migrateAndDie(dir)
	} else {
		os.Exit(m.Run())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// talk holds a conversation, and says on standard output what has been kept of it: the
// number of a message, and what it says by now.
func talk(dir, session string) error {
	s, err := Open(dir)
	if err != nil {
		return err
	}
	ctx := context.Background()
	parent := int64(0)
	if c, err := s.Load(ctx, session); err == nil {
		parent = c.Leaf
	}
	for turn := 0; ; turn++ {
		text := fmt.Sprintf("question %d", turn)
		q, err := s.Append(ctx, Session{ID: session}, question(parent, text, picture("a.png", fmt.Sprint(rand.IntN(5)))))
		if err != nil {
			return err
		}
		fmt.Println(q, text)
		a, err := s.Append(ctx, Session{ID: session}, Message{Parent: q, Role: Assistant, State: Partial, Parts: []Part{{}}})
		if err != nil {
			return err
		}
		fmt.Println(a)
		for words := range 4 {
			text := strings.TrimSpace(strings.Repeat("word ", words+1))
			if err := s.Update(ctx, a, reply(q, text)); err != nil {
				return err
			}
			fmt.Println(a, text)
		}
		parent = a
	}
}

// Processes that are killed at any moment, two at once in a store, lose nothing that was
// said to be kept, and the database stays whole.
func TestKilled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	_ = open(t, dir).Close()
	kept := map[int64]string{}
	var mu sync.Mutex
	moments := 50
	if testing.Short() {
		moments = 10
	}
	run := func(session string) {
		cmd := exec.Command(self, session)
		cmd.Env = append(os.Environ(), talking+"="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Error(err)
			return
		}
		var said strings.Builder
		cmd.Stderr = &said
		if err := cmd.Start(); err != nil {
			t.Error(err)
			return
		}
		lines := bufio.NewScanner(out)
		// From its first word on it is killed at some moment.
		for first := true; lines.Scan(); first = false {
			number, text, _ := strings.Cut(lines.Text(), " ")
			id, err := strconv.ParseInt(number, 10, 64)
			if err != nil {
				break // a line that was cut
			}
			mu.Lock()
			kept[id] = text
			mu.Unlock()
			if first {
				time.AfterFunc(time.Duration(rand.IntN(100_000))*time.Microsecond, func() { _ = cmd.Process.Kill() })
			}
		}
		if err := cmd.Wait(); err == nil || said.Len() > 0 {
			t.Errorf("it was not killed, and said %q", said.String())
		}
	}
	for range moments / 2 {
		var both sync.WaitGroup
		both.Go(func() { run("one") })
		both.Go(func() { run("two") })
		both.Wait()
	}
	s := open(t, dir)
	if len(s.Notices()) > 0 {
		t.Errorf("it is damaged: %q", s.Notices())
	}
	if err := s.check(); err != nil {
		t.Error(err)
	}
	if _, err := s.write.Exec("INSERT INTO texts (texts, rank) VALUES ('integrity-check', 1)"); err != nil {
		t.Errorf("the index of words: %v", err)
	}
	there := map[int64]string{}
	for _, session := range []string{"one", "two"} {
		c, err := s.Load(t.Context(), session)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range c.All {
			there[m.ID] = m.Text()
			for _, p := range m.Pictures() {
				if _, err := s.Bytes(p.SHA256); err != nil {
					t.Errorf("a picture of message %d: %v", m.ID, err)
				}
			}
		}
		if len(c.Path()) < 2 {
			t.Errorf("the path of %s has %d messages", session, len(c.Path()))
		}
	}
	for id, text := range kept {
		// One step more may be on the disk than was told.
		if got, ok := there[id]; !ok || !strings.HasPrefix(got, text) {
			t.Errorf("message %d is %q (%v), and %q was kept", id, got, ok, text)
		}
	}
	t.Logf("%d messages kept by %d processes that were killed", len(kept), moments)
}
