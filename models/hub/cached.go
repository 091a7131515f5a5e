package hub

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/vlmchat/vlmchat/engine"
)

// Cached is a GGUF model that is in the cache.
type Cached struct {
	Name         Name     // with a variant, and with a revision unless that is main
	Commit       string   // whose snapshot it is of
	Quantization string   // as the file's name has it; "" if it tells none
	Model        string   // path of the first part, in the snapshot's folder; "" if that has not come yet
	Projector    string   // path, "" if there is none: it can't see
	Files        []string // paths of all its files that are there
	Size         int64    // bytes that are there
	Incomplete   bool     // a pull of it was interrupted: a later one goes on
}

// FindCached finds a model in the cache. Nobody is asked. The error about one that is not
// there, or not whole, is a ModelNotFound that says how to pull it.
func FindCached(n Name) (Cached, error) { return cache{CacheDir()}.find(n) }

// ListCached returns the GGUF models that are in the cache, by name, those among them of which
// only a part has come.
func ListCached() ([]Cached, error) { return cache{CacheDir()}.list() }

// Snapshot is the newest snapshot of a repository, owner/name, that a caller wants: main's, or
// else that of another branch or tag, or the one that came last.
func Snapshot(repo string, wanted func(folder string) bool) (folder string, ok bool) {
	if !IsRepo(repo) {
		return "", false
	}
	return cache{CacheDir()}.newest(repo, wanted)
}

// SnapshotIn is Snapshot for a repository's own folder in a cache.
func SnapshotIn(folder string, wanted func(folder string) bool) (string, bool) {
	return newestOf(snapshotsIn("", filepath.Join(folder, "snapshots"), refsIn(filepath.Join(folder, "refs"))), wanted)
}

// Repositories names the repositories of models that are in the cache, as owner/name.
func Repositories() []string {
	repos, _ := cache{CacheDir()}.repos() // what can't be read has none
	return repos
}

func (c cache) newest(repo string, wanted func(folder string) bool) (string, bool) {
	return newestOf(c.snapshots(repo), wanted)
}

func newestOf(snapshots []snapshot, wanted func(folder string) bool) (string, bool) {
	for _, s := range snapshots {
		if wanted(s.dir) {
			return s.dir, true
		}
	}
	return "", false
}

// hasCheckpoint reports whether a snapshot has an encoder.
func hasCheckpoint(folder string) bool {
	return len(checkpointFiles(snapshot{dir: folder}.files())) > 0
}

// meant are the snapshots that a name can mean.
func (c cache) meant(n Name) []snapshot {
	all := c.snapshots(n.Repo)
	if n.Revision == "" {
		return all
	}
	commit := cmp.Or(c.refs(n.Repo)[n.Revision], n.Revision)
	return slices.DeleteFunc(all, func(s snapshot) bool { return s.commit != commit })
}

func (c cache) find(n Name) (Cached, error) {
	missing := &engine.Error{
		Kind:    engine.ModelNotFound,
		Message: fmt.Sprintf("%s is not in the cache of Hugging Face (%s)", oneLine(n.String()), c.dir),
		Hint:    fmt.Sprintf("fetch it with 'vlmchat models pull %s'", oneLine(n.String())),
	}
	if _, err := checkName(n); err != nil || c.dir == "" {
		return Cached{}, missing
	}
	var there []string
	for _, s := range c.meant(n) {
		files := s.files()
		g, err := choose(n, files)
		if err == nil {
			found := s.cached(g, files)
			if len(c.partialsOf(found)) > 0 {
				missing.Message = fmt.Sprintf("%s is not whole: a pull of it was interrupted", oneLine(n.String()))
				return Cached{}, missing
			}
			return found, nil
		}
		groups := groupModels(files)
		if len(groups) > 1 && n.Variant == "" {
			return Cached{}, err // it has several, and they are named
		}
		for _, g := range groups {
			if !g.whole() {
				missing.Message = fmt.Sprintf("%s is not whole: %d of its %d parts are in the cache of Hugging Face", oneLine(n.String()), len(g.files), g.name.parts)
				continue
			}
			if name := s.name(g, files).String(); !slices.Contains(there, name) {
				there = append(there, name)
			}
		}
	}
	if len(there) > 0 {
		missing.Hint += "; there are " + list(there)
	} else if len(c.partials(n.Repo)) > 0 {
		missing.Message = fmt.Sprintf("%s is not whole: a pull of it was interrupted", oneLine(n.String()))
	}
	return Cached{}, missing
}

