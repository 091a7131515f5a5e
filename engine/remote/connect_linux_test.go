package remote

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/engine"
)

// full is the address of a server that takes no connection: its queue is full, and
// the kernel drops what knocks, as a firewall does.
func full(t *testing.T) string {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Close(fd) })
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	address := fmt.Sprintf("127.0.0.1:%d", name.(*syscall.SockaddrInet4).Port)
	for range 10 {
		c, err := net.DialTimeout("tcp", address, 200*time.Millisecond)
		if err != nil {
			return address
		}
		t.Cleanup(func() { c.Close() })
	}
	t.Fatal("the queue of connections does not fill up")
	return ""
}

// Who waits for a server to take the connection waits as long as was asked for:
// the caller's own patience would end as something that was stopped.
func TestConnectTimeout(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0") // takes connections, and says nothing
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { silent.Close() })
	for url, want := range map[string]string{
		"http://" + full(t):                 "no server answers at %s in time",
		"https://" + silent.Addr().String(): "the server at %s does not answer in https",
	} {
		t.Run(url, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), connectTimeout/2)
			defer cancel()
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
			if err != nil {
				t.Fatal(err)
			}
			_, err = Exchange(newTransport(50*time.Millisecond), req, Patient)
			_, host, _ := strings.Cut(url, "//")
			if engine.KindOf(err) != engine.Unreachable || err.Error() != fmt.Sprintf(want, host) {
				t.Errorf("%s: %v", engine.KindOf(err), err)
			}
		})
	}
}
