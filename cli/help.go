package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/vlmchat/vlmchat/config"
)

// sortFlags makes a command's help show the flags of sampling that few people
// need behind all others.
func sortFlags(cmd *cobra.Command) {
	cobra.AddTemplateFunc("commonFlags", func(f *pflag.FlagSet) string { return flagUsages(f, false) })
	cobra.AddTemplateFunc("samplingFlags", func(f *pflag.FlagSet) string { return flagUsages(f, true) })
	const flags = "{{.LocalFlags.FlagUsages | trimTrailingWhitespaces}}"
	cmd.SetUsageTemplate(strings.Replace(cmd.UsageTemplate(), flags,
		"{{.LocalFlags | commonFlags | trimTrailingWhitespaces}}{{with .LocalFlags | samplingFlags}}\n\nSampling:\n{{. | trimTrailingWhitespaces}}{{end}}", 1))
}

// flagUsages describes the flags of sampling, or all others.
func flagUsages(all *pflag.FlagSet, sampling bool) string {
	some := pflag.NewFlagSet("", pflag.ContinueOnError)
	some.SortFlags = all.SortFlags
	all.VisitAll(func(f *pflag.Flag) {
		if sampling == slices.ContainsFunc(config.Sampling, func(s config.Setting) bool { return s.Name == f.Name }) {
			some.AddFlag(f)
		}
	})
	return some.FlagUsages()
}
