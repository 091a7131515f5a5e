//go:build !windows

package rpcserver

import (
	"errors"
	"fmt"
	"os/signal"
	"syscall"

	"github.com/ebitengine/purego"
)

// serve runs the RPC server of the libraries at the paths. It returns only if it
// can't.
func serve(endpoint, ggmlBase, ggml, backends string) error {
	// llama.cpp's rpc-server dies of a client that dies in the middle of an
	// answer; that is not what the tests are about.
	signal.Ignore(syscall.SIGPIPE)
	base, err := purego.Dlopen(ggmlBase, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return err
	}
	registry, err := purego.Dlopen(ggml, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return err
	}
	var (
		loadAll    func(dir string)
		count      func() uintptr
		byType     func(kind int32) uintptr
		byName     func(name string) uintptr
		find       func(reg uintptr, name string) uintptr
		registryOf func(device uintptr) uintptr
		open       func(device, params uintptr) uintptr
	)
	purego.RegisterLibFunc(&loadAll, registry, "ggml_backend_load_all_from_path")
	purego.RegisterLibFunc(&count, registry, "ggml_backend_dev_count")
	purego.RegisterLibFunc(&byType, registry, "ggml_backend_dev_by_type")
	purego.RegisterLibFunc(&byName, registry, "ggml_backend_reg_by_name")
	purego.RegisterLibFunc(&find, base, "ggml_backend_reg_get_proc_address")
	purego.RegisterLibFunc(&registryOf, base, "ggml_backend_dev_backend_reg")
	purego.RegisterLibFunc(&open, base, "ggml_backend_dev_init")
	if count() == 0 {
		loadAll(backends)
	}
	rpc := byName("RPC")
	if rpc == 0 {
		return fmt.Errorf("%s has no RPC backend", ggml)
	}
	cpu := byType(0)
	start := find(rpc, "ggml_backend_rpc_start_server")
	if cpu == 0 || start == 0 {
		return errors.New("there is no CPU to lend, or no function to lend it")
	}
	if find(rpc, "ggml_backend_rpc_add_server") != 0 {
		var lend func(endpoint string, cache, threads, count uintptr, devices *uintptr)
		purego.RegisterFunc(&lend, start)
		lend(endpoint, 0, 1, 1, &cpu)
	} else { // of before servers had several devices
		backend := open(cpu, 0)
		var setThreads func(backend uintptr, n int32)
		purego.RegisterFunc(&setThreads, find(registryOf(cpu), "ggml_backend_set_n_threads"))
		setThreads(backend, 1)
		var lend func(backend uintptr, endpoint string, cache, free, total uintptr)
		purego.RegisterFunc(&lend, start)
		lend(backend, endpoint, 0, 1<<30, 1<<30)
	}
	return errors.New("it could not listen")
}
