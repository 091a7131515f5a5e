package cli

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine/native"
	"github.com/vlmchat/vlmchat/models"
	"github.com/vlmchat/vlmchat/runtimes"
	"github.com/vlmchat/vlmchat/sessions"
	"github.com/vlmchat/vlmchat/termtext"
)

// argumentCompleters complete the arguments of commands, by what these are called.
func (a *app) argumentCompleters() map[string]completer {
	return map[string]completer{
		"vlmchat":         a.completeAsked,
		"show":            completePictures,
		"batch":           completePictures,
		"classify":        completePictures,
		"caption":         completePictures,
		"ask":             completePictures,
		"ground":          completePictures,
		"index":           folders,
		"index rm":        folders,
		"search":          cobra.NoFileCompletions,
		"eval diff":       anyFile,
		"models show":     a.completeShown,
		"models pull":     first(a.completePull),
		"models rm":       a.completeOwn,
		"models check":    a.completeModel,
		"models import":   first(filesOf("gguf")),
		"prompts show":    first(completePrompt),
		"prompts edit":    first(completePrompt),
		"prompts new":     cobra.NoFileCompletions,
		"prompts rm":      completePrompt,
		"prompts check":   filesOf("md"),
		"sessions show":   first(a.completeSession),
		"sessions rename": first(a.completeSession),
		"sessions rm":     a.completeSession,
		"sessions tag":    first(a.completeSession),
		"sessions rerun":  first(a.completeSession),
		"sessions export": a.completeExport,
		"sessions import": anyFile,
		"stop":            completeLoaded,
		"runtime use":     first(completeRuntime),
		"runtime remove":  first(completeRuntime),
		"config get":      first(completeSetting),
		"config unset":    first(completeSetting),
		"config set":      a.completeSet,
		"man":             completeCommand,
		"help":            completeCommand,
	}
}

// flagCompleters complete the values of flags, by their names.
func (a *app) flagCompleters() map[string]completer {
	all := map[string]completer{
		config.Profile:     completeProfile,
		config.Model:       a.completeModel,
		config.MMProj:      filesOf("gguf"),
		config.Encoder:     completeEncoder,
		config.LoRA:        filesOf("gguf"),
		config.Runtime:     completeRuntime,
		config.SessionsDir: folders,
		config.Data:        folders,
		"template":         completeTemplate,
		"labels":           anyFile,
		"field":            completeField,
		"schema":           filesOf("json"),
		"grammar":          filesOf("gbnf"),
		"messages":         filesOf("json"),
		"resume":           a.completeSession,
		"tag":              cobra.NoFileCompletions,
		"prompt":           cobra.NoFileCompletions,
		"output":           anyFile,
		"data":             anyFile,
		"images":           folders,
		"questions":        filesOf("json"),
		"predictions":      anyFile,
		"augment":          some("crop", "flip", "jitter", "all"),
		"shot-data":        anyFile,
		"shot-images":      folders,
		"meteor":           folders,
		"spice":            anyFile,
		"shot":             anyFile,
		"dir":              folders,
		"in":               folders,
		"index":            completeIndex,
		"image":            completePictures,
		"texts":            anyFile,
		"tiles":            some("2x2", "3x3", "2x1", "1x2"),
		"crop":             cobra.NoFileCompletions,
		"style":            some("short", "detailed", "alt"),
		"form":             some("auto", "instruct", "blip2", "plain"),
		"choices":          anyFile,
		"answer":           cobra.NoFileCompletions,
		"max-characters":   cobra.NoFileCompletions,
		"format":           some("md", "html", "json", "openai"),
		"source":           some("auto", "github", "pypi"),
		config.LogFile:     anyFile,
	}
	for _, s := range config.Settings {
		switch {
		case all[s.Name] != nil || s.Switch():
		case s.Choices() != nil:
			all[s.Name] = some(s.Choices()...)
		default:
			all[s.Name] = cobra.NoFileCompletions
		}
	}
	return all
}

