package native

import "os"

// SocketDir returns the private directory in which workers listen, and makes it
// if need be. The error says why there can be none.
func SocketDir() (string, error) { return socketDir() }

// DeviceVariables are those of this process's environment ("NAME=value") by which
// drivers and llama.cpp's backends choose devices.
func DeviceVariables() []string { return deviceVariables(os.Environ()) }
