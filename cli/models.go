package cli

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
)

// modelsCommand is 'vlmchat models': what models there are, here or behind the
// server that is chosen.
func modelsCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "models",
		Short: "List, describe, fetch, check and remove models, here or behind a server",
		Args:  noArguments,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(modelsListCommand(a), modelsShowCommand(a), modelsPullCommand(a), modelsImportCommand(a), modelsCheckCommand(a), modelsRemoveCommand(a))
	return cmd
}

// addBackend declares the flags that choose a backend, with a server's.
func addBackend(cmd *cobra.Command, more ...string) {
	names := append([]string{config.Profile, config.Backend, config.BaseURL}, more...)
	for _, s := range config.Servers {
		if !slices.Contains(aboutAnswers, s.Name) {
			names = append(names, s.Name)
		}
	}
	addSettings(cmd.Flags(), names...)
	cmd.Flags().SortFlags = false
}

// aboutAnswers are the settings of servers that matter to answers alone.
var aboutAnswers = []string{
	config.Detail, config.PassURLs, config.RetryCut, config.PriceInput, config.PriceCached, config.PriceOutput,
}

// isNative reports whether models are those on this machine.
func (a *app) isNative() bool { return a.config.String(config.Backend) == "native" }

// withServer opens the engine and does something with an ability that it may
// have. What it does is told where it has not.
func withServer[Ability any](ctx context.Context, a *app, what string, do func(context.Context, Ability) error) error {
	e, _, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer e.Close()
	a.stdout = hidingWriter{a.stdout, a.secrets} // all that is printed is the server's words
	able, ok := e.(Ability)
	if !ok {
		return &engine.Error{
			Kind:    engine.BadOption,
			Message: fmt.Sprintf("the backend %s can't %s", a.config.String(config.Backend), what),
			Hint:    "look at what the server's own documentation offers",
		}
	}
	return do(ctx, able)
}
