package cli

import (
	"fmt"
	"io"
	"strings"
)

// confirm asks the person at the terminal a question of yes or no. otherwise is what an
// empty line means; the end of the input is a no.
func (a *app) confirm(question string, otherwise bool) bool {
	choices := "[y/N]"
	if otherwise {
		choices = "[Y/n]"
	}
	fmt.Fprintf(a.stderr, "%s %s ", question, choices)
	line, err := readLine(a.stdin)
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes":
		return true
	case "":
		return otherwise && err == nil
	}
	return false
}

// mayRemove asks whether something may be removed, before a command does so; yes is its --yes.
// It refuses where nobody is there to answer.
func (a *app) mayRemove(command, question string, yes bool) (bool, error) {
	switch {
	case yes:
		return true, nil
	case !isTerminal(a.stdin):
		return false, usagef("%s asks before it removes something, and nobody is there to answer; --yes removes without asking", command)
	case a.confirm(question, false):
		return true, nil
	}
	fmt.Fprintln(a.stderr, "Nothing was removed.")
	return false, nil
}

// readLine reads a line and nothing behind it, which may be for an editor or another
// question.
func readLine(r io.Reader) (string, error) {
	var line []byte
	for one := make([]byte, 1); ; {
		n, err := r.Read(one)
		if n > 0 && one[0] == '\n' {
			return string(line), nil
		}
		line = append(line, one[:n]...)
		if err != nil {
			return string(line), err
		}
	}
}
