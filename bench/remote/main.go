// Command remote measures the engine behind OpenAI-compatible servers: against a
// bare HTTP client that sends the same bytes to the same llama-server; a whole command
// against llm's; and several servers as one, of which one dies in the middle of a batch.
// Ratios have goals; whether they are met is printed and not asserted (see package measure).
//
// Run it from the repository's root, best by way of make:
//
//	make bench-remote
//	make bench-remote BENCH="-rounds 30 client"
//	make bench-remote BENCH="-model .cache/zoo/bench-vlm.gguf -questions 1 client"
package main

import (
	"errors"
	"flag"

	"github.com/vlmchat/vlmchat/bench/measure"
	"github.com/vlmchat/vlmchat/engine/openai"
	"github.com/vlmchat/vlmchat/engine/remote"
)

// bench is what all measurements share.
type bench struct {
	measure.Bench
	questions int // of a round, whose times are summed up
	pictures  measure.Pictures
	photos    int // made so far
}

func main() {
	b := &bench{Bench: measure.Bench{Threads: 1, Peer: "bare client", Packages: []string{"llm"}}}
	flag.IntVar(&b.Rounds, "rounds", 12, "measure each side so many times, and a batch half as often")
	flag.IntVar(&b.questions, "questions", 6, "ask so many questions in a round")
	flag.IntVar(&b.MaxTokens, "max-tokens", 64, "end an answer after so many tokens")
	b.ModelFlags()
	b.Main("remote", []measure.Measurement{
		{Name: "client", Measure: b.client},
		{Name: "attach", Measure: b.attach},
		{Name: "command", Measure: b.command},
		{Name: "batch", Measure: b.batch},
	}, b.check, b.Run)
}

func (b *bench) check() error {
	if b.Rounds < 1 || b.questions < 1 || b.MaxTokens < 2 {
		return errors.New("there are no fewer rounds and questions than 1, and no fewer tokens than 2")
	}
	return nil
}

// engine is ours, behind the server at a URL. The model is named, as people do
// who have more than one.
func (b *bench) engine(url string) (*openai.Engine, error) {
	return openai.New(openai.Options{Options: remote.Options{Model: b.Model.Name}, BaseURL: url})
}
