package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vlmchat/vlmchat/prompts"
)

func promptsNewCommand(a *app) *cobra.Command {
	var from string
	cmd := &cobra.Command{
		Use:   "new NAME [TEXT]",
		Short: "Make a prompt of your own",
		Long: "New makes a prompt of a text, or of what is on standard input (-): of a whole template, or of\n" +
			"what is to be asked alone. Without either it opens an editor ($VISUAL, $EDITOR), with all that\n" +
			"a prompt may have as comments.",
		Example: `  vlmchat prompts new plant "Which plant is this?"
  vlmchat prompts new sort "Is this a {{one}} or a {{other}}?"
  vlmchat prompts new invoice --from receipt`,
		Args: someArguments("a name for the prompt, and its text or none"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.newPrompt(cmd, args[0], strings.Join(args[1:], " "), from)
		},
	}
	cmd.Flags().StringVar(&from, "from", "", "begin with a copy of this prompt, or with its header if there is a TEXT")
	return cmd
}

// ownPrompt is the file of the person's own prompt of that name, and whether it is there.
func ownPrompt(name string) (file string, there bool, err error) {
	if !prompts.ValidName(name) {
		return "", false, usagef("%q can't be the name of a prompt: small letters, digits, - and _ make one", name)
	}
	dir, err := promptsDir()
	if err != nil {
		return "", false, err
	}
	file = filepath.Join(dir, name+".md")
	_, err = os.Stat(file)
	return file, err == nil, ignore(err, fs.ErrNotExist)
}

// ignore returns an error unless it is one that is expected.
func ignore(err, expected error) error {
	if errors.Is(err, expected) {
		return nil
	}
	return err
}

func (a *app) newPrompt(cmd *cobra.Command, name, text, from string) error {
	file, there, err := ownPrompt(name)
	switch {
	case err != nil:
		return err
	case there:
		return usagef("there is a prompt %s of yours already, %s; 'vlmchat prompts edit %s' changes it", name, file, name)
	}
	source := ""
	if from != "" {
		t, err := a.findPrompt(from)
		if err != nil {
			return err
		}
		source = t.Source
	}
	edits := text == "" && isTerminal(a.stdin)
	if text == "-" || text == "" && from == "" && !edits {
		read, err := readUntil(cmd.Context(), a.stdin, prompts.MaxBytes+1)
		if err != nil {
			return fmt.Errorf("reading the prompt from standard input: %w", err)
		}
		if text = string(read); strings.TrimSpace(text) == "" {
			return usagef("there is no text for the prompt %s: write it behind the name, or put it on standard input", name)
		}
	}
	begun := []byte(prompts.New(text, source))
	if edits {
		changed, err := a.edit(cmd.Context(), file, begun, checkDraft(file))
		switch {
		case err != nil:
			return err
		case changed:
			return a.madePrompt(name, file)
		case from == "": // what is left as it began says nothing
			fmt.Fprintln(a.stderr, "Nothing was written, and no prompt made.")
			return nil
		}
	}
	if err := checkDraft(file)(begun); err != nil {
		return usageError{err}
	}
	if err := a.accept(file, nil, begun); err != nil {
		return err
	}
	return a.madePrompt(name, file)
}

// checkDraft tells what is wrong with the text of a prompt that is to be in a file.
func checkDraft(file string) func(text []byte) error {
	return func(text []byte) error {
		wrong, _ := prompts.Check(file, text)
		return errors.Join(wrong...)
	}
}

// madePrompt says where a prompt is.
func (a *app) madePrompt(name, file string) error {
	instead := ""
	if builtIn(name) != nil {
		instead = ", in place of the built-in one"
	}
	_, err := fmt.Fprintf(a.stdout, "%s is in %s%s\n", name, file, instead)
	return unread(err)
}

func promptsEditCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "edit NAME",
		Short: "Change a prompt in your editor",
		Long: "Edit opens a prompt in $VISUAL or $EDITOR, and takes what was written if it can be read as\n" +
			"one. Of a built-in one it makes a copy, which is yours and takes its place.",
		Example: "  vlmchat prompts edit caption",
		Args:    oneArgument("the name of a prompt"),
		RunE:    func(cmd *cobra.Command, args []string) error { return a.editPrompt(cmd, args[0]) },
	}
}

func (a *app) editPrompt(cmd *cobra.Command, name string) error {
	name, err := a.promptNamed(name)
	if err != nil {
		return err
	}
	file, there, err := ownPrompt(name)
	if err != nil {
		return err
	}
	var text []byte
	if there {
		if text, err = prompts.Read(file); err != nil {
			return err
		}
	} else {
		fmt.Fprintf(a.stderr, "%s is built in: what you make of it will be yours.\n", name)
		text = []byte(builtIn(name).Source)
	}
	changed, err := a.edit(cmd.Context(), file, text, checkDraft(file))
	switch {
	case err != nil:
		return err
	case changed:
		return a.madePrompt(name, file)
	}
	fmt.Fprintln(a.stderr, "Nothing was changed.")
	return nil
}

// promptNamed is the whole name of the prompt that is meant: also of one of the person's own
// that can't be read, which wants to be edited or removed most.
func (a *app) promptNamed(name string) (string, error) {
	if _, there, err := ownPrompt(name); err == nil && there {
		return name, nil
	}
	t, err := a.findPrompt(name)
	if err != nil {
		return "", err
	}
	return t.Name, nil
}

func promptsRemoveCommand(a *app) *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:     "rm NAME...",
		Short:   "Remove prompts of your own; a built-in one of the same name is back then",
		Example: "  vlmchat prompts rm --yes mine    without being asked",
		Args:    someArguments("names of prompts"),
		RunE:    func(_ *cobra.Command, args []string) error { return a.removePrompts(args, yes) },
	}
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "don't ask")
	return cmd
}

// removePrompts removes the files of prompts when the person has said so. Names have to be
// whole: what is removed is gone.
func (a *app) removePrompts(names []string, yes bool) error {
	var files []string
	for _, name := range names {
		file, there, err := ownPrompt(name)
		switch {
		case err != nil:
			return err
		case !there && builtIn(name) != nil:
			return usagef("%s is built in and can't be removed; to hide it, make one of the same name that says so: printf '+++\\nhidden = true\\n+++\\n' | vlmchat prompts new %s", name, name)
		case !there:
			return usagef("there is no prompt %s of yours; 'vlmchat prompts list' lists them", name)
		}
		files = append(files, file)
	}
	if !yes {
		for _, file := range files {
			fmt.Fprintln(a.stderr, file)
		}
	}
	if may, err := a.mayRemove("prompts rm", "Remove for good?", yes); !may {
		return err
	}
	for i, file := range files {
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s can't be removed: %w", names[i], err)
		}
		if builtIn(names[i]) != nil {
			fmt.Fprintf(a.stdout, "The built-in %s is back.\n", names[i])
		}
	}
	return nil
}
