package cli

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/vlmchat/vlmchat/config"
)

// flagHints say what to do in place of other programs' flags, which have no like here or
// would mean something else.
var flagHints = map[string]string{
	"format":          "--json prints the answer with its usage as JSON, and --schema FILE holds the answer itself to JSON",
	"role":            "-t asks a prompt of the library, and -s gives a system message",
	"session":         "-c goes on with the last conversation, and --resume with another",
	"no-stream":       "an answer is printed as it comes; --json prints it at once",
	"code":            "-x prints the code of an answer alone",
	"key":             "a key on the command line is seen by all; --key-env, --key-command and --key-keyring say where it is",
	"attachment-type": "what a file is, its content tells; -a takes it",
	"at":              "what a file is, its content tells; -a takes it",
	"image":           "a picture is named without a flag",
	"i":               "a picture is named without a flag",
	"r":               "-t asks a prompt of the library, and -s gives a system message",
	"S":               "an answer is printed as it comes; --json prints it at once",
	"n":               "--no-save keeps nothing",
	"list-models":     "'vlmchat models list' lists them",
	"option":          "options of models are flags of their own, such as --temperature",
}

// flagError says what is wrong with a flag, or that it may be meant as a file.
func flagError(cmd *cobra.Command, err error) error {
	if wrong, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		return usagef("%q is no value for --%s: %w", wrong.GetValue(), wrong.GetFlag().Name, noValue(wrong.GetFlag(), errors.Unwrap(wrong)))
	}
	unknown, ok := errors.AsType[*pflag.NotExistError](err)
	if !ok {
		return usageError{err}
	}
	name := "--" + unknown.GetSpecifiedName()
	letters := unknown.GetSpecifiedShortnames()
	if letters != "" {
		name = "-" + letters
	}
	if _, missing := os.Lstat(name); missing == nil {
		return isFileNoFlag(name)
	}
	if hint := flagHints[unknown.GetSpecifiedName()]; hint != "" {
		return usagef("there is no flag %s here: %s", name, hint)
	}
	if letters != "" {
		return usageError{err}
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	if near := config.NearestOf(unknown.GetSpecifiedName(), names); near != "" {
		return usagef("there is no flag %s; there is --%s", name, near)
	}
	return usagef("there is no flag %s; '%s --help' has those that there are", name, cmd.CommandPath())
}

// dashedFile refuses an argument that names a file whose name begins with a dash, as a pattern
// such as *.png may have it: it would be read as flags, and "-photo.png" as the prompt "hoto.png".
func dashedFile(args []string) error {
	for i, arg := range args {
		switch {
		case arg == "--":
			return nil
		case len(arg) < 3 || arg[0] != '-' || arg[1] == '-' || filepath.Ext(arg) == "":
		case i > 0 && strings.HasPrefix(args[i-1], "-"): // it may be the value of a flag
		case isRegular(arg):
			return isFileNoFlag(arg)
		}
	}
	return nil
}

func isFileNoFlag(name string) error {
	return usagef("%s is no flag; for the file of this name write %s", name, "."+string(filepath.Separator)+name)
}

func isRegular(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode().IsRegular()
}

// commandHints say what to do in place of other programs' commands.
var commandHints = map[string]string{
	"chat":      "without a command vlmchat opens the chat",
	"run":       "without a command vlmchat opens the chat; -m names the model, and -p asks a question",
	"serve":     "no server is needed; for llama.cpp's own, --backend openai and --base-url say where it is",
	"list":      "'vlmchat models list' lists models",
	"ls":        "'vlmchat models list' lists models",
	"pull":      "'vlmchat models pull' fetches a model of Ollama's",
	"logs":      "'vlmchat sessions list' lists what was said",
	"templates": "'vlmchat prompts list' lists the prompts that -t asks",
	"keys":      "--key-env, --key-command and --key-keyring say where the key of a server is",
}

// noCommand tells who has written a command that is none: it would be a picture, of which it
// is only known that there is no such file.
func noCommand(root *cobra.Command, args []string) error {
	if len(args) == 0 || strings.Trim(args[0], "abcdefghijklmnopqrstuvwxyz-") != "" {
		return nil
	}
	word := args[0]
	if _, err := os.Lstat(word); err == nil || word == "-" {
		return nil
	}
	hint := commandHints[word]
	if t, err := library().Find(word); hint == "" && err == nil && t.Name == word {
		hint = "'vlmchat -t " + t.Name + "' asks the prompt of this name"
	}
	if hint == "" {
		var names []string
		for _, sub := range root.Commands() {
			names = append(names, sub.Name())
		}
		near := config.NearestOf(word, names)
		if near == "" {
			return nil
		}
		hint = "there is " + near
	}
	return usagef("%s is neither a command nor a picture: %s", word, hint)
}
