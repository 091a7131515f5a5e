// Package qdrant puts an index into a collection of Qdrant, a vector database, and searches it
// there: for collections beyond one machine. It speaks Qdrant's REST API, of 1.10 and later
// (https://api.qdrant.tech).
package qdrant

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/vlmchat/vlmchat/engine"
)

// Collection is one of a server.
type Collection struct {
	URL    string // of the server
	Name   string
	Key    string // that the server wants, "" for none
	Client *http.Client
}

// longest is as much of an answer as is read.
const longest = 64 << 20

// call asks the server. An answer of 404 is missing's.
func (c Collection) call(ctx context.Context, method, path string, body, result any) error {
	var data io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return err
		}
		data = bytes.NewReader(b)
	}
	address := strings.TrimSuffix(c.URL, "/") + "/collections/" + url.PathEscape(c.Name) + path
	req, err := http.NewRequestWithContext(ctx, method, address, data)
	if err != nil {
		return c.failure(engine.BadOption, err.Error(), "an address is such as http://localhost:6333", err)
	}
	req.Header.Set("Content-Type", "application/json")
	if c.Key != "" {
		req.Header.Set("api-key", c.Key)
	}
	resp, err := c.Client.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		why := err
		if u, ok := errors.AsType[*url.Error](err); ok {
			why = u.Err
		}
		return c.failure(engine.Unreachable, why.Error(), "is Qdrant running there, and is this its REST address? Its own port is 6333", err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, longest))
	if err != nil {
		return c.failure(engine.Unreachable, "the answer ended too soon: "+err.Error(), "", err)
	}
	return c.answer(resp, text, result)
}

// answer reads what the server says.
func (c Collection) answer(resp *http.Response, text []byte, result any) error {
	var answer struct {
		Result json.RawMessage `json:"result"`
		Status json.RawMessage `json:"status"`
	}
	wrong := json.Unmarshal(text, &answer)
	switch {
	case resp.StatusCode == http.StatusNotFound && wrong == nil:
		return errMissing
	case resp.StatusCode == http.StatusUnauthorized || resp.StatusCode == http.StatusForbidden:
		return c.failure(engine.Unauthorized, "the server wants another API key", "QDRANT_API_KEY has the key", nil)
	case resp.StatusCode/100 != 2:
		var status struct {
			Error string `json:"error"`
		}
		_ = json.Unmarshal(answer.Status, &status) // else it says nothing
		return c.failure(engine.Failed, strings.TrimSuffix(fmt.Sprintf("the server says %s: %s", resp.Status, status.Error), ": "), "", nil)
	case wrong != nil:
		return c.failure(engine.Failed, "this is no answer of Qdrant's", "is it the address of its REST API? Its own port is 6333", wrong)
	case result == nil:
		return nil
	}
	if err := json.Unmarshal(answer.Result, result); err != nil {
		return c.failure(engine.Failed, "the answer of the server is not as its API says: "+err.Error(), "", err)
	}
	return nil
}

// errMissing says that there is no such collection.
var errMissing = errors.New("there is no such collection")

func (c Collection) failure(kind engine.ErrorKind, message, hint string, err error) error {
	return &engine.Error{Kind: kind, Message: fmt.Sprintf("the collection %s of Qdrant at %s: %s", c.Name, shown(c.URL), message), Hint: hint, Err: err}
}

// shown is an address without what may be a secret.
func shown(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "its address"
	}
	u.RawQuery = ""
	return u.Redacted()
}

// holds tells how many dimensions the vectors of the collection have, and how they are compared.
func (c Collection) holds(ctx context.Context) (size int, distance string, err error) {
	var info struct {
		Config struct {
			Params struct {
				Vectors json.RawMessage `json:"vectors"`
			} `json:"params"`
		} `json:"config"`
	}
	if err := c.call(ctx, http.MethodGet, "", nil, &info); err != nil {
		return 0, "", err
	}
	var vectors struct {
		Size     int    `json:"size"`
		Distance string `json:"distance"`
	}
	if err := json.Unmarshal(info.Config.Params.Vectors, &vectors); err != nil || vectors.Size == 0 {
		return 0, "", c.failure(engine.Failed, "its vectors have names, so it was not made by vlmchat", "choose another --collection", err)
	}
	return vectors.Size, vectors.Distance, nil
}

// fits makes sure that the vectors in the collection are of a space.
func (c Collection) fits(ctx context.Context, space engine.Space) error {
	size, distance, err := c.holds(ctx)
	if err != nil {
		return err
	}
	if size != space.Dimensions || distance != "Cosine" {
		return c.failure(engine.Failed, fmt.Sprintf("its vectors have %d dimensions and are compared by %s; those of %s have %d and are compared by Cosine", size, distance, space.Model, space.Dimensions), "name another --collection, or the --encoder that it was made with", nil)
	}
	var found struct {
		Points []struct {
			Payload payload `json:"payload"`
		} `json:"points"`
	}
	others := map[string]any{"limit": 1, "with_payload": true, "filter": map[string]any{"must_not": []any{matches("space", space.ID)}}}
	if err := c.call(ctx, http.MethodPost, "/points/scroll", others, &found); err != nil {
		return err
	}
	if len(found.Points) > 0 {
		model := found.Points[0].Payload.Model
		if model == "" {
			model = "something else than vlmchat"
		}
		return c.failure(engine.Failed, fmt.Sprintf("it has vectors of %s, and those of %s can't be compared with them", model, space.Model), "name another --collection, or the --encoder that it was made with", nil)
	}
	return nil
}

// payload is what a point says beside its vector.
type payload struct {
	Path    string    `json:"path"` // with the part of the file, if it is one
	Copies  []string  `json:"copies,omitempty"`
	Folders []string  `json:"folders"` // in which it and its copies lie, all the way up
	SHA256  string    `json:"sha256"`
	Taken   time.Time `json:"taken"`
	Bytes   int64     `json:"bytes"`
	Width   int       `json:"width"`
	Height  int       `json:"height"`
	Model   string    `json:"model"`
	Space   string    `json:"space"`
	Index   string    `json:"index"` // that it came from: the machine, and the folder
	Run     string    `json:"run"`   // of the export that wrote it
}

// matches is the condition that a member has a value.
func matches(key, value string) map[string]any {
	return map[string]any{"key": key, "match": map[string]any{"value": value}}
}
