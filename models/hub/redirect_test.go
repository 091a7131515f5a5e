package hub

import (
	"net/http"
	"net/url"
	"testing"
)

// From encryption nobody is led to where there is none, nor anywhere that is no web address.
func TestRedirectKeepsEncryption(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		from, to string
		follow   bool
	}{
		{"https://huggingface.co/a", "https://cdn.example/b", true},
		{"https://huggingface.co/a", "/b", true},
		{"https://huggingface.co/a", "http://cdn.example/b", false},
		{"https://huggingface.co/a", "http://huggingface.co/a", false},
		{"http://127.0.0.1:8080/a", "http://127.0.0.1:8081/b", true},
		{"http://127.0.0.1:8080/a", "https://cdn.example/b", true},
		{"http://127.0.0.1:8080/a", "file:///etc/passwd", false},
		{"https://huggingface.co/a", "ftp://cdn.example/b", false},
		{"https://huggingface.co/a", "", false},
		{"https://huggingface.co/a", "http://[", false},
	} {
		from, err := url.Parse(test.from)
		if err != nil {
			t.Fatal(err)
		}
		resp := &http.Response{StatusCode: http.StatusFound, Header: http.Header{}, Request: &http.Request{URL: from}}
		if test.to != "" {
			resp.Header.Set("Location", test.to)
		}
		if to, err := redirect(resp); (err == nil && to != nil) != test.follow {
			t.Errorf("from %s to %q: %v, %v", test.from, test.to, to, err)
		}
	}
}
