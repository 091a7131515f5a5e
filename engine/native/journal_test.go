package native

import (
	"strings"
	"testing"
)

func TestLastWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ stderr, want string }{
		{"", ""},
		{"a warning\nanother\n", ""},
		{"terminate called after throwing an instance of 'std::bad_alloc'\n  what():  std::bad_alloc\nSIGABRT: abort\nPC=0x1 m=0\n\ngoroutine 1 [running]:\npanic: not this\n",
			"terminate called after throwing an instance of 'std::bad_alloc'; what():  std::bad_alloc; SIGABRT: abort"},
		{"noise\nlibgomp: Thread creation failed\n\nSIGABRT: abort\n", "libgomp: Thread creation failed; SIGABRT: abort"},
		{"SIGSEGV: segmentation violation\nPC=0x1\ngoroutine 1:\n", "SIGSEGV: segmentation violation"},
		{"runtime: cannot map pages\nruntime: more\nfatal error: runtime: out of memory\n\ngoroutine 1:\n", "runtime: cannot map pages; fatal error: runtime: out of memory"},
		{"panic: runtime error\n\ngoroutine 7 [running]:\n", "panic: runtime error"},
		{"panic: " + strings.Repeat("a", 1000), "panic: " + strings.Repeat("a", 293) + "…"},
	} {
		if got := lastWords(c.stderr); got != c.want {
			t.Errorf("of %q: %q, want %q", c.stderr, got, c.want)
		}
	}
}
