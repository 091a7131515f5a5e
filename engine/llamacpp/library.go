package llamacpp

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
)

// Paths names the files of a llama.cpp runtime, by full path.
type Paths struct {
	GGMLBase, GGML, Llama, MTMD string
	Backends                    string // folder of libggml-cpu* and its like
}

// Library is a llama.cpp runtime, loaded. There is at most one in a process:
// a second one's libraries would resolve to those of the first.
type Library struct {
	Version string // llama.cpp's version, such as "0.6.0-dev"; "" before it had one
	Commit  string // of the source that it was built from, as far as it tells

	base   ggmlBaseFuncs
	graph  graphFuncs
	extras graphExtras
	ggml   ggmlFuncs
	llama  llamaFuncs
	mtmd   mtmdFuncs
	layout *layout
	strlen uintptr
	paths  Paths
	forms  samplerForms
}

var loaded struct {
	sync.Mutex
	done bool
}

// Load opens the libraries and the backends beside them and proves that the
// parameter structs look as expected. log receives what the libraries have to
// say, line by line, from the first call on.
func Load(p Paths, log func(Level, string)) (*Library, error) {
	loaded.Lock()
	defer loaded.Unlock()
	if loaded.done {
		return nil, fmt.Errorf("a llama.cpp runtime is loaded in this process already")
	}
	loaded.done = true

	l := &Library{paths: p}
	var base uintptr
	for i, lib := range []struct {
		path   string
		tables []any
	}{{p.GGMLBase, []any{&l.base, &l.graph, &l.extras}}, {p.GGML, []any{&l.ggml}}, {p.Llama, []any{&l.llama}}, {p.MTMD, []any{&l.mtmd}}} {
		handle, err := openLibrary(lib.path)
		if err != nil {
			return nil, fmt.Errorf("loading %s: %w", lib.path, err)
		}
		if i == 0 {
			base = handle
		} else if clashes(handle, base) {
			return nil, fmt.Errorf("%s brings a C++ standard library of its own, which clashes with the one that %s uses: programs crash in it",
				lib.path, filepath.Base(p.GGMLBase))
		}
		for _, table := range lib.tables {
			if err := bindSymbols(lib.path, handle, table); err != nil {
				return nil, err
			}
		}
	}
	var ok bool
	if l.strlen, ok = findStrlen(0); !ok {
		return nil, errors.New("strlen of the C library was not found in this process")
	}
	if l.llama.Version != 0 {
		l.Version = goString(l.llama.Version.call())
	}
	if l.base.Commit != 0 {
		l.Commit = goString(l.base.Commit.call())
	}
	var err error
	if l.layout, err = recogniseLayout(l.llama.ModelDefaultParams.fillByValue, l.llama.ContextDefaultParams.fillByValue,
		l.mtmd.ContextParamsDefault.fillByValue); err != nil {
		return nil, fmt.Errorf("%s: %w", l.name(), err)
	}

	l.routeLogs(log)
	// A backtrace would start a debugger in the user's terminal.
	os.Setenv("GGML_NO_BACKTRACE", "1")
	l.llama.BackendInit.call()
	if l.deviceCount() == 0 {
		dir := cString(p.Backends)
		l.ggml.LoadAllFromPath.call(addr(dir))
		runtime.KeepAlive(dir)
	}
	if l.deviceCount() == 0 {
		return nil, fmt.Errorf("no compute backend (libggml-cpu and its like) could be loaded from %s", p.Backends)
	}
	return l, nil
}

// name is how the build calls itself, as far as it does.
func (l *Library) name() string {
	switch {
	case l.Version != "" && l.Commit != "":
		return fmt.Sprintf("llama.cpp %s (%s)", l.Version, l.Commit)
	case l.Version+l.Commit != "":
		return "llama.cpp " + l.Version + l.Commit
	}
	return "a llama.cpp that does not tell its version"
}

func (l *Library) deviceCount() int { return int(l.ggml.DevCount.call()) }
