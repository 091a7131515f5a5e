package images

import (
	"context"
	"fmt"
	"os"
	"runtime"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/experimental"
)

// What wazero makes of a reader in WebAssembly, machine code, takes seconds to make. It is
// kept in a folder, which all readers share.

// startReader has the machine code of a reader made by compile, which keeps it in the folder
// or finds it there.
func startReader(folder *string, compile func() error) error {
	err := compile()
	if err != nil && *folder != "" {
		// What is kept may have been damaged, by a power cut for one, or the disk is full.
		// The next process has another try at keeping it.
		_ = os.RemoveAll(*folder)
		*folder = ""
		err = compile()
	}
	if err != nil {
		return &Error{Reason: Unsupported, Err: err, Detail: fmt.Sprintf("what reads it can't be started: %v", err)}
	}
	return nil
}

// keptIn has machine code kept in a folder; without one ("") none is.
func keptIn(folder string, config wazero.RuntimeConfig) (wazero.RuntimeConfig, error) {
	if folder == "" {
		return config, nil
	}
	cache, err := wazero.NewCompilationCacheWithDir(folder)
	if err != nil {
		return nil, err
	}
	return config.WithCompilationCache(cache), nil
}

// compiling is the context in which machine code is made: by all processors.
func compiling() context.Context {
	return experimental.WithCompilationWorkers(context.Background(), runtime.GOMAXPROCS(0))
}
