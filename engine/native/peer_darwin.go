package native

import (
	"net"

	"golang.org/x/sys/unix"
)

// peerPID asks the kernel which process listens at the other end.
func peerPID(c *net.UnixConn) (pid int, err error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return 0, err
	}
	failed := raw.Control(func(fd uintptr) {
		pid, err = unix.GetsockoptInt(int(fd), unix.SOL_LOCAL, unix.LOCAL_PEERPID)
	})
	if failed != nil {
		err = failed
	}
	return pid, err
}
