package native

import (
	"errors"
	"net"
	"os"
	"sync"
)

// peer is the process that listens at the other end of a connection, whoever
// started it. As the kernel tells its number, a worker need not be asked, which
// might be stuck.
type peer struct {
	mu      sync.Mutex
	process *os.Process // held by a handle where the system has them, so that it stays that one
}

// see remembers the process behind an open connection.
func (p *peer) see(c net.Conn) {
	socket, ok := c.(*net.UnixConn)
	if !ok {
		return
	}
	pid, err := peerPID(socket)
	// One of another namespace has no number here.
	if err != nil || pid <= 0 || pid == os.Getpid() {
		return
	}
	process, err := os.FindProcess(pid)
	if err != nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.process != nil {
		_ = p.process.Release()
	}
	p.process = process
}

// pid is the process's number, 0 if it is not known.
func (p *peer) pid() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.process == nil {
		return 0
	}
	return p.process.Pid
}

// kill ends the process, in whatever state it is. It reports false if it has no
// process to end, or may not.
func (p *peer) kill() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.process == nil {
		return false
	}
	err := p.process.Kill()
	return err == nil || errors.Is(err, os.ErrProcessDone)
}

// release lets go of the process.
func (p *peer) release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.process != nil {
		_ = p.process.Release()
		p.process = nil
	}
}
