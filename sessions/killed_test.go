package sessions

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
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
		err = talk(dir, os.Args[1], os.Args[2])
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

// told is what somebody who talks says on standard output, in a line, when it has been
// kept: what is counted only grows.
type told struct {
	ID, Parent int64  // of a message
	Text       string // what it says by now
	Title      int    // the number in the conversation's title
	Tag        int    // in its newest tag
	Draft      int    // in its draft
	Begun      string // another session
	Removing   string // that is about to be removed
	Removed    string // that was
}

// talk holds a conversation, as a person does who changes their mind: with branches,
// pictures, drafts, names and tags, and others that are begun and removed.
func talk(dir, session, round string) error {
	s, err := Open(dir)
	if err != nil {
		return err
	}
	ctx := context.Background()
	number, err := strconv.Atoi(round)
	if err != nil {
		return err
	}
	tell := func(t told) {
		line, _ := json.Marshal(t) // it has nothing that JSON has not
		fmt.Println(string(line))
	}
	var answers []int64
	if c, err := s.Load(ctx, session); err == nil {
		for _, m := range c.All {
			if m.Role == Assistant {
				answers = append(answers, m.ID)
			}
		}
	}
	to := Session{ID: session}
	ask := func() error {
		parent := int64(0) // a new beginning, or a branch
		if len(answers) > 0 {
			parent = answers[len(answers)-1-rand.IntN(min(len(answers), 3))]
		}
		text := fmt.Sprintf("question %d", number)
		q, err := s.Append(ctx, to, question(parent, text, picture("a.png", fmt.Sprint(rand.IntN(50)))))
		if err != nil {
			return err
		}
		tell(told{ID: q, Parent: parent, Text: text})
		a, err := s.Append(ctx, to, Message{Parent: q, Role: Assistant, State: Partial, Parts: []Part{{}}})
		if err != nil {
			return err
		}
		tell(told{ID: a, Parent: q})
		for words := range 3 {
			text := strings.TrimSpace(strings.Repeat("word ", words+1))
			if err := s.Update(ctx, a, reply(q, text)); err != nil {
				return err
			}
			tell(told{ID: a, Parent: q, Text: text})
		}
		answers = append(answers, a)
		return nil
	}
	deeds := []func() error{
		ask,
		func() error { return s.SetLeaf(ctx, session, answers[rand.IntN(len(answers))]) },
		func() error {
			err := s.Rename(ctx, session, fmt.Sprintf("title %d", number), ByPerson)
			tell(told{Title: number})
			return err
		},
		func() error {
			_, err := s.Tag(ctx, session, []string{fmt.Sprintf("tag-%08d", number)}, []string{fmt.Sprintf("tag-%08d", number-rand.IntN(5)-1)})
			tell(told{Tag: number})
			return err
		},
		func() error {
			d := Draft{Session: session, Text: fmt.Sprintf("draft %d", number), Pictures: []*Picture{picture("d.png", fmt.Sprint("drafted ", rand.IntN(50)))}}
			err := s.SaveDraft(ctx, d)
			tell(told{Draft: number})
			return err
		},
		func() error {
			other := fmt.Sprintf("%s-%d", session, number)
			if _, err := s.Append(ctx, Session{ID: other}, question(0, "What?", picture("b.png", "of "+other))); err != nil {
				return err
			}
			tell(told{Begun: other})
			if rand.IntN(2) == 0 {
				return nil
			}
			tell(told{Removing: other})
			if err := s.Remove(ctx, other); err != nil {
				return err
			}
			tell(told{Removed: other})
			return nil
		},
	}
	for ; ; number++ {
		if err := ask(); err != nil {
			return err
		}
		if err := deeds[rand.IntN(len(deeds))](); err != nil {
			return err
		}
	}
}

// kept is what is known to be kept of the talks in one store.
type kept struct {
	mu       sync.Mutex
	messages map[int64]told
	latest   map[string]told // of each session
	others   map[string]told
}

func (k *kept) hears(session string, t told) {
	k.mu.Lock()
	defer k.mu.Unlock()
	last := k.latest[session]
	last.Title, last.Tag, last.Draft = max(last.Title, t.Title), max(last.Tag, t.Tag), max(last.Draft, t.Draft)
	k.latest[session] = last
	if t.ID != 0 {
		k.messages[t.ID] = t
	}
	if other := t.Begun + t.Removing + t.Removed; other != "" {
		k.others[other] = t
	}
}

