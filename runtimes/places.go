package runtimes

import (
	"os"
	"path/filepath"
	"strings"
)

// place is where another than vlmchat puts llama.cpp. Its folders are looked
// into one by one, never below them.
type place struct {
	source Source
	dirs   []string
}

// places lists where people have llama.cpp on this machine, those first that
// they most likely put there on purpose.
func (h host) places() []place {
	var all []place
	if h.goos == "windows" {
		all = []place{h.winget(), h.scoop()}
	} else {
		all = []place{h.homebrew(), h.macPorts(), h.nix(), h.system(), h.linkerPlace()}
	}
	return append(all, h.besideServer())
}

// foreign lists the runtimes in those places, each once however many names lead
// to it. Nothing is loaded: that a library lies somewhere is no reason to run it.
func (h host) foreign() []Runtime {
	ours, _ := splitNamings(h.goos)
	var found []Runtime
	seen := map[string]bool{}
	for _, p := range h.places() {
		for _, dir := range p.dirs {
			llama := ours.library(dir, "llama")
			if llama == "" || seen[realPath(llama)] {
				continue
			}
			seen[realPath(llama)] = true
			r := inspect(h, dir)
			r.Source = p.source
			if r.Name == filepath.Base(dir) { // "lib" tells nobody anything
				r.Name = "llama.cpp"
			}
			found = append(found, r)
		}
	}
	return found
}

// homebrew: a formula's files are below opt, with links to them in lib.
func (h host) homebrew() place {
	prefixes := []string{h.env("HOMEBREW_PREFIX")}
	if h.goos == "darwin" {
		prefixes = append(prefixes, h.at("/opt/homebrew"), h.at("/usr/local"))
	} else {
		prefixes = append(prefixes, h.at("/home/linuxbrew/.linuxbrew"))
	}
	p := place{source: Homebrew}
	for _, prefix := range prefixes {
		if !filepath.IsAbs(prefix) {
			continue
		}
		p.dirs = append(p.dirs, filepath.Join(prefix, "opt", "llama.cpp", "lib"))
		if prefix != h.at("/usr/local") { // whose lib is anybody's
			p.dirs = append(p.dirs, filepath.Join(prefix, "lib"))
		}
	}
	return p
}

func (h host) macPorts() place {
	if h.goos != "darwin" {
		return place{}
	}
	return place{MacPorts, []string{h.at("/opt/local/lib")}}
}

// nix: a person's own profiles, then the machine's.
func (h host) nix() place {
	var profiles []string
	if home := h.home(); home != "" {
		profiles = append(profiles, filepath.Join(home, ".nix-profile"), filepath.Join(home, ".local", "state", "nix", "profile"))
	}
	if user := h.env("USER"); user != "" && user == filepath.Base(user) {
		profiles = append(profiles, filepath.Join(h.at("/etc/profiles/per-user"), user))
	}
	profiles = append(profiles, h.at("/run/current-system/sw"), h.at("/nix/var/nix/profiles/default"))
	p := place{source: Nix}
	for _, profile := range profiles {
		p.dirs = append(p.dirs, filepath.Join(profile, "lib"))
	}
	return p
}

// system: what an administrator built, then what the distribution has.
func (h host) system() place {
	p := place{System, []string{h.at("/usr/local/lib")}}
	if h.goos == "darwin" {
		return p
	}
	p.dirs = append(p.dirs, h.at("/usr/local/lib64"))
	if triplet := h.triplet(); triplet != "" {
		p.dirs = append(p.dirs, filepath.Join(h.at("/usr/lib"), triplet))
	}
	return place{System, append(p.dirs, h.at("/usr/lib64"), h.at("/usr/lib"))}
}

// linkerPlace is wherever the dynamic linker would find a libllama.
func (h host) linkerPlace() place {
	p := place{source: Linker}
	if h.goos != "linux" {
		return p
	}
	for _, name := range []string{"libllama.so.0", "libllama.so"} {
		for _, path := range h.linker.cache[name] {
			p.dirs = append(p.dirs, filepath.Dir(path))
		}
	}
	for _, dir := range h.linker.dirs {
		if filepath.IsAbs(dir) {
			p.dirs = append(p.dirs, dir)
		}
	}
	return p
}

// besideServer is the folder of the llama-server that a shell would run, and
// the lib folder beside it.
func (h host) besideServer() place {
	p := place{source: Path}
	name := "llama-server"
	if h.goos == "windows" {
		name += ".exe"
	}
	for _, dir := range filepath.SplitList(h.env("PATH")) {
		server := filepath.Join(dir, name)
		if !filepath.IsAbs(dir) || existing(server) == "" {
			continue
		}
		for _, bin := range []string{filepath.Dir(realPath(server)), dir} {
			p.dirs = append(p.dirs, bin, filepath.Join(bin, "..", "lib"), filepath.Join(bin, "..", "lib64"))
		}
		break
	}
	return p
}

// winget unpacks an archive into a folder that is named after the package and
// where it came from.
func (h host) winget() place {
	p := place{source: Winget}
	for _, base := range []string{
		filepath.Join(h.env("LOCALAPPDATA"), "Microsoft", "WinGet", "Packages"),
		filepath.Join(h.env("ProgramFiles"), "WinGet", "Packages"),
	} {
		if !filepath.IsAbs(base) {
			continue
		}
		entries, err := os.ReadDir(base)
		if err != nil {
			continue
		}
		for _, entry := range entries {
			if strings.HasPrefix(strings.ToLower(entry.Name()), "ggml.llamacpp") {
				p.dirs = append(p.dirs, filepath.Join(base, entry.Name()))
			}
		}
	}
	return p
}

// scoop keeps a link, current, to the version in use.
func (h host) scoop() place {
	p := place{source: Scoop}
	own := h.env("SCOOP")
	if own == "" && h.home() != "" {
		own = filepath.Join(h.home(), "scoop")
	}
	for _, base := range []string{own, filepath.Join(h.env("ProgramData"), "scoop")} {
		if filepath.IsAbs(base) {
			p.dirs = append(p.dirs, filepath.Join(base, "apps", "llama.cpp", "current"))
		}
	}
	return p
}

// triplet is what Debian's kin call the folder of a processor's libraries.
func (h host) triplet() string {
	switch h.goarch {
	case "amd64":
		return "x86_64-linux-gnu"
	case "arm64":
		return "aarch64-linux-gnu"
	}
	return ""
}

func (h host) home() string {
	if h.goos == "windows" {
		return h.env("USERPROFILE")
	}
	return h.env("HOME")
}

// realPath is a file's own path, links followed; of what isn't there, the path
// itself.
func realPath(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}
