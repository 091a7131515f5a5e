package native

import (
	"context"
	"os"
)

// SocketDir returns the private directory in which workers listen, and makes it
// if need be. The error says why there can be none.
func SocketDir() (string, error) { return socketDir() }

// DeviceVariables are those of this process's environment ("NAME=value") by which
// drivers and llama.cpp's backends choose devices.
func DeviceVariables() []string { return deviceVariables(os.Environ()) }

// GreetRPC asks an RPC server, as ParseRPC writes it, which version of the
// protocol it speaks. The error is an *engine.Error that names the server.
func GreetRPC(ctx context.Context, server string) (version string, err error) {
	g, failure := greet(ctx, server, rpcPatience)
	if failure != nil {
		return "", failure
	}
	return g.version, nil
}
