package cli

import (
	"encoding/base64"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/vlmchat/vlmchat/lazyregexp"
	"github.com/vlmchat/vlmchat/tasks/batch"
)

// secrets are the keys that this process has got: none is got twice, and none is
// repeated in a message. A nil one remembers nothing.
type secrets struct {
	mu    sync.Mutex
	got   map[string]string // by where they come from
	texts []string          // in the ways they may be written, the longest first
}

// once returns the secret of a source, which get gets the first time.
func (s *secrets) once(source string, get func() (string, error)) (string, error) {
	if s == nil {
		return get()
	}
	s.mu.Lock()
	secret, there := s.got[source]
	s.mu.Unlock()
	if there {
		return secret, nil
	}
	secret, err := get()
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	if s.got == nil {
		s.got = map[string]string{}
	}
	s.got[source] = secret
	s.mu.Unlock()
	s.add(secret)
	return secret, nil
}

// add has a text hidden from now on. One that is short or a word of everybody's
// would only spoil messages, and is nobody's secret.
func (s *secrets) add(text string) {
	if s == nil || len(text) <= 4 || ordinary(text) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.texts = longestFirst(append(slices.Clone(s.texts), waysToWrite(text)...))
}

// waysToWrite are those in which a server may repeat a text.
func waysToWrite(text string) []string {
	quoted := inner(strconv.Quote(text))
	ways := []string{
		text, quoted, inner(strconv.Quote(quoted)), (&url.URL{Path: text}).EscapedPath(),
		base64.StdEncoding.EncodeToString([]byte(text)), base64.URLEncoding.EncodeToString([]byte(text)),
	}
	for _, escaped := range []string{url.QueryEscape(text), url.PathEscape(text)} {
		ways = append(ways, escaped, escapes().ReplaceAllStringFunc(escaped, strings.ToLower))
	}
	return ways
}

var escapes = lazyregexp.New(`%[0-9A-F]{2}`)

// hide takes the secrets out of a text, and what is left of one at which the text
// was cut.
func (s *secrets) hide(text string) string {
	if s == nil {
		return text
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, secret := range s.texts {
		text = strings.ReplaceAll(text, secret, secretMark)
		const few = 4 // characters tell nothing
		for n := len(secret) - 1; n > few && strings.Contains(text, "…"); n-- {
			text = strings.ReplaceAll(text, secret[:n]+"…", secretMark+"…")
		}
	}
	return text
}

// hideIn takes the secrets out of why an item of a batch failed: it may be the server's words.
func (s *secrets) hideIn(r *batch.Record) {
	for _, text := range []*string{r.Error, r.Hint} {
		if text != nil {
			*text = s.hide(*text)
		}
	}
}

// hidingWriter hides secrets in what is written, each piece by itself.
type hidingWriter struct {
	io.Writer
	secrets *secrets
}

func (w hidingWriter) Write(p []byte) (int, error) {
	if _, err := io.WriteString(w.Writer, w.secrets.hide(string(p))); err != nil {
		return 0, err
	}
	return len(p), nil
}
