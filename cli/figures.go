package cli

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"
)

// What follows writes numbers as people read them.

// counted writes a number with what is counted.
func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return thousands(n) + " " + what + "s"
}

// thousands writes a number as people read it: 12,345.
func thousands(n int) string {
	digits := []byte(strconv.Itoa(n))
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = slices.Insert(digits, i, ',')
	}
	return string(digits)
}

// size writes a number of bytes for people.
func size(bytes uint64) string {
	switch {
	case 0 < bytes && bytes < 1e5:
		return fmt.Sprintf("%.1f kB", float64(bytes)/1e3)
	case bytes < 1e9:
		return fmt.Sprintf("%.1f MB", float64(bytes)/1e6)
	}
	return fmt.Sprintf("%.1f GB", float64(bytes)/1e9)
}

// gigabytes writes a size of memory, if the device tells its own.
func gigabytes(bytes, total uint64) string {
	if total == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f GB", float64(bytes)/1e9)
}

// dollars writes what something has cost.
func dollars(cost float64) string {
	if cost > 0 && cost < 0.995 {
		return fmt.Sprintf("$%.4f", cost)
	}
	return fmt.Sprintf("$%.2f", cost)
}

// perSecond is a rate, by the minute where it is slow.
func perSecond(rate float64) string {
	if rate < 0.5 {
		return fmt.Sprintf("%.1f/min", 60*rate)
	}
	return fmt.Sprintf("%.1f/s", rate)
}

// roughly is a time as it is worth knowing: 40s, 12m, 3h20m, 2d4h.
func roughly(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Round(time.Second).Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm", int(d.Round(time.Minute).Minutes()))
	case d < 48*time.Hour:
		d = d.Round(time.Minute)
		return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%dd%dh", int(d.Hours())/24, int(d.Hours())%24)
}

// shortTime writes how long something took.
func shortTime(d time.Duration) string {
	if d < time.Second {
		return d.Round(time.Millisecond).String()
	}
	return d.Round(100 * time.Millisecond).String()
}

// number writes a number that is known, and nothing for 0.
func number(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

// orDash is a text, or a dash in the place of none.
func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// andMore says how many of a list are left out.
func andMore(all, shown int) string { return fmt.Sprintf("and %d more", all-shown) }

// orZero is a number, or 0 where it would be written as -0 with so many places.
func orZero(x float64, places int) float64 {
	if math.Abs(x) < 0.5*math.Pow10(-places) {
		return 0
	}
	return x
}
