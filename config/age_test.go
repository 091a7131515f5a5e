package config

import (
	"strings"
	"testing"
	"time"
)

func TestAge(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"90d": 90 * 24 * time.Hour, "2w": 14 * 24 * time.Hour, "1Y": 365 * 24 * time.Hour, " 3 d ": 72 * time.Hour, "0": 0, "0d": 0,
	} {
		if got, err := (Config{SessionAge: {Text: text, Origin: "x"}}).Age(SessionAge); err != nil || got != want {
			t.Errorf("%q is %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "90", "d", "-1d", "1m", "1.5d", "1dd", "90h", "999999999y", "one d"} {
		got, err := Config{SessionAge: {Text: text, Origin: "--session-age"}}.Age(SessionAge)
		if err == nil || !strings.Contains(err.Error(), "(from --session-age) is not a time such as 90d") {
			t.Errorf("%q is %v, %v", text, got, err)
		}
	}
}
