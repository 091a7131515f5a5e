package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/native"
	"github.com/vlmchat/vlmchat/models"
	"github.com/vlmchat/vlmchat/models/hub"
	"github.com/vlmchat/vlmchat/termtext"
)

func modelsRemoveCommand(a *app) *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "rm NAME...",
		Short: "Remove models of the data directory or of Hugging Face's cache",
		Long: "Rm removes models and encoders as 'vlmchat models list' names them: those in the data\n" +
			"directory, and those that were fetched from Hugging Face, of which contents stay that\n" +
			"another one has, too. It says what goes, and asks. A model that is loaded stays until\n" +
			"'vlmchat stop'. Ollama's are for 'ollama rm', and files elsewhere for the system's rm.",
		Args: someArguments("models"),
		RunE: func(cmd *cobra.Command, args []string) error { return a.removeModels(cmd.Context(), args, yes) },
	}
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "don't ask")
	return cmd
}

// removable is a model that can be removed.
type removable struct {
	name   string
	files  []string
	size   int64 // at most what is freed
	shared bool  // some of it may be another's, too
	do     func() (freed int64, err error)
}

func (a *app) removeModels(ctx context.Context, named []string, yes bool) error {
	var all []removable
	for _, name := range named {
		r, err := findRemovable(name)
		if err != nil {
			return err
		}
		if err := notLoaded(ctx, r); err != nil {
			return err
		}
		if slices.ContainsFunc(all, func(other removable) bool { return other.name == r.name }) {
			continue
		}
		all = append(all, r)
	}
	for _, r := range all {
		freed := size(uint64(r.size)) + " are freed"
		if r.shared {
			freed = "at most " + freed
		}
		fmt.Fprintf(a.stderr, "%s: %s, %s\n", termtext.Line(r.name), counted(len(r.files), "file"), freed)
		for _, file := range r.files {
			fmt.Fprintf(a.stderr, "  %s\n", termtext.Line(file))
		}
	}
	if may, err := a.mayRemove("models rm", "Remove for good?", yes); !may {
		return err
	}
	for _, r := range all {
		freed, err := r.do()
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(a.stdout, "Removed %s: %s are free again\n", termtext.Line(r.name), size(uint64(freed))); err != nil {
			return unread(err)
		}
	}
	return nil
}

// findRemovable tells what goes with a model, or why it stays.
func findRemovable(name string) (removable, error) {
	switch {
	case name == models.DemoName || name == models.DemoEncoderName:
		return removable{}, &engine.Error{Kind: engine.BadOption, Message: name + " is built into vlmchat, and can't be removed"}
	case strings.HasPrefix(name, models.OllamaPrefix):
		return removable{}, &engine.Error{
			Kind:    engine.BadOption,
			Message: name + " is Ollama's, and vlmchat removes nothing of it",
			Hint:    fmt.Sprintf("ollama rm %s removes it", strings.TrimPrefix(name, models.OllamaPrefix)),
		}
	}
	r, err := models.PlanRemoval(name)
	if err == nil {
		return removable{name: name, files: r.Files, size: r.Freed, do: func() (int64, error) { return r.Freed, r.Do() }}, nil
	}
	if engine.KindOf(err) != engine.ModelNotFound {
		return removable{}, err
	}
	if path, statErr := filepath.Abs(name); statErr == nil {
		if _, statErr = os.Stat(path); statErr == nil {
			return removable{}, &engine.Error{
				Kind:    engine.BadOption,
				Message: path + " is neither in the data directory nor in Hugging Face's cache: it is yours to remove",
				Hint:    "name models as 'vlmchat models list' does; the system's rm removes files",
			}
		}
	}
	if f, hubErr := models.FindFetchable(name); hubErr == nil {
		return removableFromHub(f)
	}
	return removable{}, err
}

// removableFromHub is what goes of Hugging Face's cache: a model that is whole, one of which a
// part has come, or an encoder.
func removableFromHub(f models.Fetchable) (removable, error) {
	cached, err := hub.ListCached()
	if err != nil {
		return removable{}, err
	}
	r := removable{name: f.Hub.String(), shared: true}
	names := []hub.Name{}
	for _, c := range cached {
		if c.Name.Repo != f.Hub.Repo || f.Hub.Variant != "" && !strings.EqualFold(c.Name.Variant, f.Hub.Variant) || f.Hub.Revision != "" && c.Name.Revision != f.Hub.Revision {
			continue
		}
		names = append(names, c.Name)
		for _, file := range c.Files {
			if fi, err := os.Stat(file); err == nil && !slices.Contains(r.files, file) {
				r.files = append(r.files, file)
				r.size += fi.Size()
			}
		}
	}
	r.do = func() (freed int64, err error) {
		if len(names) == 0 {
			return hub.Remove(f.Hub)
		}
		for _, name := range names {
			n, err := hub.Remove(name)
			if freed += n; err != nil {
				return freed, err
			}
		}
		return freed, nil
	}
	if len(names) > 0 {
		return r, nil
	}
	if c, err := hub.FindCached(f.Hub); err == nil {
		r.files, r.size = c.Files, c.Size
		return r, nil
	}
	e, err := models.FindEncoder(f.Hub.Repo)
	if err != nil || e.Folder == "" || f.Hub.Variant != "" {
		return removable{}, &engine.Error{Kind: engine.ModelNotFound, Message: fmt.Sprintf("%s is not here", f.Hub), Hint: "'vlmchat models list' names what there is"}
	}
	if r.files, err = filesOfFolder(e.Folder); err != nil {
		return removable{}, err
	}
	for _, file := range r.files {
		if fi, err := os.Stat(file); err == nil {
			r.size += fi.Size()
		}
	}
	return r, nil
}

// notLoaded refuses to remove a model that a worker has loaded.
func notLoaded(ctx context.Context, r removable) error {
	workers, err := native.Workers(ctx)
	if err != nil {
		return err
	}
	for _, w := range workers {
		if w.Path != "" && slices.ContainsFunc(r.files, func(file string) bool { return sameFile(file, w.Path) }) {
			return &engine.Error{
				Kind:    engine.BadOption,
				Message: fmt.Sprintf("%s is loaded: the worker %d has it", r.name, w.PID),
				Hint:    fmt.Sprintf("unload it first: vlmchat stop %q", w.Model),
			}
		}
	}
	return nil
}

func sameFile(a, b string) bool {
	if a == b {
		return true
	}
	first, err := os.Stat(a)
	if err != nil {
		return false
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second)
}
