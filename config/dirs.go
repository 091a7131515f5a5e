package config

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
)

// The beginnings of errors, which go on with what else is not set.
const (
	noData  = "there is no data directory: neither VLMCHAT_DATA_DIR nor "
	noState = "there is no place for what is remembered: neither VLMCHAT_STATE_DIR nor "
)

// DataDir is where vlmchat keeps what it installs, runtimes and models, and what is said.
// VLMCHAT_DATA_DIR overrides the system's custom; UseData sets it.
func DataDir() (string, error) {
	if dir := os.Getenv("VLMCHAT_DATA_DIR"); dir != "" {
		return filepath.Abs(dir)
	}
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "vlmchat"), nil
	}
	switch runtime.GOOS {
	case "windows":
		if dir := os.Getenv("LocalAppData"); dir != "" {
			return filepath.Join(dir, "vlmchat"), nil
		}
		return "", errors.New(noData + "LocalAppData is set")
	case "darwin":
		return inHome(noData, "Library", "Application Support", "vlmchat")
	}
	return inHome(noData, ".local", "share", "vlmchat")
}

// UseData makes the folder that the settings name the data directory of this process and
// of those that it starts.
func (c Config) UseData() error {
	v := c[Data]
	if v.Text == "" || v.Place == InVariable {
		return nil
	}
	dir, err := filepath.Abs(v.Text)
	if err != nil {
		return c.invalid(Data, "a folder")
	}
	return os.Setenv(Setting{Name: Data}.Variable(), dir)
}

// CacheDir is where vlmchat keeps what it can compute again. VLMCHAT_CACHE_DIR
// overrides the system's custom.
func CacheDir() (string, error) {
	if dir := os.Getenv("VLMCHAT_CACHE_DIR"); dir != "" {
		return filepath.Abs(dir)
	}
	if dir := os.Getenv("XDG_CACHE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "vlmchat"), nil
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", errors.New("there is no place for a cache: neither VLMCHAT_CACHE_DIR nor the home directory is set")
	}
	if runtime.GOOS == "windows" { // there it is the place of the data, too
		return filepath.Join(dir, "vlmchat", "cache"), nil
	}
	return filepath.Join(dir, "vlmchat"), nil
}

// StateDir is where vlmchat remembers what a person did: what was sent, what was
// seen. It is private to the user. VLMCHAT_STATE_DIR overrides the system's custom.
func StateDir() (string, error) {
	if dir := os.Getenv("VLMCHAT_STATE_DIR"); dir != "" {
		return filepath.Abs(dir)
	}
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "vlmchat"), nil
	}
	switch runtime.GOOS {
	case "windows":
		if dir := os.Getenv("LocalAppData"); dir != "" {
			return filepath.Join(dir, "vlmchat", "state"), nil
		}
		return "", errors.New(noState + "LocalAppData is set")
	case "darwin":
		return inHome(noState, "Library", "Application Support", "vlmchat", "state")
	}
	return inHome(noState, ".local", "state", "vlmchat")
}

// File is the path of the configuration file, which need not exist.
// VLMCHAT_CONFIG overrides the system's custom.
func File() (string, error) {
	if file := os.Getenv("VLMCHAT_CONFIG"); file != "" {
		return file, nil
	}
	if dir := os.Getenv("XDG_CONFIG_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "vlmchat", "config.toml"), nil
	}
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", errors.New("there is no place for a configuration file: neither VLMCHAT_CONFIG nor the home directory is set")
	}
	return filepath.Join(dir, "vlmchat", "config.toml"), nil
}

// inHome is a folder of the person's home; without one the error begins as none says.
func inHome(none string, parts ...string) (string, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return "", errors.New(none + "HOME is set")
	}
	return filepath.Join(append([]string{home}, parts...)...), nil
}
