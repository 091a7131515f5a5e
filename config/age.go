package config

import (
	"math"
	"strconv"
	"strings"
	"time"
)

const day = 24 * time.Hour

// ages are what an age can be counted in.
var ages = map[string]time.Duration{"d": day, "w": 7 * day, "y": 365 * day}

// Age returns a time such as 90d, 26w or 2y: days, weeks, years of 365 days. It has a
// unit, except for 0.
func (c Config) Age(name string) (time.Duration, error) {
	text := strings.TrimSpace(c[name].Text)
	number := strings.TrimRight(text, "dDwWyY")
	n, err := strconv.Atoi(strings.TrimSpace(number))
	unit, known := ages[strings.ToLower(text[len(number):])]
	switch {
	case err == nil && n == 0:
		return 0, nil
	case err != nil || !known || n < 0 || n > int(math.MaxInt64/unit):
		return 0, c.invalid(name, "a time such as 90d, 26w or 2y, or 0")
	}
	return time.Duration(n) * unit, nil
}
