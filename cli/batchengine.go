package cli

import (
	"context"
	"strconv"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/native"
)

// batchJobs is how many items are asked at once. To the native engine they are sequences:
// it has as many as are asked for.
func (a *app) batchJobs(flags batchFlags) (int, error) {
	if a.config.String(config.Backend) != "native" {
		if flags.jobs > 0 {
			return flags.jobs, nil
		}
		return a.defaultJobs()
	}
	parallel, err := a.defaultJobs()
	switch {
	case err != nil:
		return 0, err
	case flags.jobs == 0:
		return parallel, nil
	case flags.jobs > parallel && a.config[config.Parallel].Place == config.InDefault:
		more := a.config[config.Parallel]
		more.Text = strconv.Itoa(min(flags.jobs, native.MostParallel))
		a.config[config.Parallel] = more
	}
	return flags.jobs, nil
}

// openForBatch opens the engine and loads its model, if it is one that loads: what can't be
// loaded leaves an output that is begun anew as it was.
func (a *app) openForBatch(ctx context.Context, progress *batchProgress) (engine.Engine, error) {
	e, notice, err := a.open(ctx)
	if err != nil {
		return nil, err
	}
	if notice != "" {
		progress.note(notice)
	}
	if err := progress.load(ctx, e); err != nil {
		e.Close()
		return nil, err
	}
	return e, nil
}
