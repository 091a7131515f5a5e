// Package testprogram makes programs for tests that run them.
package testprogram

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// Write puts a program at path, which may be run at once.
//
// A test that runs beside this one may start a process at any moment, which has a copy of
// every open file until it becomes another program. If one of them is a program that is
// being written, the kernel refuses to run it ("text file busy", golang.org/issue/22315).
// So nothing is started while this writes.
func Write(t testing.TB, path string, content []byte) {
	t.Helper()
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if err := os.WriteFile(path, content, 0o755); err != nil {
		t.Fatal(err)
	}
}

// Script puts a shell script of this name in a folder of its own, and returns its path.
func Script(t testing.TB, name, lines string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	Write(t, path, []byte("#!/bin/sh\n"+lines+"\n"))
	return path
}
