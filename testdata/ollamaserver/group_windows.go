package ollamaserver

import (
	"os"
	"os/exec"
)

// inGroup does nothing: Windows has no process groups to kill.
func inGroup(*exec.Cmd) {}

// killGroup ends the server.
func killGroup(p *os.Process) { _ = p.Kill() }
