package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine/native"
	"github.com/vlmchat/vlmchat/models"
	"github.com/vlmchat/vlmchat/runtimes"
)

// errUnwell ends a 'vlmchat doctor' that found a failure. The report has told it.
var errUnwell = errors.New("a check failed")

// doctorCommand is 'vlmchat doctor': what is right and wrong with this
// installation, to be read by its user and pasted into a bug report.
func doctorCommand(a *app) *cobra.Command {
	var asJSON, full, noLoad bool
	var broken error
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check everything that vlmchat needs, and say what to do",
		Long: "Doctor checks the configuration, the runtime and its devices, the memory, the model,\n" +
			"the servers and the terminal, with the settings and flags that are given, and loads the\n" +
			"model. A warning or failure says what to do. The exit code is 1 if there is a failure.\n\n" +
			"The report is made to be pasted into a bug report: it has no keys and passwords, and the\n" +
			"home directory, the user's name and the host's are not in it.",
		Args: noArguments,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			// A configuration that can't be read is something to report.
			if broken = a.configure(cmd); broken != nil {
				a.config = config.LoadWithoutFile(givenFlags(cmd))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			d := &doctor{app: a, broken: broken, noLoad: noLoad, variables: allVariables(cmd.Root())}
			redactor := newRedactor(thisIdentity(), full)
			redactor.obtained = a.secrets
			return d.examine(cmd.Context(), newReport(a.stdout, redactor, asJSON))
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object: version, checks")
	cmd.Flags().BoolVar(&full, "full", false, "show paths in your home directory, and your user name in them, as they are")
	cmd.Flags().BoolVar(&noLoad, "no-load", false, "don't load the model")
	addSettings(cmd.Flags())
	cmd.Flags().SortFlags = false
	return cmd
}

// doctor goes through the checks. What one finds out, those after it use.
type doctor struct {
	*app
	broken error // why the configuration can't be read
	noLoad bool

	variables []string // that stand for flags

	failed  bool              // a check has failed
	runtime *runtimes.Runtime // nil until it is known to be usable
	facts   native.Facts      // that it told
	model   models.Model
	trained int // the context size that it was trained for, 0 if it is not known
}

// examine makes all checks in their order and reports each as it is made. It
// returns errUnwell if one failed.
func (d *doctor) examine(ctx context.Context, out report) error {
	for _, checks := range []func(context.Context) []check{
		checkProgram,
		checkSystem,
		d.checkConfiguration,
		d.checkDirectories,
		d.checkSessions,
		d.checkRuntime,
		d.checkDevices,
		d.checkRPC,
		d.checkModel,
		d.checkLoad,
		d.checkServers,
		d.checkTerminal,
		d.checkClipboard,
		checkFFmpeg,
	} {
		made := checks(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		for _, c := range made {
			d.failed = d.failed || c.Status == statusFailure
			if err := out.add(c); err != nil {
				return err
			}
		}
	}
	if err := out.end(); err != nil {
		return err
	}
	if d.failed {
		return errUnwell
	}
	return nil
}

// native reports whether the native engine is the one that is used.
func (d *doctor) native() bool { return d.config.String(config.Backend) == "native" }
