package cli

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/termtext"
)

// startLog has what is done told, on standard error or into a file, if the settings say so.
// Everybody writes to slog's default logger, at the level of debugging, which nobody hears
// otherwise. Texts that people wrote and pictures are in no log, and what looks like a key is
// taken out of every line.
func (a *app) startLog(cmd *cobra.Command) error {
	verbose, err := a.config.Bool(config.Verbose)
	if err != nil {
		return err
	}
	path := a.config.String(config.LogFile)
	if !verbose && path == "" {
		return nil
	}
	redactor := newRedactor(identity{environ: os.Environ()}, true)
	redactor.obtained = a.secrets
	options := slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: func(_ []string, attr slog.Attr) slog.Attr {
		return loggable(redactor, attr)
	}}
	var handlers []slog.Handler
	if verbose {
		a.aside = &aside{w: a.stderr}
		people := options
		people.ReplaceAttr = func(groups []string, attr slog.Attr) slog.Attr {
			switch {
			case len(groups) > 0:
			case attr.Key == slog.TimeKey:
				return slog.String(slog.TimeKey, attr.Value.Time().Format("15:04:05.000"))
			case attr.Key == slog.LevelKey:
				return slog.Attr{} // there is one
			}
			return loggable(redactor, attr)
		}
		handlers = append(handlers, slog.NewTextHandler(a.aside, &people))
	}
	if path != "" {
		f, err := openLog(path)
		if err != nil {
			return usagef("the log can't be written (log-file from %s): %w", a.config[config.LogFile].Origin, err)
		}
		a.logFile = f
		handlers = append(handlers, slog.NewJSONHandler(f, &options).WithAttrs([]slog.Attr{slog.Int("pid", os.Getpid())}))
	}
	slog.SetDefault(slog.New(slog.NewMultiHandler(handlers...)))
	slog.Debug("begins", "command", cmd.CommandPath(), "version", version(), "system", runtime.GOOS+"/"+runtime.GOARCH)
	for _, s := range a.settingsInForce() {
		if s.Origin != "default" {
			slog.Debug("setting", "name", s.Name, "value", s.Value, "from", s.Origin, "source", s.Source)
		}
	}
	return nil
}

// logFile is the file of a log. A line that can't be written is no reason to stop.
type logFile struct {
	*os.File
	failed atomic.Pointer[error] // why the first was not, nil if all were
}

// openLog opens a file to add to. A pipe that nobody reads is refused, as each command would
// wait for a reader.
func openLog(path string) (*logFile, error) {
	flags := os.O_CREATE | os.O_APPEND | os.O_WRONLY
	if runtime.GOOS != "windows" {
		flags |= syscall.O_NONBLOCK
	}
	f, err := os.OpenFile(path, flags, 0o600)
	if errors.Is(err, syscall.ENXIO) {
		err = fmt.Errorf("nobody reads the pipe %s", path)
	}
	return &logFile{File: f}, err
}

func (l *logFile) Write(line []byte) (int, error) {
	n, err := l.File.Write(line)
	if err != nil {
		l.failed.CompareAndSwap(nil, &err)
	}
	return n, err
}

// endLog writes the log's last line, and tells if lines of it were lost.
func (a *app) endLog(code int, err error) {
	if err != nil {
		slog.Debug("ends", "exit_code", code, "error", err)
	} else {
		slog.Debug("ends", "exit_code", code)
	}
	if a.logFile == nil {
		return
	}
	if why := a.logFile.failed.Load(); why != nil {
		fmt.Fprintf(a.stderr, "vlmchat: the log lacks what could not be written: %s\n", termtext.Line((*why).Error()))
	}
}

// loggable is an attribute as others may see it.
func loggable(r *redactor, attr slog.Attr) slog.Attr {
	switch v := attr.Value.Any().(type) {
	case string:
		attr.Value = slog.StringValue(r.text(v))
	case error:
		attr.Value = slog.StringValue(r.text(v.Error()))
	case time.Duration:
		attr.Key, attr.Value = attr.Key+"_ms", slog.Float64Value(float64(v.Microseconds())/1000)
	case fmt.Stringer:
		if attr.Value.Kind() == slog.KindAny && attr.Key != slog.LevelKey {
			attr.Value = slog.StringValue(r.text(v.String()))
		}
	}
	return attr
}

// aside is standard error, for a log that must not be written into a chat which has the
// terminal.
type aside struct {
	w      io.Writer
	silent atomic.Bool
	inLine atomic.Bool // the terminal's cursor is behind a part of an answer
}

// behind tells that an answer on the same terminal is in the middle of a line, or at its end.
func (s *aside) behind(inLine bool) {
	if s != nil {
		s.inLine.Store(inLine)
	}
}

// endedLine reports whether a line of the log has ended that of an answer.
func (s *aside) endedLine() bool { return s != nil && !s.inLine.Load() }

func (s *aside) Write(line []byte) (int, error) {
	if s.silent.Load() {
		return len(line), nil
	}
	if s.inLine.Swap(false) {
		if _, err := io.WriteString(s.w, "\n"); err != nil {
			return 0, err
		}
	}
	return s.w.Write(line)
}

// silence leaves a terminal to a chat. It returns what gives it back.
func (s *aside) silence() (again func()) {
	if s == nil || !isTerminal(s.w) {
		return func() {}
	}
	s.silent.Store(true)
	return func() { s.silent.Store(false) }
}
