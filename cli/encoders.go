package cli

import (
	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/native"
	"github.com/vlmchat/vlmchat/models"
	"github.com/vlmchat/vlmchat/runtimes"
)

// ofEncoders are the settings by which an encoder is opened.
var ofEncoders = []string{config.Encoder, config.Runtime, config.Threads, config.GPULayers, config.Device, config.MainGPU, config.KeepAlive}

// openEncoder makes the encoder that the settings ask for.
func (a *app) openEncoder() (engine.Encoder, error) {
	found, err := models.FindEncoder(a.config.String(config.Encoder))
	if err != nil {
		return nil, err
	}
	libraries, err := runtimes.Use(a.config.String(config.Runtime))
	if err != nil {
		return nil, err
	}
	o := native.Options{Model: found.Model, Runtime: libraries, Secrets: a.keyVariables()}
	if err := a.setNative(&o); err != nil {
		return nil, err
	}
	if found.Folder == "" {
		return native.New(o).AsEncoder(), nil
	}
	return native.NewEncoder(found.Folder, found.Name, found.Demo, o)
}
