package openai

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// Whatever a server sends, what the library gets is lines of data that it
// reads, and an end that was seen is one that was there.
func FuzzEvents(f *testing.F) {
	for _, s := range []string{hello + world + stop + usage + ended, hello + cutHere, "data: {\"a\":\ndata: 1}\n\n", "\xef\xbb\xbf: c\r\nerror: {}\r\n\r\n", `data: {"error":{"code":"429"}}`} {
		f.Add([]byte(s))
	}
	e, err := New(Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		resp := &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(in))}
		s := newEvents(&exchange{engine: e}, resp, bufio.NewReader(resp.Body))
		out, err := io.ReadAll(s)
		_ = s.Close()
		for line := range strings.Lines(string(out)) {
			data, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "data: ")
			if !ok || data != "[DONE]" && !json.Valid([]byte(data)) {
				t.Errorf("%q", line)
			}
		}
		if s.ended() && err != nil || s.done && !bytes.Contains(in, []byte("[DONE]")) || s.finished && !bytes.Contains(bytes.ToLower(in), []byte("finish")) && !bytes.Contains(in, []byte(`\`)) {
			t.Errorf("%v, done %v, finished %v", err, s.done, s.finished)
		}
	})
}
