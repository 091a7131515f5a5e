package cli

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/spf13/pflag"

	"github.com/vlmchat/vlmchat/tasks/index"
	"github.com/vlmchat/vlmchat/tasks/index/qdrant"
)

// qdrantKey is the variable that has a server's API key, as in Qdrant's own tools.
const qdrantKey = "QDRANT_API_KEY"

// qdrantFlags name a collection of Qdrant.
type qdrantFlags struct {
	url, collection string
}

func (q *qdrantFlags) add(f *pflag.FlagSet) {
	f.StringVar(&q.url, "qdrant", "", "address of a Qdrant server, as http://localhost:6333; "+qdrantKey+" has its key, if it wants one")
	f.StringVar(&q.collection, "collection", "", "the collection of Qdrant that is meant (with --qdrant)")
}

// open returns the collection that is named.
func (q qdrantFlags) open(a *app) (qdrant.Collection, error) {
	u, err := url.Parse(q.url)
	switch {
	case q.collection == "":
		return qdrant.Collection{}, usagef("--qdrant names a server; --collection names what is meant of it")
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return qdrant.Collection{}, usagef("--qdrant %q is no address such as http://localhost:6333", a.secrets.hide(q.url))
	case u.User != nil:
		return qdrant.Collection{}, usagef("--qdrant has a password in it: %s has the key of a server", qdrantKey)
	}
	key := os.Getenv(qdrantKey)
	a.secrets.add(key)
	// A key goes to the server that was named, and to no other.
	client := &http.Client{Timeout: 2 * time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return qdrant.Collection{URL: q.url, Name: q.collection, Key: key, Client: client}, nil
}

// searchQdrant searches a collection with the encoder that the settings name.
func (a *app) searchQdrant(ctx context.Context, flags searchFlags, words string, q index.Query) error {
	collection, err := flags.qdrant.open(a)
	if err != nil {
		return err
	}
	if len(q.Globs) > 0 {
		return usagef("--glob is for an index here; Qdrant filters by --in, --since and --until")
	}
	encoder, err := a.openEncoder()
	if err != nil {
		return err
	}
	defer encoder.Close()
	s := searcher{encoder: encoder}
	if s.state.Space, err = encoder.Space(ctx); err != nil {
		return err
	}
	like, err := a.picturesToShow(ctx, flags.images)
	if err != nil {
		return err
	}
	if q.Vector, err = s.vector(ctx, words, like, flags.not); err != nil {
		return err
	}
	found, err := collection.Search(ctx, s.state.Space, q)
	if err != nil {
		return err
	}
	return a.printFound(ctx, flags, searched{words: words, state: s.state, dir: flags.qdrant.url, found: found})
}
