package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine/native"
	"github.com/vlmchat/vlmchat/runtimes"
)

// checkRuntime tells which llama.cpp is used and why, and which others are there.
func (d *doctor) checkRuntime(ctx context.Context) []check {
	if !d.native() {
		return nil
	}
	named := d.config.String(config.Runtime)
	used, err := runtimes.Use(named)
	if err == nil {
		if d.facts, err = native.Try(ctx, used); err == nil {
			d.runtime = &used
		} else {
			err = fmt.Errorf("%s can't be used: %w", used.Name, err)
		}
	}
	c := fine("runtime", "%s: %s", used.Name, buildName(d.facts.Version, d.facts.Commit))
	if err != nil {
		c = failure("runtime", "", err)
	}
	if used.Dir != "" {
		c.Details = []string{used.Dir, "used because " + d.whyUsed(used), "backends: " + strings.Join(used.Backends, ", ")}
	}
	found, err := runtimes.Find(named)
	if err != nil {
		c.Details = append(c.Details, err.Error())
	}
	for _, r := range found {
		if r.Dir != used.Dir && r.Source != runtimes.Named {
			c.Details = append(c.Details, otherRuntime(r))
		}
	}
	return []check{c}
}

func (d *doctor) whyUsed(r runtimes.Runtime) string {
	switch {
	case r.Source == runtimes.Named:
		return d.config[config.Runtime].Origin + " names it"
	case r.Chosen:
		return "'vlmchat runtime use' chose it"
	}
	return "it is the newest that vlmchat installed"
}

// otherRuntime is one line about a runtime that is not used. It isn't loaded.
func otherRuntime(r runtimes.Runtime) string {
	line := fmt.Sprintf("not used: %s (%s), %s", r.Name, r.Source.Title(), r.Dir)
	if r.Problem != nil {
		line += ": " + r.Problem.Error()
	}
	return line
}
