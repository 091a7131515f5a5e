package ollama

import (
	"testing"

	"github.com/ollama/ollama/envconfig"
)

// The address is read as Ollama reads it, but for what is listed: an address that
// can't be meant is refused where Ollama warns and takes another, and "listen
// everywhere" is this machine.
func TestHostAsOllamaReadsIt(t *testing.T) {
	const refused = "refused"
	for in, ours := range map[string]string{
		"": "", "localhost": "", "example.com": "", "example.com:1234": "", "  example.com:80  ": "",
		`"example.com"`: "", "'example.com:1'": "", `" example.com "`: "",
		"http://example.com": "", "https://example.com": "", "https://example.com:8443": "", "http://": "",
		"http://example.com/": "", "http://example.com/a/b": "", "example.com/a": "", "example.com:99/a/": "",
		"10.0.0.1": "", "10.0.0.1:99": "", "::1": "", "[::1]": "", "[::1]:99": "", "https://[::1]": "", "[2001:db8::1]:99/a": "",
		"fe80::1%eth0": "", "[fe80::1%eth0]": "http://[fe80::1%25eth0]:11434", "[fe80::1%eth0]:99": "",
		"ollama.com": "", "https://ollama.com": "", "ollama.com:443": "", "example.com:65535": "",

		":1234": "http://127.0.0.1:1234", "http://:1234": "http://127.0.0.1:1234",
		"0.0.0.0": "http://127.0.0.1:11434", "0.0.0.0:99": "http://127.0.0.1:99", "[::]:99": "http://127.0.0.1:99", "::": "http://127.0.0.1:11434",
		"HTTPS://example.com":      "https://example.com:443",
		"http://u:p@example.com:1": "http://u:p@example.com:1",
		"example.com:99999":        refused, "example.com:-1": refused, "example.com:http": refused, "example.com:0": refused,
		"ftp://example.com": refused, "unix:///run/ollama": refused, "two words": refused, "example.com?a=b": refused, "exa%6dple.com": refused, "a]b": refused,
	} {
		t.Setenv(HostVariable, in)
		u, err := parseHost(in)
		switch {
		case ours == refused:
			if err == nil {
				t.Errorf("%q is %v", in, u)
			}
		case err != nil:
			t.Errorf("%q: %v", in, err)
		case ours != "":
			if u.String() != ours {
				t.Errorf("%q is %v, want %s", in, u, ours)
			}
		default:
			// What the library joins with a path is the same.
			if want := envconfig.Host().JoinPath("/api/chat").String(); u.JoinPath("/api/chat").String() != want {
				t.Errorf("%q leads to %v, and Ollama's own to %s", in, u.JoinPath("/api/chat"), want)
			}
		}
	}
}
