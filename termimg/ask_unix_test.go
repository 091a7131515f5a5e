//go:build unix

package termimg

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/creack/pty"
)

// asksTerminal has the tests' executable ask the terminal that it was started on.
const asksTerminal = "VLMCHAT_TEST_ASKS_TERMINAL"

func TestMain(m *testing.M) {
	if os.Getenv(asksTerminal) == "" {
		os.Exit(m.Run())
	}
	asked, err := Ask(context.Background(), os.Getenv)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	answers := asked.Answers // as they are known when drawing begins
	answers.Background = nil
	fmt.Print("\x1b7drawing\x1b8")
	err = asked.Close()
	if err = errors.Join(err, json.NewEncoder(os.Stderr).Encode(answers)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// A terminal that answers, one that answers after we have given up to wait, one that
// never does: nothing of it is on the screen, and the terminal is as it was.
func TestAsk(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answers string
		after   time.Duration
		known   bool
	}{
		"answers":         {answersOfKitty, 0, true},
		"answers late":    {answersOfKitty, patience + lateness/4, false},
		"does not answer": {"", 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var told bytes.Buffer
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), asksTerminal+"=1", "TERM=xterm-256color", "TERM_PROGRAM=", "TMUX=", "STY=")
			cmd.Stderr = &told
			terminal, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: 80, Rows: 24, X: 720, Y: 432})
			if err != nil {
				t.Fatal(err)
			}
			defer terminal.Close()
			var screen bytes.Buffer
			buffer := make([]byte, 4096)
			for answered := false; ; {
				n, err := terminal.Read(buffer)
				screen.Write(buffer[:n])
				if err != nil {
					break // its other side is closed
				}
				if !answered && strings.Contains(screen.String(), "\x1b[c") {
					answered = true
					time.Sleep(test.after)
					if _, err := terminal.WriteString(test.answers); err != nil {
						t.Fatal(err)
					}
				}
			}
			if err := cmd.Wait(); err != nil {
				t.Fatalf("%v: %s", err, &told)
			}
			env := func(name string) string { return map[string]string{"TERM": "xterm-256color"}[name] }
			if got, want := screen.String(), Questions(env)+"\x1b7drawing\x1b8"; got != want {
				t.Errorf("on the screen: %q, want %q", got, want)
			}
			var answers Answers
			if err := json.Unmarshal(told.Bytes(), &answers); err != nil {
				t.Fatalf("%v: %s", err, &told)
			}
			if known := answers.Kitty && answers.Name == "kitty(0.26.5)" && answers.answered(); known != test.known {
				t.Errorf("it was told %+v", answers)
			}
		})
	}
}

// The terminal's modes are those from before, also when somebody types meanwhile.
func TestAskRestores(t *testing.T) {
	t.Parallel()
	ours, theirs, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer ours.Close()
	defer theirs.Close()
	before, err := term.GetState(theirs.Fd())
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), asksTerminal+"=1", "TERM=xterm-256color")
	cmd.Stdin, cmd.Stdout = theirs, theirs
	cmd.SysProcAttr = controlling()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := ours.WriteString("typed\x1b[?62;c"); err != nil {
		t.Fatal(err)
	}
	go func() {
		var data [4096]byte
		for {
			if _, err := ours.Read(data[:]); err != nil {
				return
			}
		}
	}()
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	after, err := term.GetState(theirs.Fd())
	if err != nil {
		t.Fatal(err)
	}
	if *after != *before {
		t.Errorf("the modes were %+v and are %+v", before, after)
	}
}

// controlling makes the child's standard input its terminal.
func controlling() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setsid: true, Setctty: true}
}
