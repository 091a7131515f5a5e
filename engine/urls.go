package engine

import (
	"fmt"
	"net/url"
)

// URLs returns the pictures of the messages that a server is to fetch for itself,
// in order of appearance.
func URLs(messages []Message) []string {
	var all []string
	for _, m := range messages {
		for _, p := range m.Parts {
			if p.URL != "" {
				all = append(all, p.URL)
			}
		}
	}
	return all
}

// RefuseURLs returns a BadPicture if a picture is to be fetched, on behalf of an
// engine that does not: the picture would be missing, or the model invent it.
// Who is the engine, as the subject of a sentence.
func RefuseURLs(who string, messages ...Message) error {
	urls := URLs(messages)
	if len(urls) == 0 {
		return nil
	}
	return &Error{
		Kind:    BadPicture,
		Message: fmt.Sprintf("%s fetches no pictures, and %s is one to be fetched", who, urlName(urls[0])),
		Hint:    "download it first, or ask an OpenAI-compatible server that fetches pictures",
	}
}

// urlName is a URL without what may be secret in it: a password, a signature.
func urlName(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		return "a URL"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}
