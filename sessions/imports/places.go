package imports

import (
	"os"
	"path/filepath"
	"runtime"
)

// Programs are the names of those whose histories are found by themselves.
var Programs = []string{"llm", "oterm", "ollama"}

// Place is where a program has its history on this system.
func Place(program string) (string, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return "", err
	}
	return place(program, runtime.GOOS, home, os.Getenv), nil
}

func place(program, system, home string, env func(string) string) string {
	or := func(variable string, otherwise ...string) string {
		if dir := env(variable); dir != "" {
			return dir
		}
		return filepath.Join(append([]string{home}, otherwise...)...)
	}
	var dir string
	switch program {
	case "llm": // click.get_app_dir
		const name = "io.datasette.llm"
		switch system {
		case "windows":
			dir = filepath.Join(or("APPDATA", "AppData", "Roaming"), name)
		case "darwin":
			dir = filepath.Join(home, "Library", "Application Support", name)
		default:
			dir = filepath.Join(or("XDG_CONFIG_HOME", ".config"), name)
		}
		if own := env("LLM_USER_PATH"); own != "" {
			dir = own
		}
		return filepath.Join(dir, "logs.db")
	case "oterm":
		switch system {
		case "windows":
			dir = filepath.Join(home, "AppData", "Roaming", "oterm")
		case "darwin":
			dir = filepath.Join(or("XDG_DATA_HOME", "Library", "Application Support"), "oterm")
		default:
			dir = filepath.Join(or("XDG_DATA_HOME", ".local", "share"), "oterm")
		}
		if own := env("OTERM_DATA_DIR"); own != "" {
			dir = own
		}
		return filepath.Join(dir, "store.db")
	}
	switch system {
	case "windows":
		dir = filepath.Join(or("LOCALAPPDATA", "AppData", "Local"), "Ollama")
	case "darwin":
		dir = filepath.Join(home, "Library", "Application Support", "Ollama")
	default:
		dir = filepath.Join(home, ".ollama")
	}
	return filepath.Join(dir, "db.sqlite")
}
