package hub

import (
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/vlmchat/vlmchat/engine"
)

// Options are how models are fetched. The variables of Hugging Face's programs say the rest:
// HF_TOKEN, HF_ENDPOINT, HF_HUB_OFFLINE, HF_HUB_CACHE, HF_HOME and those like them.
type Options struct {
	Projector   string // the projector's file in the repository, or its quantisation; "" chooses
	Connections int    // at once for a file; 0 chooses
}

// defaultConnections are enough to fill a home's line, of which one connection often gets a part.
const defaultConnections = 4

// Client fetches models from the hub.
type Client struct {
	projector   string
	connections int
	cache       cache
	backoff     time.Duration // before something is tried again for the first time
	endpoint    *url.URL
	token       string
	tokenFrom   string // the variable or the file
	http        *http.Client
	idle        time.Duration // after which a connection that brings nothing is given up
	grain       grain
}

// grain is how finely a file is divided among connections, in bytes.
type grain struct {
	// block is what a connection takes at a time. Blocks are handed out in the file's order, so
	// that what is hashed was written a moment ago, and is in memory still.
	block int64
	// share is the least that is worth to be taken over from a slow connection.
	share int64
	// note is after how much a connection notes what it has written: what a process that is
	// killed loses of each.
	note int64
}

var defaultGrain = grain{block: 16 << 20, share: 1 << 20, note: 1 << 20}

// NewClient makes a client. Nobody is asked yet.
func NewClient(o Options) (*Client, error) {
	at, err := endpointFromEnvironment()
	if err != nil {
		return nil, err
	}
	dir := CacheDir()
	if dir == "" {
		return nil, &engine.Error{
			Kind:    engine.Failed,
			Message: "there is no place for what is fetched from Hugging Face: there is no home directory",
			Hint:    "set HF_HUB_CACHE to a folder",
		}
	}
	c := &Client{
		projector: o.Projector, connections: o.Connections, cache: cache{dir}, backoff: firstWait, endpoint: at,
		http: newHTTPClient(), idle: idleTime, grain: defaultGrain,
	}
	c.token, c.tokenFrom = token()
	if c.connections <= 0 {
		c.connections = defaultConnections
	}
	return c, nil
}

const (
	reachTime = 15 * time.Second // to connect
	replyTime = 30 * time.Second // until an answer begins
	idleTime  = 30 * time.Second
)

// newHTTPClient makes one that follows no redirects, so that each is looked at (see follow),
// and that does not put several downloads into one connection, as HTTP/2 would.
func newHTTPClient() *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DialContext = (&net.Dialer{Timeout: reachTime}).DialContext
	t.TLSHandshakeTimeout = reachTime
	t.ResponseHeaderTimeout = replyTime
	t.DisableCompression = true // it would hide lengths
	t.MaxIdleConnsPerHost = 16
	t.ReadBufferSize = 64 << 10
	t.Protocols = new(http.Protocols)
	t.Protocols.SetHTTP1(true)
	return &http.Client{
		Transport:     t,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
