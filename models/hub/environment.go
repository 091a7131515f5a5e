package hub

import (
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/vlmchat/vlmchat/engine"
)

// The variables are those of the hub's own client, huggingface_hub, and mean what they mean
// there.

// publicHub is where the hub is unless HF_ENDPOINT names a mirror.
const publicHub = "https://huggingface.co"

// isTrue is how the hub's client reads a switch.
func isTrue(value string) bool {
	switch strings.ToUpper(value) {
	case "1", "ON", "YES", "TRUE":
		return true
	}
	return false
}

// offline is the variable by which a person has forbidden to ask the hub, "" if none does.
func offline() string {
	for _, variable := range []string{"HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"} {
		if value := os.Getenv(variable); value != "" {
			if isTrue(value) {
				return variable
			}
			return "" // the first that is set decides
		}
	}
	return ""
}

// home is the folder of Hugging Face's programs.
func home() string {
	if dir := os.Getenv("HF_HOME"); dir != "" {
		return expand(dir)
	}
	cache := os.Getenv("XDG_CACHE_HOME")
	if cache == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		cache = filepath.Join(home, ".cache")
	}
	return expand(filepath.Join(cache, "huggingface"))
}

// CacheDir is the folder in which Hugging Face's programs keep what they have fetched, "" if
// there is no home directory.
func CacheDir() string {
	for _, variable := range []string{"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"} {
		if dir := os.Getenv(variable); dir != "" {
			return absolute(expand(dir))
		}
	}
	if home := home(); home != "" {
		return absolute(filepath.Join(home, "hub"))
	}
	return ""
}

// expand puts the home directory in for ~ and the values of variables for their names.
func expand(path string) string {
	if path == "~" || strings.HasPrefix(path, "~/") || runtime.GOOS == "windows" && strings.HasPrefix(path, `~\`) {
		if home, err := os.UserHomeDir(); err == nil {
			path = home + path[1:]
		}
	}
	if !strings.Contains(path, "$") {
		return path
	}
	return os.Expand(path, func(name string) string {
		if value, ok := os.LookupEnv(name); ok {
			return value
		}
		return "$" + name
	})
}

func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

// token is the key for the hub and where it is from, for people. Neither is there for one who
// has none.
func token() (key, from string) {
	if isTrue(os.Getenv("HF_HUB_DISABLE_IMPLICIT_TOKEN")) {
		return "", ""
	}
	for _, variable := range []string{"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"} {
		if value := os.Getenv(variable); value != "" {
			return cleanToken(value), variable
		}
	}
	file := expand(os.Getenv("HF_TOKEN_PATH"))
	if file == "" {
		if home() == "" {
			return "", ""
		}
		file = filepath.Join(home(), "token")
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return "", "" // most have none
	}
	return cleanToken(string(data)), file
}

// cleanToken takes out the line ends that come with copying.
func cleanToken(s string) string {
	const most = 4096
	s = strings.TrimSpace(strings.NewReplacer("\r", "", "\n", "").Replace(s))
	if len(s) > most || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return ""
	}
	return s
}

// endpointFromEnvironment is the address of the hub, or of a mirror of it, which may lie below
// a path.
func endpointFromEnvironment() (*url.URL, error) {
	address := strings.TrimRight(os.Getenv("HF_ENDPOINT"), "/")
	if address == "" {
		address = publicHub
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.RawQuery != "" || u.User != nil {
		return nil, &engine.Error{
			Kind:    engine.BadOption,
			Message: "HF_ENDPOINT is no address of a hub: it needs the form https://host, or https://host/path",
			Hint:    "unset it for " + publicHub,
		}
	}
	return u, nil
}
