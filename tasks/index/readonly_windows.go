package index

import (
	"errors"

	"golang.org/x/sys/windows"
)

// isReadOnly tells a disk that nothing can be written to.
func isReadOnly(err error) bool { return errors.Is(err, windows.ERROR_WRITE_PROTECT) }
