package remote

import (
	"cmp"
	"net/http"
	"slices"
	"time"
)

// Options are what engines behind a server have in common.
type Options struct {
	Model     string // if empty, one is chosen
	Key       Key
	Headers   http.Header // more of a request; they may hold secrets
	MaxPixels int         // larger pictures are made smaller before they are sent; 0 leaves it to the server's limits

	ConnectTimeout  time.Duration // to reach the server; 0 is 10 seconds
	ResponseTimeout time.Duration // until the answer begins: models are loaded and pictures encoded in it; 0 is 15 minutes
	IdleTimeout     time.Duration // within the answer, from one piece to the next; 0 is 5 minutes
	Retries         int           // of a request that failed before any text came
}

// Patience is how long these options allow a server to be silent.
func (o Options) Patience() Patience {
	return Patience{Header: cmp.Or(o.ResponseTimeout, Patient.Header), Idle: cmp.Or(o.IdleTimeout, Patient.Idle)}
}

// Key is a secret that some hosts may see, and no other.
type Key struct {
	Value string   // may be left out where no host that is asked may see it
	Hosts []string // host:port or host, as in a URL
	// Source says where the key comes from, for messages: "OPENAI_API_KEY".
	Source string
}

// For returns the key for a host, "" if it is not meant for it.
func (k Key) For(host string) string {
	if slices.Contains(k.Hosts, host) {
		return k.Value
	}
	return ""
}

// Withheld tells whether there is a key, and it is not for this host.
func (k Key) Withheld(host string) bool {
	return (k.Value != "" || k.Source != "") && !slices.Contains(k.Hosts, host)
}
