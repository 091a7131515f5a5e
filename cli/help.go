package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/vlmchat/vlmchat/config"
)

// helpCommand is 'vlmchat help', which works whatever is wrong with the settings.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:               "help [COMMAND...]",
		Short:             "Show how vlmchat or one of its commands is used",
		PersistentPreRunE: withoutSettings,
		RunE: func(cmd *cobra.Command, args []string) error {
			about, err := commandNamed(cmd, args)
			if err != nil {
				return err
			}
			return about.Help()
		},
	}
}

// commandNamed is the command that is meant by some words, the program itself by none.
func commandNamed(cmd *cobra.Command, words []string) (*cobra.Command, error) {
	about, rest, err := cmd.Root().Find(words)
	if err != nil || len(rest) > 0 {
		return nil, usagef("there is no command %q; see vlmchat --help", strings.Join(words, " "))
	}
	return about, nil
}

// usage writes how a command is used: cobra's page, with the flags that are about the same
// together, and a word about their variables.
func usage(cmd *cobra.Command) error {
	var text strings.Builder
	fmt.Fprintf(&text, "Usage:\n  %s\n", cmd.UseLine())
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(&text, "  %s COMMAND\n", cmd.CommandPath())
	}
	if cmd.HasExample() {
		fmt.Fprintf(&text, "\nExamples:\n%s\n", cmd.Example)
	}
	if cmd.HasAvailableSubCommands() {
		text.WriteString("\nCommands:\n")
		for _, sub := range cmd.Commands() {
			if sub.IsAvailableCommand() || sub.Name() == "help" {
				fmt.Fprintf(&text, "  %-*s %s\n", sub.NamePadding(), sub.Name(), sub.Short)
			}
		}
	}
	for _, group := range grouped(allFlags(cmd)) {
		some := pflag.NewFlagSet("", pflag.ContinueOnError)
		some.SortFlags = false
		for _, f := range group.flags {
			some.AddFlag(shownFlag(f))
		}
		fmt.Fprintf(&text, "\n%s:\n%s", group.title, some.FlagUsages())
	}
	text.WriteString("\nA flag can be given by a variable, too, and a setting in the configuration file:\n" +
		"--log-file is VLMCHAT_LOG_FILE and log_file. See also 'vlmchat " + strings.TrimSpace("man "+manual(cmd)) + "'.\n")
	_, err := fmt.Fprint(cmd.OutOrStderr(), text.String())
	return unread(err)
}

// namedValue is a flag's value by the name that help gives it, in place of Go's types.
type namedValue struct {
	pflag.Value
	name string
}

func (v namedValue) Type() string { return v.name }

// shownFlag is a flag as help and the manual show it.
func shownFlag(f *pflag.Flag) *pflag.Flag {
	shown := *f
	setting, is := config.Find(f.Name)
	switch kind := f.Value.Type(); {
	case kind == "int", kind == "uint64", kind == "float64", is && setting.Number():
		shown.Value = namedValue{f.Value, "number"}
	case kind == "stringArray": // which of them may be given again, its text says
		shown.Value, shown.DefValue = namedValue{f.Value, "string"}, ""
	}
	return &shown
}

// allFlags are those of a command and those that all commands have.
func allFlags(cmd *cobra.Command) *pflag.FlagSet {
	cmd.InitDefaultHelpFlag()
	all := pflag.NewFlagSet("", pflag.ContinueOnError)
	all.SortFlags = false
	all.AddFlagSet(cmd.NonInheritedFlags())
	all.AddFlagSet(cmd.InheritedFlags())
	return all
}

// manual is what 'vlmchat man' calls the page of a command.
func manual(cmd *cobra.Command) string {
	if !cmd.HasParent() {
		return ""
	}
	return command(cmd)
}
