package cli

import (
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vlmchat/vlmchat/config"
)

// shells are those whose completions there are.
var shells = []string{"bash", "zsh", "fish", "powershell"}

// completionCommand is 'vlmchat completion': what a shell needs to complete command lines.
func completionCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "completion bash|zsh|fish|powershell",
		Short: "Print what a shell needs to complete commands, flags, models, prompts and sessions",
		Long: "Completion prints a script for a shell, which asks vlmchat itself at each Tab. It is put\n" +
			"where the shell looks for such, once, and a new shell has it:\n\n" +
			"  bash         vlmchat completion bash > ~/.local/share/bash-completion/completions/vlmchat\n" +
			"               (without the package bash-completion: source it in ~/.bashrc)\n" +
			"  zsh          vlmchat completion zsh > ~/.zfunc/_vlmchat\n" +
			"               (with fpath=(~/.zfunc $fpath) and autoload -U compinit; compinit in ~/.zshrc)\n" +
			"  fish         vlmchat completion fish > ~/.config/fish/completions/vlmchat.fish\n" +
			"  powershell   vlmchat completion powershell >> $PROFILE",
		Example: `  source <(vlmchat completion bash)              for this shell alone
  vlmchat completion fish > vlmchat.fish`,
		Args:      oneArgument("a shell: " + strings.Join(shells, ", ")),
		ValidArgs: shells,

		PersistentPreRunE: withoutSettings,
		RunE: func(cmd *cobra.Command, args []string) error {
			script, err := completionScript(cmd.Root(), args[0])
			if err != nil {
				return err
			}
			_, err = io.WriteString(a.stdout, script)
			return unread(err)
		},
	}
}

// withoutSettings is for commands that have no use for them, and work whatever is wrong there.
func withoutSettings(*cobra.Command, []string) error { return nil }

// isCompletion reports whether a shell asks how a line could go on.
func isCompletion(cmd *cobra.Command) bool {
	return cmd.Name() == cobra.ShellCompRequestCmd || cmd.Name() == cobra.ShellCompNoDescRequestCmd
}

// completer says how a word could go on.
type completer func(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective)

// beginning is the completer without what does not begin with the word.
func (c completer) beginning() cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
		all, directive := c(cmd, args, word)
		if directive&cobra.ShellCompDirectiveFilterFileExt == 0 {
			all = withPrefix(all, word)
		}
		return all, directive
	}
}

// completions gives the commands and flags their completers. It is for the process that a
// shell asks: others have no use for them.
func (a *app) completions(root *cobra.Command) {
	flags := a.flagCompleters()
	arguments := a.argumentCompleters()
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		for name, complete := range flags {
			// Flags that every command has are completed where they are declared.
			if f := cmd.LocalFlags().Lookup(name); f != nil && cmd.InheritedFlags().Lookup(name) == nil {
				_ = cmd.RegisterFlagCompletionFunc(name, complete.beginning()) // none has one
			}
		}
		switch complete := arguments[command(cmd)]; {
		case complete != nil:
			cmd.ValidArgsFunction = complete.beginning()
		case cmd.ValidArgs == nil:
			cmd.ValidArgsFunction = cobra.NoFileCompletions
		}
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
	}
	walk(root)
}

// nothingElse are completions that no file belongs to.
const nothingElse = cobra.ShellCompDirectiveNoFileComp

// some completes to one of some words.
func some(words ...string) completer {
	return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return words, nothingElse | cobra.ShellCompDirectiveKeepOrder
	}
}

// filesOf completes to files with these endings, and to folders.
func filesOf(endings ...string) completer {
	for _, ending := range slices.Clone(endings) {
		endings = append(endings, strings.ToUpper(ending))
	}
	return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return endings, cobra.ShellCompDirectiveFilterFileExt
	}
}

func anyFile(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveDefault
}

func folders(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}

// first completes the first argument alone.
func first(complete completer) completer {
	return func(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, nothingElse
		}
		return complete(cmd, args, word)
	}
}

// settingsOf are the settings as a command line that is being written has them.
func settingsOf(cmd *cobra.Command) config.Config {
	c, err := config.Load(givenFlags(cmd))
	if err != nil {
		c = config.LoadWithoutFile(givenFlags(cmd))
	}
	_ = c.UseData() // completions do without a folder that can't be named
	return c
}
