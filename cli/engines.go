package cli

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/native"
	"github.com/vlmchat/vlmchat/models"
	"github.com/vlmchat/vlmchat/runtimes"
)

// demoNotice is shown whenever the demo model answers; it fits one line of 80
// columns.
const demoNotice = "Tiny demo model: knows shapes and digits. Real: vlmchat models list --curated"

// rpcNotice is shown when a model is spread over other machines.
const rpcNotice = "--rpc is neither encrypted nor protected by a key: trusted networks, or ssh -L"

// open makes the engine that the settings ask for, and a notice about it for
// people, "" if there is nothing to say.
func (a *app) open(ctx context.Context) (e engine.Engine, notice string, err error) {
	switch backend := a.config.String(config.Backend); backend {
	case "native":
		return a.openNative()
	case "ollama", "openai":
		e, err = a.openServers(ctx, backend)
	default:
		err = a.rejectBackend()
	}
	return e, "", err
}

// openedEngine is what open returns.
type openedEngine struct {
	engine.Engine
	notice string
	err    error
}

// openAhead begins to open the engine, while pictures are read, and returns what waits for
// it. A server is opened no sooner than that is called: a person may have to be asked for
// its key, and need not be if a picture can't be used. A native engine that nobody asks
// holds nothing.
func (a *app) openAhead(ctx context.Context) func() openedEngine {
	open := sync.OnceValue(func() (o openedEngine) {
		o.Engine, o.notice, o.err = a.open(ctx)
		return o
	})
	if a.config.String(config.Backend) == "native" {
		go open()
	}
	return open
}

func (a *app) rejectBackend() error {
	return a.config.Reject(config.Backend, "native, ollama or openai")
}

func (a *app) openNative() (engine.Engine, string, error) {
	o, err := a.nativeOptions()
	if err != nil {
		return nil, "", err
	}
	notice := ""
	switch {
	case native.LeavesMachine(o.RPC):
		notice = rpcNotice
	case o.Model.Demo:
		notice = demoNotice
	}
	return native.New(o), notice, nil
}

// nativeOptions finds the model and the libraries, and reads how they are to be used.
func (a *app) nativeOptions() (native.Options, error) {
	model, err := models.Find(a.config.String(config.Model), a.config.String(config.MMProj))
	if err != nil {
		return native.Options{}, err
	}
	libraries, err := runtimes.Use(a.config.String(config.Runtime))
	if err != nil {
		return native.Options{}, err
	}
	slog.Debug("model", "name", model.Name, "path", model.Path, "projector", model.Projector)
	slog.Debug("runtime", "name", libraries.Name, "path", libraries.Dir)
	o := native.Options{Model: model, Runtime: libraries, Secrets: a.keyVariables()}
	return o, a.setNative(&o)
}

// setNative reads the settings of the native engine.
func (a *app) setNative(o *native.Options) (err error) {
	if a.config.String(config.Threads) != "auto" {
		if o.Threads, err = a.config.Int(config.Threads, 1); err != nil {
			return err
		}
	}
	o.ContextSize = native.AutoContext
	if a.config.String(config.Context) != "auto" {
		if o.ContextSize, err = a.config.Int(config.Context, 0); err != nil {
			return a.config.Reject(config.Context, "a whole number of at least 0, or auto")
		}
	}
	if o.Parallel, err = a.config.Int(config.Parallel, 1); err != nil {
		return err
	}
	if o.Parallel > native.MostParallel {
		return a.config.Reject(config.Parallel, fmt.Sprintf("a whole number from 1 to %d", native.MostParallel))
	}
	if o.KeepAlive, err = a.config.Duration(config.KeepAlive); err != nil {
		return err
	}
	if o.CacheBytes, err = a.config.Bytes(config.DiskCache); err != nil {
		return err
	}
	if o.NoState, err = a.config.Bool(config.NoState); err != nil {
		return err
	}
	// Where there is no place for it, everything works without.
	if o.CacheDir, err = nativeCacheDir(); err != nil {
		o.CacheBytes = 0
	}
	if err := a.setCompute(o); err != nil {
		return err
	}
	adapters, err := a.config.List(config.LoRA)
	if err != nil {
		return err
	}
	for _, text := range adapters {
		adapter, err := native.ParseLoRA(text)
		if err != nil {
			return a.config.Reject(config.LoRA, "FILE or FILE:SCALE: "+err.Error())
		}
		o.LoRAs = append(o.LoRAs, adapter)
	}
	if o.RPC, err = native.ParseRPC(a.config.String(config.RPC)); err != nil {
		return a.config.Reject(config.RPC, "a list of host:port: "+err.Error())
	}
	return nil
}

// thinking reads whether the model is to think, nil for its own way.
func (a *app) thinking() (*bool, error) {
	switch text := a.config.String(config.Thinking); text {
	case "auto":
		return nil, nil
	case "on", "off":
		on := text == "on"
		return &on, nil
	}
	return nil, a.config.Reject(config.Thinking, "on, off or auto")
}
