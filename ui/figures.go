package ui

import (
	"fmt"
	"math"
	"time"
)

// What follows writes numbers as people read them.

// plural writes a number with what is counted.
func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// count writes a number of tokens: 2048 is "2k", as everybody says.
func count(n int) string {
	switch {
	case n < 1000:
		return fmt.Sprint(n)
	case n%1024 == 0:
		return fmt.Sprintf("%dk", n/1024)
	case n < 10_000:
		return fmt.Sprintf("%.1fk", float64(n)/1000)
	}
	return fmt.Sprintf("%dk", n/1000)
}

// bytesOf writes a size as Ollama and file managers do, in powers of ten.
func bytesOf(n int64) string {
	const mega, giga = 1e6, 1e9
	if n >= giga {
		return fmt.Sprintf("%.1f GB", float64(n)/giga)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/mega)
}

// percent writes a probability.
func percent(p float64) string {
	if p > 0 && p < 0.005 {
		return "<1%"
	}
	return fmt.Sprintf("%.0f%%", 100*p)
}

// dollars writes what a conversation has cost so far: in cents, and below a
// dime with two digits that matter.
func dollars(x float64) string {
	const least = 0.00001
	switch {
	case x > 0 && x < least:
		return "<$0.00001"
	case x > 0 && x < 0.1:
		return fmt.Sprintf("$%.*f", 1-int(math.Floor(math.Log10(x))), x)
	}
	return fmt.Sprintf("$%.2f", x)
}

// brief writes a time that a person waits.
func brief(d time.Duration) string {
	if d < time.Second {
		return significant(float64(d)/float64(time.Millisecond)) + " ms"
	}
	return significant(d.Seconds()) + " s"
}

// seconds writes a time that is counted down.
func seconds(d time.Duration) string {
	d = (d + time.Second - 1).Truncate(time.Second)
	if d < time.Minute {
		return fmt.Sprintf("%.0f s", d.Seconds())
	}
	return fmt.Sprintf("%d:%02d min", d/time.Minute, d%time.Minute/time.Second)
}

// clock writes when something was: the time, and of another day that.
func clock(t, now time.Time) string {
	if t.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return t.Format("15:04")
	}
	return t.Format("2 Jan 15:04")
}

// significant writes a number with two digits that matter, or all of those
// before the point.
func significant(x float64) string {
	switch {
	case x >= 10:
		return fmt.Sprintf("%.0f", x)
	case x >= 1:
		return fmt.Sprintf("%.1f", x)
	}
	return fmt.Sprintf("%.2f", x)
}

// orZero is a number, or 0 where it would be written as -0 with so many places.
func orZero(x float64, places int) float64 {
	if math.Abs(x) < 0.5*math.Pow10(-places) {
		return 0
	}
	return x
}
