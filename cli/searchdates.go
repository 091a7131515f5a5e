package cli

import (
	"strconv"
	"strings"
	"time"
)

// span reads a date of a flag: a year, a month or a day, from its beginning to its end, or a
// time that has passed since, such as 30d. Nothing is no time.
func span(flag, text string) (from, to time.Time, err error) {
	if text == "" {
		return from, to, nil
	}
	for _, form := range []struct {
		layout              string
		years, months, days int
	}{{"2006", 1, 0, 0}, {"2006-01", 0, 1, 0}, {time.DateOnly, 0, 0, 1}} {
		if at, err := time.ParseInLocation(form.layout, text, time.Local); err == nil {
			return at, at.AddDate(form.years, form.months, form.days), nil
		}
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, at, nil
	}
	if at, ok := ago(time.Now(), text); ok {
		return at, at, nil
	}
	return from, to, usagef("--%s %q is no date such as 2024, 2024-05 or 2024-05-03, and no time such as 12h, 30d, 8w or 2y", flag, text)
}

// ago is so long before now.
func ago(now time.Time, text string) (time.Time, bool) {
	if text == "" {
		return now, false
	}
	n, err := strconv.Atoi(text[:len(text)-1])
	if err != nil || n < 0 || n > 100_000 {
		return now, false
	}
	switch strings.ToLower(text[len(text)-1:]) {
	case "h":
		return now.Add(-time.Duration(n) * time.Hour), true
	case "d":
		return now.AddDate(0, 0, -n), true
	case "w":
		return now.AddDate(0, 0, -7*n), true
	case "y":
		return now.AddDate(-n, 0, 0), true
	}
	return now, false
}
