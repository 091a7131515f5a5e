//go:build !darwin

package runtimes

func macOSVersion() version { return version{} }
