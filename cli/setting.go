package cli

import (
	"slices"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/ui"
)

// ofAnyEngine are the settings of answers that every engine has.
var ofAnyEngine = []string{
	config.System, config.Temperature, config.TopP, config.MaxTokens, config.Seed, config.Stop, config.Thinking, config.RetryCut,
}

// assignment is a setting that was changed in the chat.
type assignment struct{ name, text string }

// with is the choice after a setting was changed as well.
func (ch choice) with(name, text string) choice {
	ch.set = append(slices.DeleteFunc(slices.Clone(ch.set), func(s assignment) bool { return s.name == name }), assignment{name, text})
	return ch
}

// adjustable are the settings that can be changed in the chat: those that say how
// answers are made, and not by whom.
func adjustable(c config.Config) []ui.Setting {
	var all []ui.Setting
	add := func(s config.Setting) {
		v := c[s.Name]
		all = append(all, ui.Setting{Name: s.Name, Text: v.Text, Default: s.Default, Origin: v.Origin, About: s.Usage})
	}
	for _, s := range config.Settings {
		if slices.Contains(ofAnyEngine, s.Name) {
			add(s)
		}
	}
	for _, s := range config.Sampling {
		add(s)
	}
	return all
}