// pictureEndings are those of the names of files that may be pictures.
func pictureEndings() []string {
	endings := []string{"pdf", "ico", "mp4", "mov", "m4v", "mkv", "webm", "avi"}
	for _, format := range slices.Sorted(maps.Keys(viewable)) {
		for _, ending := range viewable[format] {
			endings = append(endings, strings.TrimPrefix(ending, "."))
		}
	}
	return endings
}

// completePictures completes to files that may be pictures, and to folders.
func completePictures(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	return filesOf(pictureEndings()...)(cmd, args, word)
}

// besideCommands are the pictures here whose names begin with a word that could begin a
// command, too. Shells take a list of names, or endings to look for, and not both.
func besideCommands(word string) []string {
	entries, _ := os.ReadDir(".") // what can't be read has nothing to offer
	var names []string
	for _, entry := range entries {
		ending := strings.TrimPrefix(strings.ToLower(filepath.Ext(entry.Name())), ".")
		if strings.HasPrefix(entry.Name(), word) && !strings.HasPrefix(entry.Name(), ".") && slices.Contains(pictureEndings(), ending) {
			names = append(names, entry.Name())
		}
	}
	return names
}

// completeAsked completes the arguments of a question: pictures, but behind a --resume that
// does not say which the conversation.
func (a *app) completeAsked(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	if f := cmd.Flags().Lookup("resume"); f != nil && f.Changed && f.Value.String() == unnamed && len(args) == 0 {
		return a.completeSession(cmd, args, word)
	}
	couldBe := func(sub *cobra.Command) bool { return sub.IsAvailableCommand() && strings.HasPrefix(sub.Name(), word) }
	if len(args) == 0 && slices.ContainsFunc(cmd.Commands(), couldBe) {
		return besideCommands(word), nothingElse
	}
	return completePictures(cmd, args, word)
}

// completeModel completes to what models are called, of which no server is asked, and to files.
func (a *app) completeModel(cmd *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
	var names []string
	backend := settingsOf(cmd).String(config.Backend)
	for _, name := range models.Names() {
		ollamas, of := strings.CutPrefix(name, models.OllamaPrefix)
		switch {
		case backend == "native":
			names = append(names, name)
		case backend == "ollama" && of:
			names = append(names, ollamas)
		}
	}
	if backend == "native" && len(withPrefix(names, word)) == 0 {
		return filesOf("gguf")(cmd, nil, word)
	}
	return names, nothingElse
}

// completeShown names a model or an encoder, and then pictures.
func (a *app) completeShown(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return completePictures(cmd, args, word)
	}
	return a.completeOwn(cmd, args, word)
}

// completeOwn names models, and the encoders that are on this machine.
func (a *app) completeOwn(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	names, directive := a.completeModel(cmd, args, word)
	if settingsOf(cmd).String(config.Backend) != "native" {
		return names, directive
	}
	encoders := withPrefix(models.EncoderNames()[1:], word)
	if len(encoders) > 0 && directive != nothingElse {
		return encoders, nothingElse // no model begins so
	}
	return append(names, encoders...), directive
}

// completePull names what can be fetched: the models of the curated list; of a server nothing
// is known before it is asked.
func (a *app) completePull(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	if settingsOf(cmd).String(config.Backend) != "native" {
		return a.completeModel(cmd, args, word)
	}
	return curatedNames(), nothingElse
}

// completeEncoder names encoders, or folders where none begins so.
func completeEncoder(_ *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
	if names := withPrefix(models.EncoderNames(), word); len(names) > 0 {
		return names, nothingElse
	}
	return nil, cobra.ShellCompDirectiveDefault
}

func withPrefix(names []string, word string) []string {
	var matching []string
	for _, name := range names {
		if strings.HasPrefix(name, word) {
			matching = append(matching, name)
		}
	}
	return matching
}

func completePrompt(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var all []string
	for _, t := range library().Templates {
		all = append(all, described(t.Name, t.Description))
	}
	return all, nothingElse
}

// completeTemplate completes what -t means: to 'vlmchat classify' a sentence of one's own.
func completeTemplate(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	if cmd.Name() == "classify" {
		return nil, nothingElse
	}
	return completePrompt(cmd, args, word)
}

