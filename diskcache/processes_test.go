package diskcache

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The tests' executable is another process with the same cache when it is called
// with a role.
func TestMain(m *testing.M) {
	if len(os.Args) == 4 && strings.HasPrefix(os.Args[1], "role-") {
		if err := play(os.Args[1], os.Args[2], os.Args[3]); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

const (
	roleHalf = "role-half" // puts half of a value, waits for a line, and puts the rest
	roleMany = "role-many" // puts and gets the same entries as others do

	manyLimit, manyKeys, manyRounds = 100_000, 12, 60
)

func play(role, dir, number string) error {
	if role == roleHalf {
		c, err := Open(dir, 1<<20)
		if err != nil {
			return err
		}
		return c.Put("state", "k", []byte("new"), func(w io.Writer) error {
			if err := bytesOf(bytes.Repeat([]byte("1"), 100_000))(w); err != nil {
				return err
			}
			fmt.Println("half")
			if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err != nil {
				return err
			}
			return bytesOf(bytes.Repeat([]byte("2"), 100_000))(w)
		})
	}
	c, err := Open(dir, manyLimit)
	if err != nil {
		return err
	}
	me, err := strconv.Atoi(number)
	if err != nil {
		return err
	}
	for round := range manyRounds {
		key := fmt.Sprint((me + round*5) % manyKeys)
		if err := c.Put("state", key, []byte(key), bytesOf(manyValue(key, me*manyRounds+round))); err != nil {
			return err
		}
		key = fmt.Sprint((me*7 + round*3) % manyKeys)
		note, value, err := c.Get("state", key)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if string(note) != key || !manyRight(key, value) {
			return fmt.Errorf("the value of %s is damaged: %d bytes", key, len(value))
		}
		if _, err := c.List("state"); err != nil {
			return err
		}
	}
	return nil
}

// manyValue is one of the values that processes put under a key; its first bytes
// tell the rest.
func manyValue(key string, seed int) []byte {
	unit := fmt.Sprintf("<%s:%06d>", key, seed)
	return []byte(strings.Repeat(unit, 500+seed%1500))
}

func manyRight(key string, value []byte) bool {
	_, rest, _ := strings.Cut(string(value), ":")
	seed, err := strconv.Atoi(rest[:min(6, len(rest))])
	return err == nil && bytes.Equal(value, manyValue(key, seed))
}

// process starts this executable in a role.
func process(t *testing.T, role, dir string, number int) (*exec.Cmd, io.WriteCloser, *bufio.Reader) {
	t.Helper()
	cmd := exec.Command(os.Args[0], role, dir, fmt.Sprint(number))
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return cmd, in, bufio.NewReader(out)
}

// Processes that put, get and list at once see whole values only and keep the
// limit.
func TestProcesses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var cmds []*exec.Cmd
	var outs []*bufio.Reader
	for i := range 4 {
		cmd, _, out := process(t, roleMany, dir, i)
		cmds, outs = append(cmds, cmd), append(outs, out)
	}
	for i, cmd := range cmds {
		told, _ := io.ReadAll(outs[i])
		if err := cmd.Wait(); err != nil {
			t.Errorf("process %d: %v: %s", i, err, told)
		}
	}
	c := open(t, dir, manyLimit)
	n, size, err := c.Size()
	if err != nil || size > manyLimit || n < 3 {
		t.Errorf("in the end there are %d entries of %d bytes, %v", n, size, err)
	}
	if left := files(t, dir); len(left) != n {
		t.Errorf("beside the entries there is something: %q", left)
	}
	entries, err := c.List("state")
	if err != nil || len(entries) != n {
		t.Errorf("%d of %d entries are listed, %v", len(entries), n, err)
	}
	for _, e := range entries {
		if _, value, err := c.Get("state", e.Key); err != nil || !manyRight(e.Key, value) {
			t.Errorf("%s: %d bytes, %v", e.Key, len(value), err)
		}
	}
}

// A process that is killed in the middle leaves the old value, and its leftover
// is removed by the next one.
func TestKilledInTheMiddle(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := open(t, dir, 1<<20)
	put(t, c, "state", "k", "old", []byte("old value"))
	cmd, _, out := process(t, roleHalf, dir, 0)
	if line, err := out.ReadString('\n'); line != "half\n" {
		t.Fatalf("it says %q, %v", line, err)
	}
	if err := cmd.Process.Kill(); err != nil { // SIGKILL
		t.Fatal(err)
	}
	_ = cmd.Wait()
	isTemp := func(name string) bool { return strings.HasPrefix(name, tempPrefix) }
	if left := files(t, dir); !slices.ContainsFunc(left, isTemp) {
		t.Errorf("it was killed too late: there is %q", left)
	}
	if !holds(c, "state", "k", "old", []byte("old value")) {
		t.Error("the old value is gone")
	}
	open(t, dir, 1<<20)
	if left := files(t, dir); slices.ContainsFunc(left, isTemp) || len(left) != 1 {
		t.Errorf("left is %q", left)
	}
}

// Who opens, puts or clears takes nothing from a process that is writing.
func TestWriterIsLeftAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cmd, in, out := process(t, roleHalf, dir, 0)
	if line, err := out.ReadString('\n'); line != "half\n" {
		t.Fatalf("it says %q, %v", line, err)
	}
	c := open(t, dir, 1<<20)
	put(t, c, "state", "other", "", []byte("x"))
	if _, _, err := c.Get("state", "k"); !errors.Is(err, ErrNotFound) {
		t.Errorf("a half value: %v", err)
	}
	if err := c.Clear(); err != nil {
		t.Error(err)
	}
	if _, err := in.Write([]byte("\n")); err != nil {
		t.Fatal(err)
	}
	told, _ := io.ReadAll(out)
	if err := cmd.Wait(); err != nil {
		t.Errorf("its Put fails: %v: %s", err, told)
	}
	if want := bytes.Repeat([]byte("1"), 100_000); !holds(c, "state", "k", "new", append(want, bytes.Repeat([]byte("2"), 100_000)...)) {
		t.Error("its value is not there")
	}
}
