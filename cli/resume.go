package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine/native"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/sessions"
	"github.com/vlmchat/vlmchat/termtext"
)

// resumeFlags say with which conversation the chat, or a script, goes on.
type resumeFlags struct {
	last  bool
	which string
	named bool // --resume was given
}

// unnamed is what --resume has without a value.
const unnamed = " "

func (r *resumeFlags) add(f *pflag.FlagSet) {
	f.BoolVarP(&r.last, "continue", "c", false, "go on with the last conversation")
	f.StringVar(&r.which, "resume", "", "go on with the conversation of this ID or title, or that has these words; choose one if nothing is said")
	f.Lookup("resume").NoOptDefVal = unnamed
}

// resumption is what the chat is told of conversations that are kept.
type resumption struct {
	open    func() (*sessions.Store, error)
	private bool
	id      string // of the one to go on with
	choose  bool
	limits  sessions.Limits
}

// resume finds the conversation that is meant. Behind --resume without a = stand its
// words, up to what is a picture; it returns the sources without them.
func (a *app) resume(ctx context.Context, flags resumeFlags, sources []string) (resumption, []string, error) {
	var r resumption
	var err error
	if r.private, err = a.config.Bool(config.NoSave); err != nil {
		return r, nil, err
	}
	if r.limits, err = a.limits(); err != nil {
		return r, nil, err
	}
	dir, err := a.sessionsDir()
	if err != nil {
		return r, nil, err
	}
	r.open = func() (*sessions.Store, error) { return openStore(dir) }
	if !flags.last && !flags.named {
		return r, sources, nil
	}
	if flags.last && flags.named {
		return r, nil, usagef("--continue goes on with the last conversation and --resume with another one: leave one of them out")
	}
	which := strings.TrimSpace(flags.which)
	if flags.named && which == "" {
		for len(sources) > 0 && !looksLikePicture(sources[0]) {
			which, sources = strings.TrimSpace(which+" "+sources[0]), sources[1:]
		}
		if which == "" {
			r.choose = true
			return r, sources, nil
		}
	}
	err = a.withSessions(func(s *sessions.Store) error {
		var found sessions.Session
		if flags.last {
			found, err = s.Last(ctx)
		} else {
			found, err = s.Find(ctx, which)
		}
		r.id = found.ID
		return sessionError(err, which)
	})
	return r, sources, err
}

// looksLikePicture tells an argument that names a picture from words.
func looksLikePicture(argument string) bool {
	if argument == "-" || images.IsURL(argument) || strings.ContainsAny(argument, `/\*`) {
		return true
	}
	name, _, _ := strings.Cut(argument, "#")
	_, err := os.Stat(name)
	return err == nil || filepath.Ext(name) != ""
}

// sessionsDir is the folder in which conversations are kept.
func (a *app) sessionsDir() (string, error) {
	if dir := a.config.String(config.SessionsDir); dir != "" {
		return filepath.Abs(dir)
	}
	dir, err := config.DataDir()
	return filepath.Join(dir, "sessions"), err
}

// openStore opens the store of a folder. What is removed there the native engine forgets.
func openStore(dir string) (*sessions.Store, error) {
	s, err := sessions.Open(dir)
	if err != nil {
		return nil, err
	}
	s.Removed = func(ctx context.Context, sessions, pictures []string) error {
		cache, err := nativeCacheDir()
		if err != nil {
			return nil // then nothing is kept there either
		}
		if err := native.Forget(ctx, cache, sessions, pictures); err != nil {
			return fmt.Errorf("it is removed, but for what the native engine keeps of it: %w; 'vlmchat cache clear' removes all of that", err)
		}
		return nil
	}
	return s, nil
}

// withSessions does something with the conversations that are kept.
func (a *app) withSessions(do func(*sessions.Store) error) error {
	dir, err := a.sessionsDir()
	if err != nil {
		return err
	}
	s, err := openStore(dir)
	if err != nil {
		return err
	}
	defer s.Close()
	for _, notice := range s.Notices() {
		fmt.Fprintln(a.stderr, "vlmchat: "+termtext.Line(notice))
	}
	return do(s)
}

// sessionError says that there is no such conversation, and what to do.
func sessionError(err error, written string) error {
	switch {
	case !errors.Is(err, sessions.ErrNotFound):
		return err
	case written == "":
		return errors.New("there is no conversation to go on with; one is kept of every chat but those with --no-save")
	}
	return fmt.Errorf("there is no conversation %q; 'vlmchat sessions list' shows them", written)
}
