package native

import (
	"net"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/windows"
)

func TestListenReason(t *testing.T) {
	t.Parallel()
	err := &net.OpError{Op: "listen", Net: "unix", Err: os.NewSyscallError("socket", windows.WSAEAFNOSUPPORT)}
	if reason := listenReason(err); !strings.Contains(reason, "Windows 10 version 1803") {
		t.Errorf("%q", reason)
	}
}
