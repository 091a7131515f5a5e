package cli

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/vlmchat/vlmchat/config"
)

// onlyFlags are those that no variable stands for: what removes or replaces something is said
// each time, and not by what a shell has had set for a month; and what one command calls a
// format is none to another.
var onlyFlags = []string{"yes", "move", "dry-run", "force", "overwrite", "overwrite-sidecars", "all", "copies", "remove", "rebuild", "format", "help", "version"}

// opposites are flags of which a command takes one. What is given by a flag has the say over
// what is set by the variable of its opposite.
var opposites = [][]string{
	{"json", "jsonl", "extract"}, {"continue", "resume", "messages"}, {"continue", "resume", "each"},
	{"save", config.NoSave}, {"save", "messages"}, {"save", "each"}, {"schema", "grammar"}, {"latest", "version"},
}

// overruled reports whether an opposite of a flag is among those that were given.
func overruled(flag string, given []string) bool {
	return slices.ContainsFunc(opposites, func(group []string) bool {
		return slices.Contains(group, flag) && slices.ContainsFunc(group, func(other string) bool { return slices.Contains(given, other) })
	})
}

// ownMeanings are flags that mean something else to a command than to the others, whose
// variable is not for it.
var ownMeanings = map[string][]string{
	"classify": {"template"}, "caption": {"prompt", "field"}, "ask": {"prompt"}, "ground": {"prompt", "answer"}, "eval classify": {"template"},
}

// hasVariable reports whether a command's flag can be given by its variable, too.
func hasVariable(cmd *cobra.Command, flag string) bool {
	return !slices.Contains(onlyFlags, flag) && !slices.Contains(ownMeanings[command(cmd)], flag)
}

// fromVariables gives the flags of a command that are no settings, and that were not given,
// the values of their variables. given are those that were. Settings have theirs from config.
func fromVariables(cmd *cobra.Command, given []string) error {
	var wrong error
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if _, setting := config.Find(f.Name); setting || f.Changed || f.Hidden || !hasVariable(cmd, f.Name) || overruled(f.Name, given) || wrong != nil {
			return
		}
		name := config.Variable(f.Name)
		text := os.Getenv(name)
		if text == "" {
			return
		}
		if err := give(f, text); err != nil {
			wrong = usagef("%s=%q is no value for --%s: %w", name, text, f.Name, noValue(f, err))
		}
	})
	return wrong
}

// noValue says why a text is no value of a flag: in the words of people, where strconv has its own.
func noValue(f *pflag.Flag, why error) error {
	if _, ok := errors.AsType[*strconv.NumError](why); !ok {
		return why
	}
	if f.Value.Type() == "bool" {
		return errors.New("it is true or false")
	}
	return errors.New("it is a whole number")
}

// give sets a flag as if it had been given.
func give(f *pflag.Flag, text string) error {
	f.Changed = true
	list, ok := f.Value.(pflag.SliceValue)
	if !ok {
		return f.Value.Set(text)
	}
	texts := []string{text}
	if strings.HasPrefix(text, `["`) {
		if err := json.Unmarshal([]byte(text), &texts); err != nil {
			return err
		}
	}
	return list.Replace(texts)
}

// allVariables are those of all flags of all commands, settings but for.
func allVariables(root *cobra.Command) []string {
	var names []string
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if !f.Hidden && hasVariable(cmd, f.Name) {
				names = append(names, config.Variable(f.Name))
			}
		})
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
	}
	walk(root)
	slices.Sort(names)
	return slices.Compact(names)
}