// described is a completion with some words about it.
func described(word, about string) string {
	return cobra.CompletionWithDesc(word, strings.ReplaceAll(termtext.Line(about), "\t", " "))
}

// completeField completes the fields of the prompt that the line names, and then their choices.
func completeField(cmd *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
	flag := cmd.Flags().Lookup("template")
	if flag == nil {
		return nil, nothingElse
	}
	t, err := library().Find(flag.Value.String())
	if err != nil {
		return nil, nothingElse
	}
	name, _, chosen := strings.Cut(word, "=")
	var all []string
	for _, f := range t.Fields {
		switch {
		case !chosen:
			all = append(all, described(f.Name+"=", f.About))
		case f.Name == name:
			for _, choice := range f.Choices {
				all = append(all, name+"="+choice)
			}
		}
	}
	if !chosen {
		return all, nothingElse | cobra.ShellCompDirectiveNoSpace
	}
	return all, nothingElse
}

func completeProfile(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	profiles, _ := config.Profiles() // of a file that can't be read there are none
	var all []string
	for _, p := range profiles {
		all = append(all, described(p.Name, p.String()))
	}
	return all, nothingElse
}

// mostSessions is how many conversations are offered, the newest first.
const mostSessions = 100

// completeSession completes to the IDs of conversations, with their titles.
func (a *app) completeSession(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	known := app{config: settingsOf(cmd)}
	dir, err := known.sessionsDir()
	if err != nil {
		return nil, nothingElse
	}
	s, err := sessions.OpenAsItIs(dir)
	if err != nil {
		return nil, nothingElse // there are none, or they need more than a look
	}
	defer s.Close()
	list, _ := s.List(context.Background())
	var all []string
	for _, one := range list[:min(len(list), mostSessions)] {
		all = append(all, described(one.ID, one.Title))
	}
	return all, nothingElse | cobra.ShellCompDirectiveKeepOrder
}

// completeExport completes a conversation, and then the file that it goes to.
func (a *app) completeExport(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return a.completeSession(cmd, args, word)
	}
	return anyFile(cmd, args, word)
}

// completeLoaded completes to the models that are loaded.
func completeLoaded(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	workers, _ := native.Workers(cmd.Context())
	var all []string
	for _, w := range workers {
		if w.Model != "" {
			all = append(all, w.Model)
		}
	}
	return all, nothingElse
}

func completeRuntime(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	settingsOf(cmd)
	names := runtimes.InstalledNames()
	if len(withPrefix(names, word)) == 0 {
		return folders(cmd, args, word)
	}
	return names, nothingElse
}

func completeSetting(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var all []string
	for _, s := range config.Settings {
		all = append(all, described(s.Name, s.Usage))
	}
	return all, nothingElse
}

// completeSet completes a setting, and then its value.
func (a *app) completeSet(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return completeSetting(cmd, args, word)
	}
	s, ok := config.Find(args[0])
	if !ok || len(args) > 1 && !s.List() {
		return nil, nothingElse
	}
	if s.Switch() {
		return s.Choices(), nothingElse
	}
	if complete := a.flagCompleters()[s.Name]; complete != nil {
		return complete(cmd, args, word)
	}
	return nil, nothingElse
}

// completeCommand completes the commands below those that are named.
func completeCommand(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	above, rest, err := cmd.Root().Find(args)
	if err != nil || len(rest) > 0 {
		return nil, nothingElse
	}
	var all []string
	for _, sub := range above.Commands() {
		if sub.IsAvailableCommand() {
			all = append(all, described(sub.Name(), sub.Short))
		}
	}
	return all, nothingElse
}

// completeIndex completes to the names of indexes.
func completeIndex(_ *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
	dir, err := indexesDir()
	if err != nil || strings.ContainsAny(word, `/`+string(filepath.Separator)) {
		return nil, cobra.ShellCompDirectiveFilterDirs
	}
	entries, _ := os.ReadDir(dir) // what can't be read has nothing to offer
	var names []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), word) {
			names = append(names, e.Name())
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
