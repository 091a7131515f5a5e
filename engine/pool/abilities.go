package pool

import (
	"context"

	"github.com/vlmchat/vlmchat/engine"
)

// withAbilities gives the pool the methods of those optional interfaces that all
// members have, and no others: who asks for an ability asserts its type.
// Embeddings, scores and transfers are for one server.
func (p *Engine) withAbilities() engine.Engine {
	lists, describes := true, true
	for _, m := range p.members {
		_, l := m.Engine.(engine.ModelLister)
		_, d := m.Engine.(engine.ModelDescriber)
		lists, describes = lists && l, describes && d
	}
	switch {
	case lists && describes:
		return struct {
			*Engine
			lister
			describer
		}{p, lister{p}, describer{p}}
	case lists:
		return struct {
			*Engine
			lister
		}{p, lister{p}}
	}
	return p
}

type lister struct{ pool *Engine }

// Models are those of the first server that answers: all have the same.
func (l lister) Models(ctx context.Context) ([]engine.ModelInfo, error) {
	return first(ctx, l.pool, func(m *member) ([]engine.ModelInfo, error) {
		return m.Engine.(engine.ModelLister).Models(ctx)
	})
}

type describer struct{ pool *Engine }

// DescribeModel is what the first server says that answers.
func (d describer) DescribeModel(ctx context.Context, name string) (engine.ModelDescription, error) {
	return first(ctx, d.pool, func(m *member) (engine.ModelDescription, error) {
		return m.Engine.(engine.ModelDescriber).DescribeModel(ctx, name)
	})
}
