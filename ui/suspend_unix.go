//go:build !windows

package ui

import "golang.org/x/sys/unix"

// canSuspend reports whether there is a shell to go back to. The group of a
// session's leader has none (a terminal's or a container's first program): the
// system drops the signal there, and the chat would wait for ever to go on.
func canSuspend() bool {
	session, err := unix.Getsid(0)
	return err == nil && session != unix.Getpgrp()
}
