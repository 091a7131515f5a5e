package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/termtext"
	"github.com/vlmchat/vlmchat/ui"
)

// explainFault says of a mistake of the chat's own where its report is, and gives back
// what was being written. Another error is returned as it is.
func explainFault(err error) error {
	fault, ok := errors.AsType[*ui.Fault](err)
	if !ok {
		return err
	}
	hint := ""
	if file, err := writeFault(fault); err == nil {
		hint = fmt.Sprintf("What happened is in %s: please look through it and report it.", file)
	} else {
		hint = fmt.Sprintf("What happened could not be kept (%v):\n%s", err, fault.Stack)
	}
	if fault.Draft != "" {
		hint += "\nThis was being written:\n" + termtext.Sanitize(fault.Draft)
	}
	return &engine.Error{Kind: engine.Failed, Message: fault.Error(), Hint: hint}
}

// writeFault keeps the report of a fault, for the person alone to pass on.
func writeFault(f *ui.Fault) (string, error) {
	dir, err := config.CacheDir()
	if err != nil {
		return "", err
	}
	dir = filepath.Join(dir, "faults")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	file := filepath.Join(dir, time.Now().UTC().Format("2006-01-02T150405")+".txt")
	report := fmt.Sprintf("vlmchat %s, %s/%s, %s\n\n%v\n\n%s", version(), runtime.GOOS, runtime.GOARCH, runtime.Version(), f.Value, f.Stack)
	return file, os.WriteFile(file, []byte(report), 0o600)
}
