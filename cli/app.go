// Package cli is vlmchat's command line. It reads the configuration, opens the engine that was
// asked for and hands it to the chat (ui) or to a script's output. A command is in the file of
// its name, and what belongs to it alone in files that begin so: batch.go, batchprogress.go.
package cli

import (
	"context"

	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine/native"
	"github.com/vlmchat/vlmchat/images"
)

// app is what every command shares.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	config         config.Config
	flags          func(name string) (string, bool) // those that were given, by their names
	given          []string                         // the names of the flags on the command line: others are there by their variables
	secrets        *secrets                         // that were got for servers
	inChat         bool                             // a chat has the terminal
	loader         *images.Loader                   // of all pictures
	regions        regionFlags                      // of those that are named by arguments
	logFile        *logFile                         // nil for none
	aside          *aside                           // hears what is done, nil if nobody wants to
	attached       []string                         // pictures that are named by flags, as other programs have them
	broken         error                            // why the configuration can't be read, for the commands that mend it
}

// Main runs the command line and returns the process's exit code. It is 0 when
// the question was answered, 1 for a failure, 2 for wrong usage, 3 for a picture
// that can't be used, 4 for an engine, model or runtime that can't be used, and
// 130 when it was interrupted.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	if len(args) == 1 && args[0] == native.WorkerCommand {
		return native.WorkerMain(stdin)
	}
	if len(args) == 2 && args[0] == images.DecoderCommand {
		return decoderMain(args[1], stdin, stdout)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	context.AfterFunc(ctx, func() { // the second signal ends the process at once
		stop()
		signal.Stop(interrupts)
	})
	code := run(ctx, args, stdin, stdout, stderr)
	if len(interrupts) > 0 && code == exitInterrupted {
		endInterrupted()
	}
	return code
}

// run runs the command line until ctx ends.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	a := &app{stdin: stdin, stdout: stdout, stderr: stderr, secrets: &secrets{}, loader: &images.Loader{Stdin: stdin}}
	if self, err := os.Executable(); err == nil {
		a.loader.Decoder = []string{self, images.DecoderCommand, compiledDir()}
	}
	defer a.loader.Close()
	root := rootCommand(a)
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	var err error
	if len(args) > 0 && (args[0] == cobra.ShellCompRequestCmd || args[0] == cobra.ShellCompNoDescRequestCmd) {
		a.completions(root)
	} else {
		err = dashedFile(args)
	}
	if err == nil {
		err = root.ExecuteContext(ctx)
	}
	if err != nil {
		code := a.report(ctx, err)
		a.endLog(code, err)
		return code
	}
	a.endLog(exitOK, nil)
	return exitOK
}

// ofEveryCommand are the settings whose flags all commands have.
var ofEveryCommand = []string{config.Data, config.Verbose, config.LogFile}

// addSettings declares the flags of the settings named, or of all but those which every
// command has. Their defaults are config's business: a flag that is not given says nothing.
func addSettings(flags *pflag.FlagSet, names ...string) {
	for _, s := range config.Settings {
		if len(names) > 0 && !slices.Contains(names, s.Name) || len(names) == 0 && slices.Contains(ofEveryCommand, s.Name) {
			continue
		}
		if s.Switch() {
			flags.BoolP(s.Name, s.Short, false, s.Usage)
			continue
		}
		usage := s.Usage
		if s.Default != "" {
			usage += fmt.Sprintf(" (default %s)", s.Default)
		}
		if s.List() {
			flags.StringArrayP(s.Name, s.Short, nil, usage)
			continue
		}
		flags.StringP(s.Name, s.Short, "", usage)
	}
}

// addSettingsBut declares the flags of all settings but those named.
func addSettingsBut(flags *pflag.FlagSet, names ...string) {
	addSettings(flags, namesOf(config.Settings, slices.Concat(names, ofEveryCommand)...)...)
}

// noArguments refuses arguments, unknown subcommands among them.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return usagef("%s takes no argument %q; see %s --help", command(cmd), args[0], cmd.CommandPath())
}

// oneArgument wants exactly one argument.
func oneArgument(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == 1 {
			return nil
		}
		return usagef("%s takes one argument, %s; see %s --help", command(cmd), what, cmd.CommandPath())
	}
}

// command is what cmd is called behind the program's name, with which messages
// begin.
func command(cmd *cobra.Command) string {
	return strings.TrimPrefix(cmd.CommandPath(), cmd.Root().Name()+" ")
}

// configure resolves the settings from cmd's flags and all below them.
func (a *app) configure(cmd *cobra.Command) error {
	a.flags = givenFlags(cmd)
	cmd.Flags().Visit(func(f *pflag.Flag) { a.given = append(a.given, f.Name) })
	if err := fromVariables(cmd, a.given); err != nil {
		return err
	}
	c, err := config.Load(a.flags)
	if err != nil {
		return usageError{err}
	}
	a.config = c
	if err := c.UseData(); err != nil {
		return err
	}
	return a.startLog(cmd)
}

// givenFlags returns the values of the flags that cmd was given.
func givenFlags(cmd *cobra.Command) func(name string) (string, bool) {
	return func(name string) (string, bool) {
		f := cmd.Flags().Lookup(name)
		if f == nil || !f.Changed {
			return "", false
		}
		if list, ok := f.Value.(pflag.SliceValue); ok && len(list.GetSlice()) > 1 {
			return config.Join(list.GetSlice()), true
		} else if ok {
			return list.GetSlice()[0], true
		}
		return f.Value.String(), true
	}
}

// isTerminal reports whether a stream is a terminal that a person looks at.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(f.Fd())
}

// usageError is a command that was called in a wrong way.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usagef(format string, args ...any) error {
	return usageError{fmt.Errorf(format, args...)}
}
