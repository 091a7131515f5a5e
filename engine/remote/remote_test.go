package remote

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestMessage(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"error":{"message":"no\n  such model","code":404}}`: "no such model",
		`{"error":"model 'x' not found"}`:                     "model 'x' not found",
		`{"object":"error","message":"too long"}`:             "too long",
		`{"detail":[{"msg":"field required"}]}`:               "field required",
		`[{"error":{"message":"in a list"}}]`:                 "in a list",
		"<html><head><title>502 &amp; more</title>":           "a web page called 502 & more",
		"  <html>":              "a web page",
		"plain\x1b[2J\r\nwords": "plain [2J words",
		"":                      "",
		"\xff":                  "\ufffd",
	} {
		if got := Message(http.Header{}, []byte(body)); got != want {
			t.Errorf("%q: %q", body, got)
		}
	}
	if got := OneLine(strings.Repeat("long ", 10_000)); len(got) > 400 {
		t.Error(len(got))
	}
}

func FuzzMessage(f *testing.F) {
	f.Add([]byte(`{"error":{"message":["a"]}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if strings.ContainsAny(Message(http.Header{}, body), "\n\x1b\x00") {
			t.Error("a control character came through")
		}
	})
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"": 0, "7": 7 * time.Second, "0.5": time.Second / 2, "-3": 0, "soon": 0, "NaN": 0, "1e99": 0,
		"Sun, 01 Nov 2026 12:01:00 GMT": time.Minute, "Sun, 01 Nov 2026 11:00:00 GMT": 0,
	} {
		if got := retryAfter(http.Header{"Retry-After": {value}}, now); got != want {
			t.Errorf("%q: %v", value, got)
		}
	}
}
