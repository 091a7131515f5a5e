package cli

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/vlmchat/vlmchat/config"
)

// eachCommand visits a command and those below it.
func eachCommand(cmd *cobra.Command, visit func(cmd *cobra.Command)) {
	visit(cmd)
	for _, sub := range cmd.Commands() {
		eachCommand(sub, visit)
	}
}

// Each command that takes arguments completes them, but for those that take any words.
func TestArgumentsAreCompleted(t *testing.T) {
	t.Parallel()
	a := &app{}
	completers := a.argumentCompleters()
	anyWords := map[string]bool{"sessions search": true}
	eachCommand(rootCommand(a), func(cmd *cobra.Command) {
		_, arguments, _ := strings.Cut(cmd.Use, " ")
		takes := arguments != "" && !strings.HasPrefix(arguments, "--") && cmd.ValidArgs == nil
		if takes && completers[command(cmd)] == nil && !anyWords[command(cmd)] {
			t.Errorf("nothing completes the arguments of %q", cmd.Use)
		}
	})
}

// What is offered as the value of a setting is one, and anything else is not.
func TestChoicesOfSettings(t *testing.T) {
	t.Parallel()
	for _, s := range config.Settings {
		for _, choice := range s.Choices() {
			if err := checkValue(s, []string{choice}); err != nil {
				t.Errorf("%s can't be %s: %v", s.Name, choice, err)
			}
		}
		if s.Choices() == nil || s.Name == config.Device {
			continue
		}
		if err := checkValue(s, []string{"something else"}); err == nil {
			t.Errorf("%s can be anything", s.Name)
		}
	}
}

// No shell evaluates what was typed before the cursor, and is asked in another way.
func TestScriptsRunNothing(t *testing.T) {
	t.Parallel()
	for shell, instead := range map[string]string{
		"bash": "out=$(__vlmchat_ask 2>/dev/null)", "zsh": `__complete "${(@Q)words[2,-1]}" 2>/dev/null`, "fish": "string escape -- (commandline -opc)",
	} {
		script, err := completionScript(rootCommand(&app{}), shell)
		if err != nil || !strings.Contains(script, instead) {
			t.Errorf("%s: %v, without %q", shell, err, instead)
		}
		if shell != "fish" && strings.Contains(script, "$(eval") {
			t.Errorf("%s evaluates what was typed", shell)
		}
	}
}