// Processes that are killed at any of 500 moments, two at once in a store, lose nothing
// that was said to be kept, and the database stays whole.
func TestKilled(t *testing.T) {
	t.Parallel()
	const stores = 4
	moments := 500
	if testing.Short() {
		moments = 40
	}
	for i := range stores {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			k := &kept{messages: map[int64]told{}, latest: map[string]told{}, others: map[string]told{}}
			rounds := moments / stores / 2
			for round := range rounds + 1 {
				var both sync.WaitGroup
				for _, session := range []string{"one", "two"} {
					both.Go(func() { k.isKilled(t, dir, session, round) })
				}
				both.Wait()
				if round%10 == 9 || round == rounds {
					k.verify(t, dir)
				}
			}
			k.mu.Lock()
			defer k.mu.Unlock()
			t.Logf("%d messages kept by %d processes that were killed", len(k.messages), 2*(rounds+1))
		})
	}
}

// isKilled lets somebody talk who is killed at some moment: while the store is opened, or
// later.
func (k *kept) isKilled(t *testing.T, dir, session string, round int) {
	self, err := os.Executable()
	if err != nil {
		t.Error(err)
		return
	}
	cmd := exec.Command(self, session, fmt.Sprint(1+round*1000))
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
	kill := func(most int) {
		time.AfterFunc(time.Duration(rand.IntN(most))*time.Microsecond, func() { _ = cmd.Process.Kill() })
	}
	if early := round%5 == 4; early {
		kill(100_000)
	}
	lines := bufio.NewScanner(out)
	for first := true; lines.Scan(); first = false {
		var one told
		if json.Unmarshal(lines.Bytes(), &one) != nil {
			break // a line that was cut
		}
		k.hears(session, one)
		if first {
			kill(60_000)
		}
	}
	if err := cmd.Wait(); err == nil || said.Len() > 0 {
		t.Errorf("it was not killed, and said %q", said.String())
	}
}

// verify looks whether all is there, and whole.
func (k *kept) verify(t *testing.T, dir string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if len(s.Notices()) > 0 {
		t.Errorf("it is damaged: %q", s.Notices())
	}
	var says string
	if err := s.write.QueryRow("PRAGMA integrity_check").Scan(&says); err != nil || says != "ok" {
		t.Errorf("the database: %s, %v", says, err)
	}
	if err := s.write.QueryRow("PRAGMA foreign_key_check").Scan(&says); !errors.Is(err, sql.ErrNoRows) {
		t.Errorf("a row refers to none: %s, %v", says, err)
	}
	if _, err := s.write.Exec("INSERT INTO texts (texts, rank) VALUES ('integrity-check', 1)"); err != nil {
		t.Errorf("the index of words: %v", err)
	}
	there := map[int64]Message{}
	whole := map[string]bool{}
	for _, c := range loadAll(t, s) {
		for _, m := range c.All {
			there[m.ID] = m
			for _, p := range m.Pictures() {
				whole[p.SHA256] = true
			}
		}
		last, talked := k.latest[c.ID]
		if !talked {
			continue
		}
		d, err := s.Draft(t.Context(), c.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range d.Pictures {
			whole[p.SHA256] = true
		}
		if n := numberIn(c.Title); n < last.Title && last.Title > 0 {
			t.Errorf("the title is %q, and %d was kept", c.Title, last.Title)
		}
		if n := numberIn(d.Text); n < last.Draft {
			t.Errorf("the draft is %q, and %d was kept", d.Text, last.Draft)
		}
		if last.Tag > 0 && (len(c.Tags) == 0 || numberIn(c.Tags[len(c.Tags)-1]) < last.Tag) {
			t.Errorf("the tags are %q, and %d was kept", c.Tags, last.Tag)
		}
	}
	for sha256 := range whole {
		if data, err := s.Bytes(sha256); err != nil || picture("", string(data)).SHA256 != sha256 {
			t.Errorf("the picture %s is %q, %v", sha256, data, err)
		}
	}
	for id, told := range k.messages {
		// One step more may be on the disk than was told.
		if m, ok := there[id]; !ok || !strings.HasPrefix(m.Text(), told.Text) || m.Parent != told.Parent {
			t.Errorf("message %d is %q behind %d (%v), and %+v was kept", id, m.Text(), m.Parent, ok, told)
		}
	}
	for other, told := range k.others {
		_, err := s.Load(t.Context(), other)
		_, bytes := s.Bytes(picture("", "of "+other).SHA256)
		switch {
		case told.Removed != "" && (err == nil || bytes == nil):
			t.Errorf("%s was removed, and is there: %v, %v", other, err, bytes)
		case told.Begun != "" && (err != nil || bytes != nil):
			t.Errorf("%s is gone: %v, %v", other, err, bytes)
		}
	}
	left, err := filepath.Glob(filepath.Join(dir, "pictures", "*", ".new-*"))
	if err != nil || len(left) > 200 {
		t.Errorf("%d files are left that were being written, %v", len(left), err)
	}
}

// numberIn is the number at the end of a text.
func numberIn(text string) int {
	n, _ := strconv.Atoi(text[strings.LastIndexAny(text, " -")+1:])
	return n
}
