package cli

import (
	"fmt"
	"os"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/termtext"
)

// configShowing is how settings are shown.
type configShowing struct {
	origin, changed, json bool
}

func configShowCommand(a *app) *cobra.Command {
	var how configShowing
	cmd := &cobra.Command{
		Use:   "show",
		Short: "Show the settings that are in force, and by what",
		Long: "Show prints all settings with their values, as flags, variables, the profile that is\n" +
			"chosen and the file have them; --origin says which of these does. What may hold a secret\n" +
			"is not shown, and of a system message only its length: 'vlmchat config get' prints both.",
		Example: `  vlmchat config show --origin
  vlmchat config show --changed
  vlmchat config show --json --profile work`,
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error {
			if a.broken != nil {
				return a.broken
			}
			list := a.settingsInForce()
			if how.json {
				return a.printSettingsJSON(list)
			}
			return a.printSettings(list, how)
		},
	}
	cmd.Flags().BoolVar(&how.origin, "origin", false, "say where each value comes from")
	cmd.Flags().BoolVar(&how.changed, "changed", false, "only settings that are not left at their defaults")
	cmd.Flags().BoolVar(&how.json, "json", false, "print a JSON object of all, with their origins")
	addSettings(cmd.Flags())
	cmd.Flags().SortFlags = false
	return cmd
}

// settingInForce is a setting in 'config show --json'.
type settingInForce struct {
	Name    string `json:"name"`
	Value   string `json:"value"` // what others may see of it
	Hidden  bool   `json:"hidden"`
	Default string `json:"default"`
	Origin  string `json:"origin"` // default, file, profile, variable or flag
	Source  string `json:"source"` // the file's path, the profile's, variable's or flag's name; "" for a default
	Line    int    `json:"line"`   // in the file, 0 elsewhere
}

// settingsInForce are all settings as they are.
func (a *app) settingsInForce() []settingInForce {
	path, _ := config.File() // without one nothing comes from it
	text, _ := os.ReadFile(path)
	lines := config.Lines(text)
	profile := a.config.String(config.Profile)
	var list []settingInForce
	for _, s := range config.Settings {
		v := a.config[s.Name]
		shown := a.shown(s.Name)
		one := settingInForce{Name: s.Name, Value: shown, Hidden: shown != v.Text, Default: s.Default, Source: v.Origin}
		switch v.Place {
		case config.InDefault:
			one.Origin, one.Source = "default", ""
		case config.InFile:
			one.Origin, one.Line = "file", lines[s.Name]
		case config.InProfile:
			one.Origin, one.Source, one.Line = "profile", profile, lines[profile+"/"+s.Name]
		case config.InVariable:
			one.Origin = "variable"
		case config.InFlag:
			one.Origin = "flag"
		}
		list = append(list, one)
	}
	return list
}

// from says where a value comes from, in the words of people.
func (s settingInForce) from(path string) string {
	switch s.Origin {
	case "default":
		return s.Origin
	case "file", "profile":
		text := path
		if s.Line > 0 {
			text += fmt.Sprintf(":%d", s.Line)
		}
		if s.Origin == "profile" {
			text += fmt.Sprintf(" [profiles.%s]", s.Source)
		}
		return termtext.Line(text)
	}
	return s.Source
}

func (a *app) printSettings(list []settingInForce, how configShowing) error {
	path, _ := config.File()
	table := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	for _, s := range list {
		if how.changed && s.Origin == "default" {
			continue
		}
		if how.origin {
			fmt.Fprintf(table, "%s\t%s\t%s\n", s.Name, orDash(termtext.Line(s.Value)), s.from(path))
		} else {
			fmt.Fprintf(table, "%s\t%s\n", s.Name, orDash(termtext.Line(s.Value)))
		}
	}
	return unread(table.Flush())
}

func (a *app) printSettingsJSON(list []settingInForce) error {
	path, _ := config.File()
	return printJSON(a.stdout, struct {
		Format   string           `json:"format"`
		Version  int              `json:"version"`
		File     string           `json:"file"`
		Settings []settingInForce `json:"settings"`
	}{"vlmchat-config", 1, path, list})
}
