package cli

import (
	"github.com/spf13/cobra"

	"github.com/vlmchat/vlmchat/config"
)

func rootCommand(a *app) *cobra.Command {
	var flags askFlags
	cmd := &cobra.Command{
		Use:   "vlmchat [PICTURE...]",
		Short: "Talk about pictures in the terminal",
		Long: `vlmchat opens a chat that has seen the pictures. With -p, or with a prompt on
standard input, it prints the answer to one question and nothing else.

A picture is a path, a pattern such as 'photos/*.jpg', a web address, or - for
standard input. Behind a # stand the pages or frames that are meant, doc.pdf#2-4,
or a moment, clip.mp4#t=12s.`,
		Example: `  vlmchat photo.jpg                              talk about a photo
  vlmchat -p "Describe this image." photo.jpg    print one answer
  vlmchat -p "What changed?" before.png after.png
  vlmchat -p "What is this about?" scan.pdf#1-3
  vlmchat -t alt-text --each *.jpg               the same of each picture
  vlmchat -t receipt -o total.json receipt.jpg   write the answer to a file
  vlmchat -b ollama -m llava photo.jpg           ask a model of Ollama's
  vlmchat -c                                     go on with the last conversation
  vlmchat -c -p "And the tail?"                  ask one question more in it`,
		Version:       version(),
		Args:          cobra.ArbitraryArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			if isCompletion(cmd) {
				return nil // whatever is wrong, a line is not the place to say it
			}
			return a.configure(cmd)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			flags.hasPrompt = cmd.Flags().Changed("prompt")
			flags.resume.named = cmd.Flags().Changed("resume")
			if err := noCommand(cmd, args); err != nil && !flags.resume.named { // its words stand among the pictures
				return err
			}
			args = append(args, a.attached...)
			if a.wantsChat(flags, args) {
				return a.chat(cmd.Context(), args, flags)
			}
			return a.ask(cmd.Context(), flags, args)
		},
	}
	cmd.SetVersionTemplate("vlmchat {{.Version}}\n")
	cmd.SetFlagErrorFunc(flagError)
	f := cmd.Flags()
	flags.add(f)
	a.regions.add(f)
	flags.addOutput(f)
	addSettings(f)
	addSettings(cmd.PersistentFlags(), ofEveryCommand...)
	a.addHabits(f)
	f.SortFlags = false
	cmd.SetUsageFunc(usage)
	help := helpCommand()
	cmd.SetHelpCommand(help)
	cmd.AddCommand(help, showCommand(a), runtimeCommand(a), devicesCommand(a), psCommand(a), stopCommand(a), cacheCommand(a), doctorCommand(a), modelsCommand(a), sessionsCommand(a), promptsCommand(a), batchCommand(a), classifyCommand(a), captionCommand(a), vqaCommand(a), groundCommand(a), indexCommand(a), searchCommand(a), evalCommand(a), configCommand(a), completionCommand(a), manCommand(a), versionCommand(a))
	return cmd
}

// wantsChat tells a person at a terminal from a script.
func (a *app) wantsChat(flags askFlags, pictures []string) bool {
	if flags.scripted(a.given) {
		return false
	}
	for _, p := range pictures {
		if p == "-" {
			return false
		}
	}
	if plain, given := a.flags(config.Plain); given && plain == "true" {
		return true // whoever asks for it by name may hold it by a program
	}
	return isTerminal(a.stdin) && isTerminal(a.stdout)
}
