package openai

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/vlmchat/vlmchat/engine"
)

// secrets are what no message may hold, in the forms in which a server can repeat
// it: as it is, in a URL, in base64, in JSON.
type secrets struct{ replacer *strings.Replacer }

// Shorter ones are not secrets, and words that messages need would go with them.
const (
	leastKey    = 4
	leastHeader = 6
)

// newSecrets collects those of the options and of the base URL.
func newSecrets(opt Options, base *url.URL) secrets {
	var pairs [][2]string
	add := func(least int, secret, sign string) {
		if len(secret) < least {
			return
		}
		forms := []string{
			secret, url.QueryEscape(secret), url.PathEscape(secret),
			base64.StdEncoding.EncodeToString([]byte(secret)), base64.RawStdEncoding.EncodeToString([]byte(secret)),
			base64.URLEncoding.EncodeToString([]byte(secret)), base64.RawURLEncoding.EncodeToString([]byte(secret)),
		}
		// Proxies quote the JSON of the server behind them in their own.
		for _, once := range inJSON(secret) {
			forms = append(append(forms, once), inJSON(once)...)
		}
		for _, form := range forms {
			pairs = append(pairs, [2]string{form, sign})
		}
	}
	add(leastKey, opt.Key.Value, "[key]")
	if password, ok := base.User.Password(); ok {
		add(leastKey, password, "[password]")
		add(leastKey, base.User.Username()+":"+password, "[password]")
	}
	for _, values := range opt.Headers {
		for _, v := range values {
			add(leastHeader, v, "[header]")
			if _, rest, ok := strings.Cut(v, " "); ok { // "Bearer …"
				add(leastHeader, rest, "[header]")
			}
		}
	}
	// The longest go first: one may be a part of another.
	slices.SortStableFunc(pairs, func(a, b [2]string) int { return cmp.Compare(len(b[0]), len(a[0])) })
	var all []string
	for _, p := range pairs {
		all = append(all, p[0], p[1])
	}
	return secrets{strings.NewReplacer(all...)}
}

// inJSON are the ways in which a text is written in a JSON string.
func inJSON(text string) []string {
	safe, _ := json.Marshal(text) // for HTML
	var b bytes.Buffer
	plain := json.NewEncoder(&b)
	plain.SetEscapeHTML(false)
	_ = plain.Encode(text)
	var all []string
	for _, quoted := range []string{string(safe), strings.TrimSpace(b.String())} {
		quoted = quoted[1 : len(quoted)-1]
		all = append(all, quoted, strings.ReplaceAll(quoted, "/", `\/`))
	}
	return all
}

// hide takes the secrets out of a text.
func (s secrets) hide(text string) string { return s.replacer.Replace(text) }

// hideIn takes them out of an error and of its cause.
func (s secrets) hideIn(e *engine.Error) *engine.Error {
	e.Message, e.Hint = s.hide(e.Message), s.hide(e.Hint)
	if e.Err != nil {
		if hidden := s.hide(e.Err.Error()); hidden != e.Err.Error() {
			e.Err = errors.New(hidden)
		}
	}
	return e
}
