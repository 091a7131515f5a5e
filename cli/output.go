package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/vlmchat/vlmchat/sessions"
)

// output is where answers go: standard output, or a file, which has them all at once when
// they are whole.
type output struct {
	w    io.Writer
	name string   // for messages
	path string   // of the file, "" for what is written as it comes
	temp *os.File // that becomes the file
	open *os.File // what is no file that could be replaced, such as a pipe
	err  error    // of the first write that failed: no other is tried, which a signal might answer
}

// openOutput opens the file of that name, or standard output for "" and -. That a file
// can't be written is known before anything is asked.
func openOutput(ctx context.Context, stdout io.Writer, name string) (*output, error) {
	if name == "" || name == "-" {
		return &output{w: stdout, name: "standard output"}, nil
	}
	o := &output{name: name, path: name}
	if real, err := filepath.EvalSymlinks(name); err == nil {
		o.path = real // a link stays one
	}
	info, err := os.Stat(o.path)
	switch {
	case err == nil && info.IsDir():
		return nil, usagef("the answer can't be written to %s: it is a folder", name)
	case err == nil && !info.Mode().IsRegular():
		if o.open, err = openWaiting(ctx, o.path); ctx.Err() != nil {
			return nil, ctx.Err()
		} else if err != nil {
			return nil, o.fault(err)
		}
		o.w, o.path = o.open, ""
		return o, nil
	}
	there := err == nil
	temp := filepath.Join(filepath.Dir(o.path), ".vlmchat-"+sessions.NewID()+".part")
	if o.temp, err = os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666); err != nil { // less the umask
		return nil, o.fault(err)
	}
	if there {
		_ = o.temp.Chmod(info.Mode().Perm()) // where there are modes
	}
	o.w = o.temp
	return o, nil
}

// openWaiting opens what may have no reader yet, such as a pipe with a name, and waits for one
// no longer than ctx lasts.
func openWaiting(ctx context.Context, path string) (*os.File, error) {
	var f *os.File
	var err error
	opened := make(chan struct{})
	go func() {
		defer close(opened)
		f, err = os.OpenFile(path, os.O_WRONLY, 0)
	}()
	select {
	case <-opened:
		return f, err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// errUnread ends an answer that nobody reads any more: that of 'vlmchat … | head -1'.
var errUnread = errors.New("nobody reads the answer")

// unread tells a pipe that was closed from what else may be wrong with an output.
func unread(err error) error {
	if errors.Is(err, syscall.EPIPE) {
		return errUnread
	}
	return err
}

// Write names where it writes in its errors.
func (o *output) Write(b []byte) (int, error) {
	if o.err != nil {
		return 0, o.err
	}
	n, err := o.w.Write(b)
	if o.err = unread(err); o.err != nil && o.err != errUnread {
		o.err = o.fault(err)
	}
	return n, o.err
}

// fault says what is wrong without the name of the file beside, of which nobody knows.
func (o *output) fault(err error) error {
	if inner, ok := errors.AsType[*fs.PathError](err); ok {
		err = inner.Err
	}
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the answer can't be written to %s: there is no folder %s", o.name, filepath.Dir(o.name))
	}
	return fmt.Errorf("the answer can't be written to %s: %s", o.name, strings.TrimSpace(err.Error()))
}

// keep makes what was written the file.
func (o *output) keep() error {
	if o.open != nil {
		err := o.open.Close()
		o.open = nil
		if err != nil {
			return o.fault(err)
		}
	}
	if o.temp == nil {
		return nil
	}
	temp := o.temp
	o.temp = nil
	err := errors.Join(temp.Sync(), temp.Close())
	if err == nil {
		err = os.Rename(temp.Name(), o.path)
	}
	if err != nil {
		os.Remove(temp.Name())
		return o.fault(err)
	}
	return nil
}

// drop leaves the file as it was, unless it was kept.
func (o *output) drop() {
	if o.open != nil {
		o.open.Close()
	}
	if o.temp != nil {
		o.temp.Close()
		os.Remove(o.temp.Name())
	}
}
