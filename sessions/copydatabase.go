package sessions

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
)

// CopyDatabase copies a database of SQLite's with what of it is in its log, or in the
// journal of a change that was cut short. If somebody writes to it meanwhile it is copied
// again.
func CopyDatabase(from, to string) error {
	suffixes := []string{"", "-wal", "-journal"}
	const tries = 5
	for range tries {
		before := writings(from, suffixes)
		for _, suffix := range suffixes {
			err := copyFile(from+suffix, to+suffix)
			if suffix != "" && errors.Is(err, fs.ErrNotExist) {
				err = os.Remove(to + suffix) // of an earlier try
			}
			if err != nil && (suffix == "" || !errors.Is(err, fs.ErrNotExist)) {
				return err
			}
		}
		if slices.Equal(before, writings(from, suffixes)) {
			return nil
		}
	}
	return errors.New("the database is being written all the time: end the program whose it is, and try again")
}

// writings tell whether a database's files were written.
func writings(path string, suffixes []string) []string {
	var all []string
	for _, suffix := range suffixes {
		state := "none"
		if info, err := os.Stat(path + suffix); err == nil {
			state = fmt.Sprint(info.Size(), info.ModTime().UnixNano())
		}
		all = append(all, state)
	}
	return all
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
