package native

import (
	"slices"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/models"
)

// modelfile is what a model's makers laid down for conversations with it. It is
// added to a request on its way to the worker: what a person asks for goes
// before it, and the worker need not know of it.
type modelfile struct {
	system string
	stop   []string
}

// messages begins a conversation that has no system message with the model's.
func (f modelfile) messages(all []engine.Message) []engine.Message {
	if f.system == "" || slices.ContainsFunc(all, func(m engine.Message) bool { return m.Role == engine.System }) {
		return all
	}
	return append([]engine.Message{engine.Text(engine.System, f.system)}, all...)
}

// request completes a request.
func (f modelfile) request(req engine.Request) engine.Request {
	req.Messages = f.messages(req.Messages)
	if len(req.Sampling.Stop) == 0 {
		req.Sampling.Stop = f.stop
	}
	return req
}

// withOwn puts the adapters that are part of a model before those that were
// asked for.
func withOwn(m models.Model, asked []LoRA) []LoRA {
	var all []LoRA
	for _, path := range m.LoRAs {
		all = append(all, LoRA{Path: path, Scale: 1})
	}
	return append(all, asked...)
}
