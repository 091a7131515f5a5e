package native

import (
	"net"
	"unsafe"

	"golang.org/x/sys/windows"
)

// getPeerPID is SIO_AF_UNIX_GETPEERPID of afunix.h.
const getPeerPID = 0x58000100

// peerPID asks the kernel which process listens at the other end.
func peerPID(c *net.UnixConn) (pid int, err error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return 0, err
	}
	var id, written uint32
	failed := raw.Control(func(fd uintptr) {
		err = windows.WSAIoctl(windows.Handle(fd), getPeerPID, nil, 0, (*byte)(unsafe.Pointer(&id)), uint32(unsafe.Sizeof(id)), &written, nil, 0)
	})
	if failed != nil {
		err = failed
	}
	return int(id), err
}
