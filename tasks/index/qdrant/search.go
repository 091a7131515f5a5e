package qdrant

import (
	"context"
	"net/http"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/tasks/index"
)

// Search finds the nearest pictures in the collection, among those that the query's folders and
// times mean. Its patterns are not looked at. Files may be on another machine: whether they
// are there nobody asks.
func (c Collection) Search(ctx context.Context, space engine.Space, q index.Query) (index.Found, error) {
	var found index.Found
	if err := c.fits(ctx, space); err != nil {
		return found, c.named(err)
	}
	body := map[string]any{"query": q.Vector, "limit": q.K, "with_payload": true}
	if q.MinScore > -1 {
		body["score_threshold"] = q.MinScore
	}
	if must := conditions(q.Filter); len(must) > 0 {
		body["filter"] = map[string]any{"must": must}
	}
	var result struct {
		Points []struct {
			Score   float64 `json:"score"`
			Payload payload `json:"payload"`
		} `json:"points"`
	}
	if err := c.call(ctx, http.MethodPost, "/points/query", body, &result); err != nil {
		return found, c.named(err)
	}
	for _, p := range result.Points {
		found.Hits = append(found.Hits, index.Hit{
			Score: p.Score, Copies: p.Payload.Copies,
			Picture: index.Picture{Path: p.Payload.Path, SHA256: p.Payload.SHA256, Taken: p.Payload.Taken, Bytes: p.Payload.Bytes, Width: p.Payload.Width, Height: p.Payload.Height},
		})
	}
	return found, nil
}

// conditions are what a filter wants of a payload.
func conditions(f index.Filter) []any {
	var must []any
	if len(f.Under) > 0 {
		must = append(must, map[string]any{"key": "folders", "match": map[string]any{"any": f.Under}})
	}
	span := map[string]any{}
	if !f.Since.IsZero() {
		span["gte"] = f.Since.UTC().Format(time.RFC3339Nano)
	}
	if !f.Until.IsZero() {
		span["lt"] = f.Until.UTC().Format(time.RFC3339Nano)
	}
	if len(span) > 0 {
		must = append(must, map[string]any{"key": "taken", "range": span})
	}
	return must
}
