package cli

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/engine/native"
)

func TestWorkerState(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]string{
		`{"loaded":0.5,"busy":true}`:                                                     "loading, 50%",
		`{"loaded":1,"busy":true,"clients":1}`:                                           "answering",
		`{"loaded":1,"clients":1}`:                                                       "in use",
		`{"loaded":1,"idle_since":"2026-11-24T11:59:40Z"}`:                               "idle for 20s, stays",
		`{"loaded":1,"idle_since":"2026-11-24T11:59:40Z","ends":"2026-11-24T12:04:40Z"}`: "idle for 20s, ends in 4m40s",
		`{"loaded":1,"idle_since":"2026-11-24T12:00:01Z","ends":"2026-11-24T11:59:59Z"}`: "idle for 0s, ends in 0s",
	} {
		var w native.Worker
		if err := json.Unmarshal([]byte(text), &w); err != nil {
			t.Fatal(err)
		}
		if got := workerState(w, now); got != want {
			t.Errorf("%s is %q, want %q", text, got, want)
		}
	}
}
