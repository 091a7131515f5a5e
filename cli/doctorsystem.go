package cli

import (
	"context"
	"os"
	"runtime"
	"strings"

	"github.com/vlmchat/vlmchat/runtimes"
)

// What checks need to know of the machine is found in a file for each system:
// systemName, kernelName and readGraphics.

// graphics is a GPU that the system knows of, whether a library does or not.
type graphics struct {
	vendor     string // NVIDIA, AMD, Intel or Apple
	name       string // "" if it is not known
	integrated bool   // a small one that shares the memory
}

func (g graphics) String() string {
	if g.name == "" {
		return g.vendor + " GPU"
	}
	if strings.Contains(g.name, g.vendor) {
		return g.name
	}
	return g.vendor + " " + g.name
}

func checkProgram(context.Context) []check {
	c := note("vlmchat", "%s, %s, %s/%s", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	if self, err := os.Executable(); err == nil {
		c.Details = append(c.Details, "runs from "+self)
	}
	return []check{c}
}

func checkSystem(context.Context) []check {
	facts := []string{systemName(), kernelName(), runtimes.Libc(), counted(runtime.NumCPU(), "processor")}
	return []check{note("system", "%s", joined(append(facts, surroundings(os.Getenv)...)))}
}

// surroundings says what stands between a person and this process.
func surroundings(env func(string) string) []string {
	var around []string
	if kind := containerKind(env); kind != "" {
		around = append(around, "in a container ("+kind+")")
	}
	if strings.Contains(strings.ToLower(kernelName()), "microsoft") {
		around = append(around, "in WSL")
	}
	if env("SSH_CONNECTION") != "" || env("SSH_TTY") != "" {
		around = append(around, "over ssh")
	}
	switch {
	case env("TMUX") != "":
		around = append(around, "in tmux")
	case env("STY") != "":
		around = append(around, "in screen")
	}
	return around
}

// containerKind names what runs this process as a container, "" if nothing does.
func containerKind(env func(string) string) string {
	for file, kind := range map[string]string{"/.dockerenv": "docker", "/run/.containerenv": "podman"} {
		if _, err := os.Stat(file); err == nil {
			return kind
		}
	}
	switch {
	case env("KUBERNETES_SERVICE_HOST") != "":
		return "kubernetes"
	case env("FLATPAK_ID") != "":
		return "flatpak"
	case env("SNAP") != "":
		return "snap"
	}
	return env("container") // set by systemd-nspawn, lxc and others
}
