package native

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/vlmchat/vlmchat/engine"

	"github.com/vlmchat/vlmchat/testprogram"
)

// awaitEnd waits until a process is gone.
func awaitEnd(t *testing.T, pid int) {
	t.Helper()
	for {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			return
		}
		// One that nobody asked how it ended is a zombie.
		if _, state, found := strings.Cut(string(text), ") "); found && strings.HasPrefix(state, "Z") {
			return
		}
		select {
		case <-t.Context().Done():
			t.Errorf("the process %d goes on", pid)
			return
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// A worker that gets no more memory ends, with a word on it, and a fresh one goes
// on.
func TestWorkerOutOfMemory(t *testing.T) {
	t.Parallel()
	e := open(t, options(t))
	message := engine.Ask("Describe this image.", sample(t, "scene-01.png"))
	whole := mustAsk(t, e, greedy, message)
	a, note := interrupt(t, e, message, engine.Delta, func(c *connection) {
		none := unix.Rlimit{}
		if err := unix.Prlimit(c.peer.pid(), unix.RLIMIT_AS, &none, nil); err != nil {
			t.Error(err)
		}
		// What it has is enough for this answer; a large picture is not.
		large := make([]byte, 64<<20)
		resp, err := e.request(t.Context(), "PUT", "/pictures/none?width=4096&height=4096", strings.NewReader(string(large)))
		if err == nil {
			resp.Body.Close()
		}
	})
	// Who asks for memory first is a matter of luck: Go, C++ or a new thread; or the
	// race detector, which ends with its own code.
	said := slices.ContainsFunc([]string{"out of memory", "cannot allocate memory", "bad_alloc", "hread creat", "pthread_create", "code 66"},
		func(words string) bool { return strings.Contains(note, words) })
	if a.text != whole.text || !said {
		t.Errorf("the answer is %q, the note %q", a.text, note)
	}
}

// hanging is options with which loading does not go on before release is called,
// as with a disk that does not answer: this process has a lease on the model's
// file, and the kernel lets nobody open it. It does so for 45 seconds.
func hanging(t *testing.T) (o Options, release func()) {
	t.Helper()
	o = options(t)
	o.KeepAlive = time.Hour
	content, err := os.ReadFile(o.Model.Path)
	if err != nil {
		t.Fatal(err)
	}
	o.Model.Path = filepath.Join(t.TempDir(), "model.gguf")
	if err := os.WriteFile(o.Model.Path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(o.Model.Path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	if _, err := unix.FcntlInt(f.Fd(), unix.F_SETLEASE, unix.F_WRLCK); err != nil {
		t.Fatal(err)
	}
	return o, func() { f.Close() }
}

// A call that never returns is found by the watchdog.
func TestWorkerHangs(t *testing.T) {
	t.Parallel()
	o, _ := hanging(t)
	c := startClient(t, o, self(t, ""), "XDG_RUNTIME_DIR="+runtimeDir(t), hangVariable+"=480ms")
	a := c.ask("Who are you?")
	if a.Kind != engine.WorkerDied || !strings.Contains(a.Error, "nothing had moved in llama.cpp for 480ms") {
		t.Errorf("the client was told %+v", a)
	}
}

// A worker that is killed while it loads is replaced as well.
func TestWorkerKilledWhileItLoads(t *testing.T) {
	t.Parallel()
	o, release := hanging(t)
	dir := runtimeDir(t)
	c := startClient(t, o, self(t, ""), "XDG_RUNTIME_DIR="+dir)
	c.begin("Who are you?")
	pid := awaitWorker(t, dir)
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	release() // the next one can load
	if a := c.hear(); a.Text == "" || !strings.Contains(a.Note, "signal 9") {
		t.Errorf("the client was told %+v", a)
	}
}

// awaitWorker waits for the one worker of a runtime directory to have a client,
// and returns its process.
func awaitWorker(t *testing.T, dir string) int {
	t.Helper()
	dir = filepath.Join(dir, "vlmchat")
	for t.Context().Err() == nil {
		for _, key := range keysIn(dir) {
			w := Worker{dir: dir, key: key}
			if w.look(t.Context()); w.Clients > 0 {
				return w.PID
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("no worker came")
	return 0
}

// A worker that loads for a command that was killed ends at once; one that has
// its model stays for its keep-alive and then ends.
func TestOrphans(t *testing.T) {
	t.Parallel()
	o, _ := hanging(t)
	dir := runtimeDir(t)
	c := startClient(t, o, self(t, ""), "XDG_RUNTIME_DIR="+dir)
	c.begin("Who are you?")
	pid := awaitWorker(t, dir)
	if err := c.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	awaitEnd(t, pid)

	o = options(t)
	o.KeepAlive = 200 * time.Millisecond
	c = startClient(t, o, self(t, ""), "XDG_RUNTIME_DIR="+dir)
	pid = c.mustAsk()
	if err := c.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	awaitEnd(t, pid)
}

// A worker whose socket's directory was removed serves those who have it, and
// ends when they have gone. Others have one of their own, which is not disturbed.
func TestDirectoryRemoved(t *testing.T) {
	t.Parallel()
	o, dir := options(t), runtimeDir(t)
	o.KeepAlive = time.Hour
	first := startClient(t, o, self(t, ""), "XDG_RUNTIME_DIR="+dir)
	lost := first.mustAsk()
	if err := os.RemoveAll(filepath.Join(dir, "vlmchat")); err != nil {
		t.Fatal(err)
	}
	o.KeepAlive = 0
	second := startClient(t, o, self(t, ""), "XDG_RUNTIME_DIR="+dir)
	found := second.mustAsk()
	if found == lost {
		t.Error("the worker was found without a socket")
	}
	first.close()
	awaitEnd(t, lost)
	if again := second.mustAsk(); again != found {
		t.Error("the end of the first worker disturbed the second")
	}
}

// After an upgrade the worker of before, which nobody can find any more, ends for
// the sake of its memory, however long it was to stay.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	o, dir := options(t), runtimeDir(t)
	o.KeepAlive = time.Hour
	here := "XDG_RUNTIME_DIR=" + dir
	vlmchat := filepath.Join(dir, "vlmchat-of-the-test")
	copyExecutable(t, vlmchat)
	before := startClient(t, o, self(t, vlmchat), here)
	old := before.mustAsk()
	if again := before.mustAsk(); again != old {
		t.Fatal("the worker did not stay")
	}
	before.close()
	after := startClient(t, o, self(t, vlmchat), here)
	if warm := after.mustAsk(); warm != old {
		t.Fatal("the worker did not stay warm")
	}
	after.close()

	copyExecutable(t, vlmchat)
	upgraded := startClient(t, o, self(t, vlmchat), here)
	if fresh := upgraded.mustAsk(); fresh == old {
		t.Error("the upgraded vlmchat talks to the worker of before")
	}
	awaitEnd(t, old)
	// Nor is its own worker to stay when the test is over.
	o.KeepAlive = 0
	last := startClient(t, o, self(t, vlmchat), here)
	last.mustAsk()
	upgraded.close()
	last.close()
}

// One that is upgraded while it runs still has workers of its own kind.
func TestUpgradeOfTheRunning(t *testing.T) {
	t.Parallel()
	o, dir := options(t), runtimeDir(t)
	vlmchat := filepath.Join(dir, "vlmchat-of-the-test")
	copyExecutable(t, vlmchat)
	c := startClient(t, o, self(t, vlmchat), "XDG_RUNTIME_DIR="+dir)
	pid := c.mustAsk()
	testprogram.Write(t, vlmchat+".new", []byte("another program"))
	if err := os.Rename(vlmchat+".new", vlmchat); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if fresh := c.mustAsk(); fresh == pid {
		t.Error("the killed worker answered")
	}
}

// Neither side keeps anything of a client that has gone.
func TestManyAttachments(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.KeepAlive = time.Minute
	first := open(t, o)
	if _, err := first.Info(t.Context()); err != nil {
		t.Fatal(err)
	}
	pid := first.connection.peer.pid()
	attach := func() {
		e := New(o)
		defer e.Close()
		if _, err := e.Info(t.Context()); err != nil {
			t.Fatal(err)
		}
		c := e.connection
		e.Close()
		<-c.gone
	}
	attach()
	before := descriptors(t, pid)
	for range 1000 {
		attach()
	}
	// The worker sees the last ones go a moment later.
	for t.Context().Err() == nil {
		if descriptors(t, pid) <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("the worker had %d descriptors, and has %d", before, descriptors(t, pid))
}

func descriptors(t *testing.T, pid int) int {
	t.Helper()
	entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

// A full disk costs messages, not answers.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	o := options(t)
	full := tmpfs(t, "size=16k,mode=700")
	if err := os.WriteFile(filepath.Join(full, "filler"), make([]byte, 1<<20), 0o600); err == nil {
		t.Fatal("the disk is not full")
	}
	startClient(t, o, self(t, ""), "XDG_RUNTIME_DIR="+full).mustAsk()

	// A disk that takes no more files at all is named.
	none := tmpfs(t, "nr_inodes=2,mode=700")
	a := startClient(t, o, self(t, ""), "XDG_RUNTIME_DIR="+none).ask("Who are you?")
	if !strings.Contains(a.Error, "no space left on device") || !strings.Contains(a.Error, none) {
		t.Errorf("the client was told %+v", a)
	}
}

// tmpfs mounts a file system in memory.
func tmpfs(t *testing.T, settings string) string {
	t.Helper()
	dir := runtimeDir(t)
	if os.Getuid() != 0 {
		t.Skip("needs root, to mount a small disk")
	}
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, settings); err != nil {
		t.Skipf("needs root that may mount: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Errorf("unmounting: %v", err)
		}
	})
	return dir
}
