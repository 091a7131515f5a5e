package cli

import (
	"slices"

	"github.com/spf13/pflag"

	"github.com/vlmchat/vlmchat/config"
)

// flagGroup is flags that are about the same, which help and the manual show together.
type flagGroup struct {
	title string
	names []string
}

// ofChat are the settings that are about a chat alone, and ofKept about the conversations that
// are kept: commands that have neither leave them out.
var (
	ofChat = []string{config.Plain, config.NoFooter, config.NoTitles, config.Unfolded, config.NoHistory}
	ofKept = []string{config.SessionsDir, config.SessionAge, config.SessionSize}
)

// flagGroups are those of settings, behind the flags that a command has of its own.
func flagGroups() []flagGroup {
	return []flagGroup{
		{"Models", []string{config.Profile, config.Backend, config.Model, config.MMProj, config.Encoder, config.LoRA, config.BaseURL}},
		{"Answers", []string{config.System, config.Temperature, config.TopP, config.MaxTokens, config.Seed, config.Stop, config.Thinking}},
		{"Pictures", []string{"clipboard", "crop", "tiles", config.Frames, config.MaxPixels, config.PrivateURLs, config.Preview}},
		{"Chat", ofChat},
		{"Kept conversations", append([]string{config.NoSave}, ofKept...)},
		{"The native engine", []string{
			config.Runtime, config.Threads, config.Context, config.Parallel, config.KeepAlive, config.GPULayers, config.Device, config.MainGPU, config.SplitMode,
			config.TensorSplit, config.NoMMProjOffload, config.KVType, config.FlashAttn, config.ImageMinTokens, config.ImageMaxTokens, config.RPC, config.NoState,
			config.DiskCache,
		}},
		{"Servers", namesOf(config.Servers, config.Profile)},
		{"Sampling", namesOf(config.Sampling, config.Stop)},
		{"All commands", append(slices.Clone(ofEveryCommand), "help", "version")},
	}
}

// namesOf are the names of some settings, but for a few.
func namesOf(settings []config.Setting, but ...string) []string {
	var names []string
	for _, s := range settings {
		if !slices.Contains(but, s.Name) {
			names = append(names, s.Name)
		}
	}
	return names
}

// ownFlags is the title of a command's flags that are in no group.
const ownFlags = "Flags"

// grouped parts flags into groups, the command's own first. Hidden ones are in none.
func grouped(all *pflag.FlagSet) []shownGroup {
	taken := map[string]bool{}
	groups := []shownGroup{{title: ownFlags}}
	for _, group := range flagGroups() {
		shown := shownGroup{title: group.title}
		for _, name := range group.names {
			if f := all.Lookup(name); f != nil && !f.Hidden {
				shown.flags = append(shown.flags, f)
				taken[name] = true
			}
		}
		groups = append(groups, shown)
	}
	all.VisitAll(func(f *pflag.Flag) {
		if !taken[f.Name] && !f.Hidden {
			groups[0].flags = append(groups[0].flags, f)
		}
	})
	return slices.DeleteFunc(groups, func(g shownGroup) bool { return len(g.flags) == 0 })
}

// shownGroup is a group as one command has it.
type shownGroup struct {
	title string
	flags []*pflag.Flag
}
