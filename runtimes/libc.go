package runtimes

// Libc names this machine's C library and its version, such as "glibc 2.36",
// which decides what libraries can be loaded; "" where that is no question.
func Libc() string {
	switch h := thisHost(); {
	case h.glibc.known():
		return "glibc " + h.glibc.String()
	case h.musl:
		return "musl"
	}
	return ""
}
