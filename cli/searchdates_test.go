package cli

import (
	"testing"
	"time"
)

func TestSpan(t *testing.T) {
	t.Parallel()
	day := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.Local) }
	for text, want := range map[string][2]time.Time{
		"":                     {},
		"2024":                 {day(2024, 1, 1), day(2025, 1, 1)},
		"2024-02":              {day(2024, 2, 1), day(2024, 3, 1)},
		"2024-02-29":           {day(2024, 2, 29), day(2024, 3, 1)},
		"2024-02-29T12:00:00Z": {time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC), time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)},
	} {
		from, to, err := span("since", text)
		if err != nil || !from.Equal(want[0]) || !to.Equal(want[1]) {
			t.Errorf("%q is %v to %v, %v", text, from, to, err)
		}
	}
	for _, text := range []string{"24", "2024-13", "2024-02-30", "yesterday", "d", "-3d", "3", "3x", "9999999999d"} {
		if from, _, err := span("since", text); err == nil {
			t.Errorf("%q is %v", text, from)
		}
	}
	now := day(2024, 3, 31)
	for text, want := range map[string]time.Time{"30d": day(2024, 3, 1), "2W": day(2024, 3, 17), "1y": day(2023, 3, 31), "24h": now.Add(-24 * time.Hour)} {
		if at, ok := ago(now, text); !ok || !at.Equal(want) {
			t.Errorf("%s ago is %v", text, at)
		}
	}
}
