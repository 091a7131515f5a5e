package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// platforms are those that are released: .goreleaser.yaml.
var platforms = []string{"linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64", "windows/amd64", "windows/arm64"}

// module is one of which packages are linked on some platform.
type module struct {
	path, version, dir string
	folders            map[string]bool // of its packages and of the files that these embed
}

// linkedPackage is what 'go list' says of a package.
type linkedPackage struct {
	Dir        string
	EmbedFiles []string
	Module     *struct {
		Path, Version, Dir string
		Main               bool
	}
}

// linkedModules are the modules that are linked on any platform, by their paths.
func linkedModules() ([]*module, error) {
	all := map[string]*module{}
	for _, platform := range platforms {
		goos, goarch, _ := strings.Cut(platform, "/")
		cmd := exec.Command("go", "list", "-deps", "-json=Dir,EmbedFiles,Module", ".")
		cmd.Env = append(os.Environ(), "GOOS="+goos, "GOARCH="+goarch, "CGO_ENABLED=0")
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			return nil, fmt.Errorf("go list for %s: %w: %s", platform, err, stderr.String())
		}
		for lines := json.NewDecoder(bytes.NewReader(out)); ; {
			var p linkedPackage
			if err := lines.Decode(&p); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				return nil, fmt.Errorf("what go list says for %s: %w", platform, err)
			}
			if p.Module == nil || p.Module.Main {
				continue // Go's own, which has one licence, and ours
			}
			m := all[p.Module.Path]
			if m == nil {
				m = &module{path: p.Module.Path, version: p.Module.Version, dir: p.Module.Dir, folders: map[string]bool{}}
				all[m.path] = m
			}
			m.add(p.Dir)
			for _, embedded := range p.EmbedFiles {
				m.add(filepath.Dir(filepath.Join(p.Dir, embedded)))
			}
		}
	}
	var sorted []*module
	for _, m := range all {
		sorted = append(sorted, m)
	}
	slices.SortFunc(sorted, func(a, b *module) int { return cmp.Compare(a.path, b.path) })
	return sorted, nil
}

// add notes a folder, and those above it in the module: their licences are about it, too.
func (m *module) add(folder string) {
	for {
		m.folders[folder] = true
		if folder == m.dir || !strings.HasPrefix(folder, m.dir) {
			return
		}
		folder = filepath.Dir(folder)
	}
}

// aboutOther are licences of modules that are about nothing that is linked.
var aboutOther = map[string]string{
	"modernc.org/memory/LICENSE-LOGO":         "a picture of its web page",
	"modernc.org/sqlite/LICENSE-SQLITE_VEC":   "a package that is not linked",
	"modernc.org/sqlite/LICENSE-3RD-PARTY.md": "modules that have their own entries here, and others that are not linked",
}

// licences are the files of a module that say under which conditions it stands, by their paths in it.
func (m *module) licences() ([]string, error) {
	var names []string
	for folder := range m.folders {
		entries, err := os.ReadDir(folder)
		if err != nil {
			return nil, err
		}
		for _, entry := range entries {
			upper := strings.ToUpper(entry.Name())
			named := strings.HasPrefix(upper, "LICENSE") || strings.HasPrefix(upper, "LICENCE") || strings.HasPrefix(upper, "COPYING") ||
				strings.HasPrefix(upper, "NOTICE") || strings.HasPrefix(upper, "PATENTS")
			if !named || entry.IsDir() || strings.HasSuffix(upper, ".GO") {
				continue
			}
			name, err := filepath.Rel(m.dir, filepath.Join(folder, entry.Name()))
			if err != nil {
				return nil, err
			}
			if _, other := aboutOther[m.path+"/"+filepath.ToSlash(name)]; !other {
				names = append(names, filepath.ToSlash(name))
			}
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s %s has no licence: nobody may pass it on", m.path, m.version)
	}
	// That of the module first, then those of its parts.
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(strings.Count(a, "/"), strings.Count(b, "/")), cmp.Compare(a, b))
	})
	return names, nil
}
