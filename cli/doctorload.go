package cli

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"time"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
)

// checkLoad loads the model as a question would, into a worker that ends with
// this command.
func (d *doctor) checkLoad(ctx context.Context) []check {
	switch {
	case !d.native():
		return nil
	case d.noLoad:
		return []check{note("load", "left out, because of --no-load")}
	case d.failed:
		return []check{note("load", "left out, because of the failure above")}
	}
	patient := *d.app
	patient.config = maps.Clone(d.config)
	patient.config[config.KeepAlive] = config.Value{Text: "0", Origin: "doctor"}
	e, _, err := patient.openNative()
	if err != nil {
		return []check{failure("load", "", err)}
	}
	defer e.Close()
	start := time.Now()
	if err := newStatus(d.stderr).awaitModel(ctx, e); err != nil {
		return []check{failure("load", "", err)}
	}
	info, err := e.Info(ctx)
	if err != nil {
		return []check{failure("load", "", err)}
	}
	c := judgeLoad(info, time.Since(start), d.model.Projector)
	c.Details = append(c.Details, judgeContext(d.config.String(config.Context), info.ContextSize, d.trained)...)
	return []check{c}
}

// judgeLoad tells what a loaded model is. What its files promise of vision, the
// library may not keep.
func judgeLoad(info engine.Info, took time.Duration, projector string) check {
	sight := "vision on"
	if !info.Capabilities.Vision {
		sight = "vision off"
	}
	c := fine("load", "%s", joined([]string{
		"loaded in " + shortTime(took), "on " + info.Device, fmt.Sprintf("context of %d tokens", info.ContextSize),
		counted(info.Threads, "thread"), sight,
	}))
	if info.Note != "" {
		c.Details = append(c.Details, info.Note)
	}
	if projector != "" && !info.Capabilities.Vision {
		c.Status = statusWarning
		c.Message += fmt.Sprintf(": the runtime sees nothing with the projector %s", filepath.Base(projector))
		c.Hint = "take the projector for pictures that was published with the model, or a newer runtime: vlmchat runtime install"
	}
	return c
}

// judgeContext says why a context is smaller than the model was trained for.
func judgeContext(setting string, size, trained int) []string {
	if setting != "auto" || size >= trained {
		return nil
	}
	return []string{fmt.Sprintf("ctx is auto: %d of the %d tokens that the model was trained for are worth their memory here; --ctx N takes another number, --ctx 0 all", size, trained)}
}
