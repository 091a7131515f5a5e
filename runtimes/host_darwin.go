package runtimes

import "golang.org/x/sys/unix"

func macOSVersion() version {
	s, err := unix.Sysctl("kern.osproductversion")
	if err != nil {
		return version{}
	}
	v, _ := parseVersion(s)
	return v
}