// name is what a model of a snapshot is called.
func (s snapshot) name(g group, files []File) Name {
	n := variantOf(Name{Repo: s.repo}, g, files)
	n.Revision = s.revision
	return n
}

// variantOf adds to a name what tells a model from the others of a repository: its
// quantisation, or where that is not enough its file.
func variantOf(n Name, g group, files []File) Name {
	n.Variant = g.name.quant
	if n.Variant != "" {
		if other, err := choose(n, files); err == nil && other.files[0].Path == g.files[0].Path {
			return n
		}
	}
	n.Variant = g.files[0].Path
	return n
}

// cached describes a model of a snapshot.
func (s snapshot) cached(g group, files []File) Cached {
	found := Cached{
		Name: s.name(g, files), Commit: s.commit, Quantization: g.name.quant, Model: s.path(g.files[0]), Size: g.size(),
		Incomplete: !g.whole(),
	}
	for _, f := range g.files {
		found.Files = append(found.Files, s.path(f))
	}
	if p, err := chooseProjector(found.Name, g, files, ""); err == nil && p.Path != "" {
		found.Projector = s.path(p)
		found.Files = append(found.Files, found.Projector)
		found.Size += p.Size
	}
	return found
}

func (c cache) list() ([]Cached, error) {
	repos, err := c.repos()
	var all []Cached
	for _, repo := range repos {
		all = append(all, c.inRepo(repo)...)
	}
	slices.SortStableFunc(all, func(a, b Cached) int { return strings.Compare(a.Name.String(), b.Name.String()) })
	return all, err
}

// inRepo are the models of a repository. One that several commits have is that of the first.
func (c cache) inRepo(repo string) []Cached {
	var all []Cached
	seen := map[string]bool{} // contents
	for _, s := range c.snapshots(repo) {
		files := s.files()
		for _, g := range groupModels(files) {
			if content, err := filepath.EvalSymlinks(s.path(g.files[0])); err == nil {
				if seen[content] {
					continue
				}
				seen[content] = true
			}
			all = append(all, s.cached(g, files))
		}
	}
	for _, p := range c.partials(repo) {
		name, err := ParseName(p.Name)
		if err != nil || name.Repo != repo || !isGGUF(p.Path) {
			continue
		}
		at := slices.IndexFunc(all, func(known Cached) bool { return known.is(name) })
		if at < 0 {
			at = len(all)
			all = append(all, Cached{Name: name, Commit: p.Commit, Quantization: parseFileName(p.Path).quant})
		}
		all[at].Incomplete = true
		all[at].Size += p.have.size()
	}
	return all
}

// partialsOf are what there is of a model's files that have not come whole.
func (c cache) partialsOf(k Cached) []partial {
	return slices.DeleteFunc(c.partials(k.Name.Repo), func(p partial) bool {
		n, err := ParseName(p.Name)
		return err != nil || !k.is(n)
	})
}

// partials are what there is of files that have not come whole.
func (c cache) partials(repo string) []partial {
	dir := filepath.Join(c.repo(repo), "blobs")
	entries, _ := os.ReadDir(dir) // what can't be read holds none
	var all []partial
	for _, entry := range entries {
		etag, ok := strings.CutSuffix(entry.Name(), recordEnding)
		if !ok {
			continue
		}
		f, err := os.Open(filepath.Join(dir, entry.Name()))
		if err != nil {
			continue
		}
		p, err := readRecord(f)
		f.Close()
		if err == nil && p.ETag == etag && isFile(filepath.Join(dir, etag+partialEnding), p.Size) {
			all = append(all, p)
		}
	}
	return all
}

// is reports whether a name means a model.
func (k Cached) is(n Name) bool {
	if n.Repo != k.Name.Repo || n.Revision != "" && n.Revision != k.Name.revision() && n.Revision != k.Commit {
		return false
	}
	if n.wantsFile() && k.Model != "" {
		return strings.HasSuffix(filepath.ToSlash(k.Model), "/"+n.Variant)
	}
	return n.Variant == "" || strings.EqualFold(n.Variant, k.Name.Variant) || strings.EqualFold(n.Variant, k.Quantization)
}
