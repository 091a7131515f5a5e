package cli

import (
	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
)

// mostPrice of a million tokens is a dollar a token.
const mostPrice = 1e6

// prices reads what answers cost. Those of the native engine cost nothing.
func (a *app) prices() (engine.Prices, error) {
	var p engine.Prices
	if a.config.String(config.Backend) == "native" {
		return p, nil
	}
	read := func(name string) (*float64, error) {
		if a.config.String(name) == "" {
			return nil, nil
		}
		price, err := a.config.Float(name, 0, mostPrice)
		return &price, err
	}
	input, err := read(config.PriceInput)
	if err != nil {
		return p, err
	}
	output, err := read(config.PriceOutput)
	if err != nil {
		return p, err
	}
	if p.Cached, err = read(config.PriceCached); err != nil {
		return p, err
	}
	if input != nil {
		p.Input = *input
	}
	if output != nil {
		p.Output = *output
	}
	return p, nil
}
