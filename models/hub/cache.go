package hub

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// cache is the folder that Hugging Face's programs share. Of owner/name it keeps in
// models--owner--name
//
//	blobs/HASH               contents, by the names that the hub has for them
//	snapshots/COMMIT/PATH    what a commit consists of: relative links to contents
//	refs/REVISION            the commit that a branch or tag was when it was last asked for
//
// and beside these .locks/models--owner--name/HASH.lock, which whoever fetches a content holds.
// Where there are no links the snapshots have the contents themselves.
type cache struct{ dir string }

// repoPrefix is what the folders of models begin with.
const repoPrefix = "models--"

func folderName(repo string) string { return repoPrefix + strings.ReplaceAll(repo, "/", "--") }

// repoOf is the repository that a folder is of, "" if it is of none.
func repoOf(folder string) string {
	rest, ok := strings.CutPrefix(folder, repoPrefix)
	repo := strings.Replace(rest, "--", "/", 1)
	if !ok || !IsRepo(repo) {
		return ""
	}
	return repo
}

func (c cache) repo(repo string) string { return filepath.Join(c.dir, folderName(repo)) }

func (c cache) blob(repo, etag string) string { return filepath.Join(c.repo(repo), "blobs", etag) }

func (c cache) snapshot(repo, commit string) string {
	return filepath.Join(c.repo(repo), "snapshots", commit)
}

func (c cache) pointer(repo, commit, path string) string {
	return filepath.Join(c.snapshot(repo, commit), filepath.FromSlash(path))
}

func (c cache) ref(repo, revision string) string {
	return filepath.Join(c.repo(repo), "refs", filepath.FromSlash(revision))
}

func (c cache) lock(repo, etag string) string {
	return filepath.Join(c.dir, ".locks", folderName(repo), etag+".lock")
}

// What is ours: a file that comes in pieces and its record. The hub's client takes what ends
// in .incomplete for the remains of a download, and cleans it up when it is asked to.
const (
	partialEnding = ".vlmchat.incomplete"
	recordEnding  = ".vlmchat.pieces"
	olderEnding   = ".incomplete" // of the hub's client up to 1.0: the file up to where it broke off
)

// isFile reports whether a file of that size is at a path, or a link to one.
func isFile(path string, size int64) bool {
	fi, err := os.Stat(path)
	return err == nil && fi.Mode().IsRegular() && fi.Size() == size
}

// prepare makes the folders for a file. Others may use the cache, too, so that only the umask
// says who may read it.
func (c cache) prepare(repo, commit, path, etag string) error {
	_, err := os.Stat(c.dir)
	fresh := errors.Is(err, fs.ErrNotExist)
	for _, dir := range []string{filepath.Dir(c.blob(repo, etag)), filepath.Dir(c.pointer(repo, commit, path)), filepath.Dir(c.lock(repo, etag))} {
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return notWritable(c.dir, err)
		}
	}
	if fresh {
		c.tag()
	}
	return nil
}

// tag tells programs that make backups that the folder need not be in them:
// https://bford.info/cachedir/
func (c cache) tag() {
	const text = "Signature: 8a477f597d28d172789f06886806bc55\n# This file is a cache directory tag, of the cache of Hugging Face's programs.\n"
	_ = os.WriteFile(filepath.Join(c.dir, "CACHEDIR.TAG"), []byte(text), 0o666) // it is a courtesy
}

// link puts a content into a snapshot.
func (c cache) link(repo, commit string, f File) error {
	blob, pointer := c.blob(repo, f.etag()), c.pointer(repo, commit, f.Path)
	if isFile(pointer, f.Size) {
		return nil
	}
	_ = os.Remove(pointer) // a link to nothing, or half a copy
	if !isTrue(os.Getenv("HF_HUB_DISABLE_SYMLINKS")) {
		target, err := filepath.Rel(filepath.Dir(pointer), blob)
		if err != nil {
			return err
		}
		if err := os.Symlink(target, pointer); err == nil || isFile(pointer, f.Size) {
			return nil
		}
	}
	// Without links, as on Windows, the snapshot gets the content itself.
	if err := os.Rename(blob, pointer); err != nil && !isFile(pointer, f.Size) {
		return notWritable(c.dir, err)
	}
	return nil
}

