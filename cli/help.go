package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/vlmchat/vlmchat/config"
)

// sortFlags makes a command's help show the flags of servers and of sampling
// that few people need behind all others.
func sortFlags(cmd *cobra.Command) {
	cobra.AddTemplateFunc("commonFlags", func(f *pflag.FlagSet) string {
		return flagUsages(f, func(name string) bool { return !named(config.Servers, name) && !named(config.Sampling, name) })
	})
	usage := "{{.LocalFlags | commonFlags | trimTrailingWhitespaces}}"
	for _, group := range []struct {
		title    string
		settings []config.Setting
	}{{"Servers", config.Servers}, {"Sampling", config.Sampling}} {
		function := "flagsOf" + group.title
		cobra.AddTemplateFunc(function, func(f *pflag.FlagSet) string {
			return flagUsages(f, func(name string) bool { return named(group.settings, name) })
		})
		usage += "{{with .LocalFlags | " + function + "}}\n\n" + group.title + ":\n{{. | trimTrailingWhitespaces}}{{end}}"
	}
	const flags = "{{.LocalFlags.FlagUsages | trimTrailingWhitespaces}}"
	cmd.SetUsageTemplate(strings.Replace(cmd.UsageTemplate(), flags, usage, 1))
}

// named tells whether a setting is among some.
func named(settings []config.Setting, name string) bool {
	return slices.ContainsFunc(settings, func(s config.Setting) bool { return s.Name == name })
}

// flagUsages describes the flags whose names are wanted.
func flagUsages(all *pflag.FlagSet, wanted func(name string) bool) string {
	some := pflag.NewFlagSet("", pflag.ContinueOnError)
	some.SortFlags = all.SortFlags
	all.VisitAll(func(f *pflag.Flag) {
		if wanted(f.Name) {
			some.AddFlag(f)
		}
	})
	return some.FlagUsages()
}
