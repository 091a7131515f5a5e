package llamacpp

import (
	"errors"
	"fmt"
	"runtime"
)

// llama.cpp computes on other machines through its RPC backend: a server there
// lends its devices, and each is registered here as a GPU like those of this
// machine. A model that is loaded afterwards is spread over all of them.

// rpcFuncs are what libggml has for it.
type rpcFuncs struct {
	RegByName      proc `c:"ggml_backend_reg_t ggml_backend_reg_by_name(const char * name)"`
	Register       proc `c:"void ggml_backend_register(ggml_backend_reg_t reg)" optional:"true"`
	DeviceRegister proc `c:"void ggml_backend_device_register(ggml_backend_dev_t device)"`
}

// rpcBaseFuncs are what libggml-base has for it.
type rpcBaseFuncs struct {
	RegGetProcAddress proc `c:"void * ggml_backend_reg_get_proc_address(ggml_backend_reg_t reg, const char * name)"`
}

// The RPC backend hands out its own functions by name. A server is a registry of
// devices; in builds of before October 2025 (b6673 is one) it was one device.
const (
	rpcAddServer = "ggml_backend_rpc_add_server" // ggml_backend_reg_t (*)(const char * endpoint)
	rpcAddDevice = "ggml_backend_rpc_add_device" // ggml_backend_dev_t (*)(const char * endpoint)
)

// ErrNoRPC is returned for a runtime that has no RPC backend.
var ErrNoRPC = errors.New("it has no RPC backend")

// ErrRPCRefused is returned for a server that answers and yet lends nothing:
// most often because it speaks another version of the protocol. The log may have
// the reason.
var ErrRPCRefused = errors.New("llama.cpp could not agree with it")

// RPC is the RPC backend of a Library.
type RPC struct {
	lib    *Library
	ggml   rpcFuncs
	base   rpcBaseFuncs
	server proc // of the two forms the one that is there
	device proc
}

// RPC returns the library's RPC backend, or ErrNoRPC.
func (l *Library) RPC() (*RPC, error) {
	r := &RPC{lib: l}
	for _, lib := range []struct {
		path  string
		table any
	}{{l.paths.GGML, &r.ggml}, {l.paths.GGMLBase, &r.base}} {
		handle, err := openLibrary(lib.path) // is open: only looked up
		if err != nil {
			return nil, fmt.Errorf("loading %s: %w", lib.path, err)
		}
		if err := bindSymbols(lib.path, handle, lib.table); err != nil {
			return nil, err
		}
	}
	name := cString("RPC")
	reg := r.ggml.RegByName.call(addr(name))
	runtime.KeepAlive(name)
	if reg == 0 {
		return nil, ErrNoRPC
	}
	find := func(name string) proc {
		c := cString(name)
		defer runtime.KeepAlive(c)
		return proc(r.base.RegGetProcAddress.call(reg, addr(c)))
	}
	if r.ggml.Register != 0 {
		r.server = find(rpcAddServer)
	}
	if r.device = find(rpcAddDevice); r.server == 0 && r.device == 0 {
		return nil, fmt.Errorf("its RPC backend has neither %s nor %s", rpcAddServer, rpcAddDevice)
	}
	return r, nil
}

// AddServer registers the devices of the server at endpoint, an IPv4 address and
// a port: Devices lists them from then on. The caller has seen that an RPC server
// answers at endpoint: where none does, or one of a very different version, the
// library ends the process.
func (r *RPC) AddServer(endpoint string) error {
	c := cString(endpoint)
	defer runtime.KeepAlive(c)
	if r.server != 0 {
		reg := r.server.call(addr(c))
		if reg == 0 {
			return ErrRPCRefused
		}
		r.ggml.Register.call(reg)
	} else {
		// Nothing is asked of the server before its memory is.
		device := r.device.call(addr(c))
		if _, total := r.lib.Memory(Device{handle: device}); total == 0 {
			return ErrRPCRefused
		}
		r.ggml.DeviceRegister.call(device)
	}
	return nil
}
