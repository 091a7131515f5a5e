package runtimes

import (
	"regexp"
	"runtime"
	"testing"
)

func TestLibc(t *testing.T) {
	t.Parallel()
	want := `^$`
	if runtime.GOOS == "linux" {
		want = `^(glibc 2\.[0-9]+|musl)$`
	}
	if got := Libc(); !regexp.MustCompile(want).MatchString(got) {
		t.Errorf("%q", got)
	}
}
