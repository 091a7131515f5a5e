package cli

import (
	"runtime/debug"
	"strings"
)

// version is the module's version, or the commit that it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return "development build of " + s.Value[:12]
		}
	}
	return "development build"
}

// userAgent is by what name servers on the web are asked. Development builds
// don't say which.
func userAgent() string {
	if v := version(); strings.HasPrefix(v, "v") {
		return "vlmchat/" + strings.TrimPrefix(v, "v")
	}
	return "vlmchat"
}
