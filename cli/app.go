// Package cli is vlmchat's command line: one file per command. It reads the
// configuration, opens the engine that was asked for and hands it to the chat
// (ui) or to a script's output.
package cli

import "io"

// app is what every command shares.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer
}
