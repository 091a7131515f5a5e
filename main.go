// Command vlmchat talks about pictures in the terminal.
package main

import (
	"os"

	"github.com/vlmchat/vlmchat/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
