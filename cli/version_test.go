package cli

import (
	"runtime/debug"
	"testing"
)

// A build says what it was made of, whichever way it was made.
func TestDescribeBuild(t *testing.T) {
	t.Parallel()
	vcs := []debug.BuildSetting{
		{Key: "CGO_ENABLED", Value: "0"}, {Key: "vcs.revision", Value: "dc97791e0b6f11223344556677889900aabbccdd"},
		{Key: "vcs.time", Value: "2026-11-30T09:00:00Z"}, {Key: "vcs.modified", Value: "true"},
	}
	build := func(version string, settings ...debug.BuildSetting) *debug.BuildInfo {
		return &debug.BuildInfo{Main: debug.Module{Version: version}, Settings: settings}
	}
	for name, c := range map[string]struct {
		info                       *debug.BuildInfo
		version, commit, committed string
		modified                   bool
	}{
		"a release":              {build("v1.2.3", vcs[0], vcs[1], vcs[2]), "v1.2.3", vcs[1].Value, vcs[2].Value, false},
		"a checkout":             {build("v1.2.4-0.20261130090000-dc97791e0b6f+dirty", vcs...), "v1.2.4-0.20261130090000-dc97791e0b6f+dirty", vcs[1].Value, vcs[2].Value, true},
		"go install of a tag":    {build("v1.2.3"), "v1.2.3", "", "", false},
		"go install of a branch": {build("v0.0.0-20261130090000-dc97791e0b6f"), "v0.0.0-20261130090000-dc97791e0b6f", "dc97791e0b6f", "", false},
		"an older Go's checkout": {build("(devel)", vcs[1]), "development build of dc97791e0b6f", vcs[1].Value, "", false},
		"without -buildvcs":      {build("(devel)"), "development build", "", "", false},
		"by another linker":      {nil, "unknown", "", "", false},
	} {
		if v := describeBuild(c.info); v.Vlmchat != c.version || v.Commit != c.commit || v.Committed != c.committed || v.Modified != c.modified || v.CGO {
			t.Errorf("%s: %+v", name, v)
		}
	}
}
