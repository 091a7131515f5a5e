//go:build unix

package ollamaserver

import (
	"os"
	"os/exec"
	"syscall"
)

// inGroup puts the server into a process group of its own. A model is computed
// in a runner, another process, which does not notice that its server has died.
func inGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// killGroup ends the server and its runners.
func killGroup(p *os.Process) { _ = syscall.Kill(-p.Pid, syscall.SIGKILL) }
