package config

import (
	"math"
	"strconv"
	"strings"
)

// units are what a size can be counted in; those with an i are powers of 1024.
var units = map[string]float64{
	"KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12,
	"KIB": 1 << 10, "MIB": 1 << 20, "GIB": 1 << 30, "TIB": 1 << 40,
}

// Bytes returns a size such as 500MB, 2GB or 1.5GiB in bytes. It has a unit,
// except for 0: a number alone would be bytes, which nobody means.
func (c Config) Bytes(name string) (int64, error) {
	text := strings.TrimSpace(c[name].Text)
	number := strings.TrimRight(text, "kKmMgGtTiIbB")
	n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	unit, known := units[strings.ToUpper(text[len(number):])]
	switch {
	case err == nil && n == 0:
		return 0, nil
	case err != nil || !known || !(n > 0) || n*unit >= math.MaxInt64:
		return 0, c.invalid(name, "a size such as 500MB or 2GB, or 0")
	}
	return int64(n * unit), nil
}
