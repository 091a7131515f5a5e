package cli

import (
	"errors"
	"fmt"
	"os"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/termtext"
)

// configCommand is 'vlmchat config': the settings, and the file that has them.
func configCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Show and change settings",
		Long: "A setting is a flag, a variable and a key in the configuration file: --max-tokens,\n" +
			"VLMCHAT_MAX_TOKENS and max_tokens. Flags win over variables, those over the profile that is\n" +
			"chosen, that over the file's top level. These commands show what is set where, and change\n" +
			"the file.",
		Example: `  vlmchat config show --changed --origin    what is set, and by what
  vlmchat config set temperature 0.2
  vlmchat config set --profile work base-url http://localhost:8080/v1
  vlmchat config get temperature
  vlmchat config unset temperature`,
		Args: noArguments,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			// A file that can't be read is here to be corrected.
			if a.broken = a.configure(cmd); a.broken != nil {
				a.config = config.LoadWithoutFile(a.flags)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(configShowCommand(a), configGetCommand(a), configSetCommand(a), configUnsetCommand(), configEditCommand(a), configListCommand(a), configPathCommand(a))
	return cmd
}

func configPathCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "path",
		Short:   "Print the path of the configuration file, which need not exist",
		Example: "  vlmchat config path",
		Args:    noArguments,
		RunE: func(*cobra.Command, []string) error {
			path, err := config.File()
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(a.stdout, termtext.Line(path))
			return unread(err)
		},
	}
}

func configListCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List the settings that there are, with their defaults",
		Example: "  vlmchat config list | grep penalty",
		Args:    noArguments,
		RunE: func(*cobra.Command, []string) error {
			table := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
			fmt.Fprintln(table, "SETTING\tDEFAULT\tABOUT")
			for _, s := range config.Settings {
				fmt.Fprintf(table, "%s\t%s\t%s\n", s.Name, orDash(s.Default), s.Usage)
			}
			return unread(table.Flush())
		},
	}
}

// errUnset ends a 'vlmchat config get' of a setting that has no value. That says it all.
var errUnset = errors.New("the setting is not set")

func configGetCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "get SETTING",
		Short: "Print the value of a setting that is in force",
		Long: "Get prints what the setting is, whatever sets it, and a default too. The exit code is 1,\n" +
			"and nothing is printed, if it has no value.",
		Example: `  vlmchat config get temperature
  vlmchat config get --profile work base-url`,
		Args: oneArgument("the setting's name"),
		RunE: func(_ *cobra.Command, args []string) error {
			if a.broken != nil {
				return a.broken
			}
			s, err := config.Named(args[0])
			if err != nil {
				return usageError{err}
			}
			text := a.config.String(s.Name)
			if text == "" {
				return errUnset
			}
			_, err = fmt.Fprintln(a.stdout, termtext.Sanitize(text))
			return unread(err)
		},
	}
	addSettings(cmd.Flags(), config.Profile)
	return cmd
}

func configSetCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "set SETTING VALUE...",
		Short: "Set a setting in the configuration file",
		Long: "Set writes the setting into the file, at its top level or with --profile into that profile,\n" +
			"and leaves the rest of it as it is, comments too. A value that the setting can't have is\n" +
			"refused. Several values are for a setting that is a list. A value that begins with a dash\n" +
			"stands behind --.",
		Example: `  vlmchat config set max-tokens 1024
  vlmchat config set --profile work model gpt-4o
  vlmchat config set stop END STOP
  vlmchat config set -- presence-penalty -0.5`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) < 2 {
				return usagef("config set takes a setting and its value; see %s --help", cmd.CommandPath())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			s, profile, err := toChange(cmd, args[0])
			if err != nil {
				return err
			}
			texts := args[1:]
			if err := checkValue(s, texts); err != nil {
				return err
			}
			path, err := config.Set(profile, s.Name, texts...)
			if err != nil {
				return usageError{err}
			}
			return a.tellOverruled(s, path, profile)
		},
	}
	cmd.Flags().String(config.Profile, "", "set it in the profile of this name, which need not exist")
	return cmd
}

func configUnsetCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "unset SETTING",
		Short:   "Take a setting out of the configuration file",
		Long:    "Unset takes the setting's line out of the file. The exit code is 1 if there was none.",
		Example: "  vlmchat config unset max-tokens",
		Args:    oneArgument("the setting's name"),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, profile, err := toChange(cmd, args[0])
			if err != nil {
				return err
			}
			path, was, err := config.Unset(profile, s.Name)
			switch {
			case err != nil:
				return usageError{err}
			case !was && profile != "":
				return fmt.Errorf("%s is not set in [profiles.%s] of %s", s.Name, profile, path)
			case !was:
				return fmt.Errorf("%s is not set at the top level of %s", s.Name, path)
			}
			return nil
		},
	}
	cmd.Flags().String(config.Profile, "", "take it out of the profile of this name")
	return cmd
}

// toChange is the setting that is meant, and the part of the file: the profile of the flag
// alone, as what is changed should not depend on a variable.
func toChange(cmd *cobra.Command, name string) (s config.Setting, profile string, err error) {
	if s, err = config.Named(name); err != nil {
		return s, "", usageError{err}
	}
	flag := cmd.Flags().Lookup(config.Profile)
	switch {
	case flag.Changed && flag.Value.String() == "":
		return s, "", usagef("--profile names a profile")
	case flag.Changed && s.Name == config.Profile:
		return s, "", usagef("a profile can't choose a profile: leave --profile out")
	}
	return s, flag.Value.String(), nil
}

// tellOverruled says that something above the file's setting has the say: what was set would
// seem to be without effect.
func (a *app) tellOverruled(s config.Setting, path, profile string) error {
	if v, set := os.LookupEnv(s.Variable()); set && v != "" {
		fmt.Fprintf(a.stderr, "vlmchat: %s is set in %s, but the variable %s has the say\n", s.Name, termtext.Line(path), s.Variable())
	} else if chosen := a.config[s.Name]; profile == "" && chosen.Place == config.InProfile {
		fmt.Fprintf(a.stderr, "vlmchat: %s is set in %s, but the profile %s has the say\n", s.Name, termtext.Line(path), termtext.Line(a.config.String(config.Profile)))
	}
	return nil
}
