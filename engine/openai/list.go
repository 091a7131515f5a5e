package openai

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/vlmchat/vlmchat/engine"
)

var _ engine.ModelLister = (*Engine)(nil)

// Models lists the server's models, the newest first where it tells their age.
func (e *Engine) Models(ctx context.Context) ([]engine.ModelInfo, error) {
	var models []listed
	err := e.calls.Again(ctx, func(ctx context.Context) (err error) {
		models, err = e.list(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	kind := e.public
	if kind == nil {
		kind = ownServer(models)
	}
	all := make([]engine.ModelInfo, 0, len(models))
	for _, m := range models {
		all = append(all, m.info(kind))
	}
	slices.SortStableFunc(all, func(a, b engine.ModelInfo) int { return b.Modified.Compare(a.Modified) })
	return all, nil
}

// info is what a kind of server tells of a model.
func (l listed) info(kind *server) engine.ModelInfo {
	f := l.facts()
	m := engine.ModelInfo{Name: l.ID, Size: int64(l.Meta.Size), ContextSize: f.context, Parameters: parameters(int64(l.Meta.Parameters)), Quantization: string(l.Meta.Type)}
	if f.vision != unknown {
		vision := f.vision == sees
		m.Vision = &vision
	}
	if l.Created > 0 && !kind.undated {
		m.Modified = time.Unix(int64(l.Created), 0).UTC()
	}
	return m
}

// parameters is their number as people say it.
func parameters(n int64) string {
	switch {
	case n <= 0:
		return ""
	case n >= 1e9:
		return fmt.Sprintf("%.1fB", float64(n)/1e9)
	}
	return fmt.Sprintf("%.1fM", float64(n)/1e6)
}
