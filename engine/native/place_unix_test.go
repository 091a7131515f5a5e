//go:build !windows

package native

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/engine"

	"github.com/vlmchat/vlmchat/testprogram"
)

// What lies in a socket's place is no obstacle: a dead worker's socket, or what
// somebody put there, but for a directory that holds something.
func TestSomethingInTheSocketsPlace(t *testing.T) {
	t.Parallel()
	for name, put := range map[string]func(path string) error{
		"a dead worker's socket": func(path string) error {
			l, err := net.Listen("unix", path)
			if err != nil {
				return err
			}
			l.(*net.UnixListener).SetUnlinkOnClose(false)
			return l.Close()
		},
		"a file":             func(path string) error { return os.WriteFile(path, nil, 0o600) },
		"an empty directory": func(path string) error { return os.Mkdir(path, 0o700) },
		"a dead link":        func(path string) error { return os.Symlink("nowhere", path) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := open(t, options(t))
			if err := put(socketPath(mustSocketDir(t), e.spec.Key)); err != nil {
				t.Fatal(err)
			}
			mustAsk(t, e, greedy, engine.Text(engine.User, "Who are you?"))
		})
	}
	e := open(t, options(t))
	path := socketPath(mustSocketDir(t), e.spec.Key)
	if err := os.MkdirAll(filepath.Join(path, "full"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Info(t.Context()); engine.KindOf(err) != engine.Unreachable || !strings.Contains(err.Error(), path) {
		t.Errorf("the error is %v", err)
	}
}

func mustSocketDir(t *testing.T) string {
	t.Helper()
	dir, err := socketDir()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// The lock of a process that is dead is free, whatever its file says; that of
// one that lives and does not listen is waited for, and then named.
func TestLocks(t *testing.T) {
	t.Parallel()
	e := open(t, options(t))
	dir, key := mustSocketDir(t), e.spec.Key
	if err := os.WriteFile(lockPath(dir, key), []byte("1"), 0o600); err != nil {
		t.Fatal(err)
	}
	lock, got, err := takeLock(lockPath(dir, key))
	if err != nil || !got {
		t.Fatalf("the lock of nobody can't be taken: %v", err)
	}
	if _, got, _ := takeLock(lockPath(dir, key)); got {
		t.Fatal("the lock was taken twice")
	}
	e.attachTimeout = 300 * time.Millisecond
	if _, err := e.Info(t.Context()); engine.KindOf(err) != engine.Unreachable || !errors.Is(err, errSilent) {
		t.Errorf("while another has the lock the error is %v", err)
	}
	// Who ends removes the file of the lock: nobody is to have that of nothing.
	if err := os.Remove(lockPath(dir, key)); err != nil {
		t.Fatal(err)
	}
	if err := lock.Unlock(); err != nil {
		t.Fatal(err)
	}
	e.attachTimeout = attachTimeout
	mustAsk(t, e, greedy, engine.Text(engine.User, "Who are you?"))
	if _, got, _ := takeLock(lockPath(dir, key)); got {
		t.Error("the worker has no lock")
	}
}

// connectCommand tries a socket and tells by its exit code how that went.
const connectCommand = "connect"

func init() {
	commands = append(commands, func() {
		if len(os.Args) != 3 || os.Args[1] != connectCommand {
			return
		}
		_, err := net.Dial("unix", os.Args[2])
		switch {
		case errors.Is(err, syscall.EACCES):
			os.Exit(13)
		case err != nil:
			os.Exit(1)
		}
		os.Exit(0)
	})
}

// Another user can't reach the worker, however careless the umask, and not even
// if the directory were open.
func TestAnotherUser(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("needs root, to be another user")
	}
	dir := runtimeDir(t)
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "program")
	copyExecutable(t, program)
	careless := exec.Command("sh", "-c", `umask 0; exec "$@"`, "sh", program, clientCommand)
	c := startClient(t, options(t), careless, "XDG_RUNTIME_DIR="+dir)
	c.mustAsk()

	private := filepath.Join(dir, "vlmchat")
	for _, path := range append(glob(t, private, "*"), private) {
		fi, err := os.Lstat(path)
		if err != nil || fi.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v, %v", path, fi.Mode(), err)
		}
	}
	socket := glob(t, private, "*.sock")[0]
	connect := func(uid uint32) int {
		cmd := exec.Command(program, connectCommand, socket)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
		_ = cmd.Run()
		return cmd.ProcessState.ExitCode()
	}
	const nobody = 65534
	if code := connect(0); code != 0 {
		t.Errorf("the user's own attempt ended with %d", code)
	}
	if code := connect(nobody); code != 13 {
		t.Errorf("another user's attempt ended with %d, not with a refusal", code)
	}
	if err := os.Chmod(private, 0o755); err != nil {
		t.Fatal(err)
	}
	if code := connect(nobody); code != 13 {
		t.Errorf("with the directory open another user's attempt ended with %d", code)
	}
}

// A directory that somebody else made beforehand is not used.
func TestDirectoryOfAnotherUser(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("needs root, to be another user")
	}
	dir := runtimeDir(t)
	if err := os.Chown(dir, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	if err := checkPrivate(dir); err == nil || !strings.Contains(err.Error(), dir) {
		t.Errorf("the error is %v", err)
	}
	link := filepath.Join(runtimeDir(t), "link")
	if err := os.Symlink(runtimeDir(t), link); err != nil {
		t.Fatal(err)
	}
	if err := checkPrivate(link); err == nil {
		t.Error("a link was accepted, which its owner can lead elsewhere")
	}
}

func glob(t *testing.T, dir, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no %s in %s: %v", pattern, dir, err)
	}
	return paths
}

// copyExecutable copies this executable to a path, in place of what is there.
func copyExecutable(t *testing.T, path string) {
	t.Helper()
	from, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	testprogram.Write(t, path+".new", content)
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}
