package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vlmchat/vlmchat/prompts"
	"github.com/vlmchat/vlmchat/tasks"
	"github.com/vlmchat/vlmchat/termtext"
)

func promptsCheckCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "check [NAME|FILE...]",
		Short: "Tell what is wrong with prompts, yours or those named, with its lines",
		Long: "Check reads prompts, and the pictures of their examples, and prints what is wrong with them,\n" +
			"a line for each thing. The exit code is 1 then.",
		Example: `  vlmchat prompts check
  vlmchat prompts check receipt`,
		RunE: func(cmd *cobra.Command, args []string) error { return a.checkPrompts(cmd.Context(), args) },
	}
}

// checkPrompts checks all of the person's own prompts, or those that are named.
func (a *app) checkPrompts(ctx context.Context, named []string) error {
	if err := a.setUpLoader(); err != nil {
		return err
	}
	files, err := a.promptFiles(named)
	if err != nil {
		return err
	}
	troubles := 0
	for _, file := range files {
		wrong := a.checkPrompt(ctx, file)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		troubles += len(wrong)
		for _, one := range wrong {
			if _, err := fmt.Fprintln(a.stdout, termtext.Line(one.Error())); err != nil {
				return unread(err)
			}
		}
	}
	if troubles > 0 {
		return errUnwell
	}
	_, err = fmt.Fprintf(a.stdout, "%s checked: nothing is wrong.\n", counted(len(files), "prompt"))
	return unread(err)
}

// promptFiles are the files of prompts that are named, by their names or as files; all of
// the person's own if none is. One that is built in is its bare name.
func (a *app) promptFiles(named []string) ([]string, error) {
	if len(named) == 0 {
		dir, err := promptsDir()
		if err != nil {
			return nil, err
		}
		return prompts.Files(dir)
	}
	var files []string
	for _, name := range named {
		if strings.ContainsRune(name, filepath.Separator) || strings.EqualFold(filepath.Ext(name), ".md") {
			files = append(files, name)
			continue
		}
		name, err := a.promptNamed(name)
		if err != nil {
			return nil, err
		}
		file, there, err := ownPrompt(name)
		switch {
		case err != nil:
			return nil, err
		case !there:
			file = name
		}
		files = append(files, file)
	}
	return files, nil
}

// checkPrompt is what is wrong with the prompt in a file.
func (a *app) checkPrompt(ctx context.Context, file string) []error {
	var data []byte
	if t := builtIn(file); t != nil {
		data = []byte(t.Source)
	} else {
		var err error
		if data, err = prompts.Read(file); errors.Is(err, fs.ErrNotExist) {
			return []error{&prompts.Error{File: file, Detail: "there is no such file", Err: err}}
		} else if err != nil {
			return []error{err}
		}
	}
	wrong, odd := prompts.Check(file, data)
	if len(wrong) > 0 {
		return wrong
	}
	t, err := prompts.Parse(file, data)
	if err != nil {
		return []error{err}
	}
	t.File = file
	return slices.Concat(odd, tasks.CheckExamples(ctx, t, a.loader.Load))
}
