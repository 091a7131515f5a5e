// Package console is the terminal of this process, to be asked about itself. It is
// opened by its name, for the process's streams may be redirected, and while it is open
// nothing that comes from it is shown.
package console
