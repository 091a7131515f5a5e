package ollama

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/remote"
)

var _ engine.Prover = (*Engine)(nil)

// origin is what an answer comes from, as far as it is known before it: the rest is asked
// for later, so that no answer waits for it.
func (e *Engine) origin(f facts, req engine.Request) *engine.Provenance {
	p := &engine.Provenance{Template: f.template, Seed: req.Sampling.Seed, Options: map[string]string{}}
	if sum := e.pictures().Sum(engine.Pictures(req.Messages), 0); sum != "" {
		p.Options["pictures"] = sum
	}
	if e.opt.MaxPixels > 0 {
		p.Options["max-pixels"] = strconv.Itoa(e.opt.MaxPixels)
	}
	if f.context > 0 {
		p.Options["ctx"] = strconv.Itoa(f.context)
	}
	return p
}

// templateSum is the SHA-256 of a chat template, "" of none.
func templateSum(source string) string {
	if source == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(source))
	return hex.EncodeToString(sum[:])
}

// Prove adds the server's version, and its digest of the model.
func (e *Engine) Prove(ctx context.Context, p engine.Provenance) (engine.Provenance, error) {
	f, err := e.lookUp(ctx)
	if err != nil {
		return p, err
	}
	list, err := e.pulled(ctx)
	if err != nil {
		return p, err
	}
	for _, m := range list {
		if m.Name == f.name || m.Name == f.name+":latest" {
			p.Model = m.Digest
		}
	}
	if version, err := e.Version(ctx); err == nil {
		p.Runtime = "Ollama " + remote.OneLine(version)
	}
	return p, nil
}