// setRef notes the commit that a revision is.
func (c cache) setRef(repo, revision, commit string) error {
	path := c.ref(repo, revision)
	if data, err := os.ReadFile(path); revision == commit || err == nil && string(data) == commit {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	fresh := fmt.Sprintf("%s.%08x.tmp", path, rand.Uint32())
	if err := os.WriteFile(fresh, []byte(commit), 0o666); err != nil {
		return err
	}
	return os.Rename(fresh, path)
}

// repos names the repositories in the cache.
func (c cache) repos() ([]string, error) {
	if c.dir == "" {
		return nil, nil
	}
	entries, err := os.ReadDir(c.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the cache of Hugging Face can't be read: %w", err)
	}
	var repos []string
	for _, entry := range entries {
		if repo := repoOf(entry.Name()); repo != "" {
			repos = append(repos, repo)
		}
	}
	return repos, nil
}

// snapshot is what is there of a commit.
type snapshot struct {
	repo, commit string
	revision     string // "" for main; the commit itself where no branch or tag is it
	dir          string
}

// snapshots are those of a repository: main's first, then those of other branches and tags,
// then the rest, the newest first.
func (c cache) snapshots(repo string) []snapshot {
	dir := filepath.Join(c.repo(repo), "snapshots")
	return snapshotsIn(repo, dir, c.refs(repo))
}

func snapshotsIn(repo, dir string, refs map[string]string) []snapshot {
	entries, _ := os.ReadDir(dir) // what can't be read holds none
	type aged struct {
		snapshot
		rank int
		when int64
	}
	var all []aged
	for _, entry := range entries {
		s := aged{snapshot: snapshot{repo: repo, commit: entry.Name(), revision: entry.Name(), dir: filepath.Join(dir, entry.Name())}, rank: 2}
		fi, err := os.Stat(s.dir)
		if err != nil || !fi.IsDir() {
			continue
		}
		s.when = fi.ModTime().UnixNano()
		for revision, commit := range refs {
			switch {
			case commit != s.commit:
			case revision == DefaultRevision:
				s.revision, s.rank = "", 0
			case s.rank == 2, s.rank == 1 && revision < s.revision:
				s.revision, s.rank = revision, 1
			}
		}
		all = append(all, s)
	}
	slices.SortStableFunc(all, func(a, b aged) int {
		switch {
		case a.rank != b.rank:
			return a.rank - b.rank
		case a.rank == 1:
			return strings.Compare(a.revision, b.revision)
		case a.when != b.when && a.when > b.when:
			return -1
		case a.when != b.when:
			return 1
		}
		return strings.Compare(a.commit, b.commit)
	})
	snapshots := make([]snapshot, len(all))
	for i := range all {
		snapshots[i] = all[i].snapshot
	}
	return snapshots
}

// refs are the commits of a repository's branches and tags.
func (c cache) refs(repo string) map[string]string {
	return refsIn(filepath.Join(c.repo(repo), "refs"))
}

func refsIn(dir string) map[string]string {
	refs := map[string]string{}
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil // what can't be read is none
		}
		name, err := filepath.Rel(dir, path)
		if err != nil || !isRevision(filepath.ToSlash(name)) || strings.HasSuffix(name, ".tmp") {
			return nil
		}
		if fi, err := d.Info(); err != nil || fi.Size() > 100 {
			return nil
		}
		if data, err := os.ReadFile(path); err == nil {
			refs[filepath.ToSlash(name)] = strings.TrimSpace(string(data))
		}
		return nil
	})
	return refs
}

// files are those of a snapshot that are there.
func (s snapshot) files() []File {
	var files []File
	_ = filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil
		}
		if len(files) >= maxFiles {
			return fs.SkipAll
		}
		name, err := filepath.Rel(s.dir, path)
		if err != nil {
			return nil
		}
		if fi, err := os.Stat(path); err == nil && fi.Mode().IsRegular() {
			files = append(files, File{Path: filepath.ToSlash(name), Size: fi.Size()})
		}
		return nil
	})
	return files
}

// path is where a file of a snapshot is.
func (s snapshot) path(f File) string { return filepath.Join(s.dir, filepath.FromSlash(f.Path)) }
