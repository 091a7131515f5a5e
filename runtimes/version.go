package runtimes

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// version is the part of a version number that decides what fits.
type version struct{ major, minor int }

// parseVersion reads "2.38" and "14.5.1"; what follows the minor is dropped.
func parseVersion(s string) (version, bool) {
	major, rest, _ := strings.Cut(s, ".")
	minor, _, _ := strings.Cut(rest, ".")
	if minor == "" {
		minor = "0"
	}
	a, err1 := strconv.Atoi(major)
	b, err2 := strconv.Atoi(minor)
	return version{a, b}, err1 == nil && err2 == nil && a >= 0 && b >= 0
}

func (v version) compare(o version) int {
	return cmp.Or(cmp.Compare(v.major, o.major), cmp.Compare(v.minor, o.minor))
}

func (v version) known() bool { return v != version{} }

func (v version) String() string { return fmt.Sprintf("%d.%d", v.major, v.minor) }
