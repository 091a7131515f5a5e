// Package hubtest is a server with the answers of Hugging Face's hub, for tests: repositories
// with revisions, redirects to a CDN at another address, and everything that goes wrong. The
// shapes are those that huggingface_hub reads (hf_api.py, file_download.py, utils/_http.py).
package hubtest

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Server is a hub and its CDN.
type Server struct {
	URL string // of the hub, for HF_ENDPOINT; with Prefix

	// What holds for all requests; to be set before the first one.
	Prefix   string // a path below which the hub lies, as a mirror's may: "/hf"
	Token    string // the only valid token; requests with another one get 401
	NoCDN    bool   // large files come from the hub itself
	NoRanges bool   // Range is ignored
	NoBlobs  bool   // the listing of a revision has no sizes, so that the tree has to be asked
	PageSize int    // entries of a page of the tree; 0: 1000
	Rate     int    // bytes per second of each connection; 0: as fast as can be
	// Before sees each request first; if it returns true, it has answered.
	Before func(w http.ResponseWriter, r *http.Request) bool

	hub, cdn *httptest.Server
	sent     atomic.Int64
	running  atomic.Int64

	mu       sync.Mutex
	repos    map[string]*repo
	log      []Request
	failures []failure
	cuts     map[string]cut
	wrong    map[string]bool
	links    int // the generation of signed addresses that still work
}

type repo struct {
	revisions map[string]string // to commits
	commits   map[string]map[string]content
	gated     bool
	private   bool
	moved     string
}

type content struct {
	open   func() (io.ReadSeekCloser, error)
	size   int64
	sha256 string
	blob   string // the SHA-1 of what lies in git: the content, or for a large file its pointer
	large  bool   // in LFS
}

func (c content) etag() string {
	if c.large {
		return c.sha256
	}
	return c.blob
}

type failure struct {
	times, status int
	header        http.Header
	cdn           bool
}

type cut struct {
	after int64
	times int
}

// Request is one that was made.
type Request struct {
	CDN           bool
	Method, Path  string
	Query         string
	Range         string
	Authorization string
	Status        int
	Sent          int64 // bytes of the body
}

// Files are the contents of a repository by their paths. Those that end in .gguf,
// .safetensors or .bin are large files, in LFS; all others lie in git.
type Files map[string]string

// Start starts a server without repositories.
func Start() *Server {
	s := &Server{repos: map[string]*repo{}, cuts: map[string]cut{}, wrong: map[string]bool{}}
	s.cdn = httptest.NewServer(s.logged(true, http.HandlerFunc(s.serveCDN)))
	s.hub = httptest.NewServer(s.logged(false, http.HandlerFunc(s.serveHub)))
	s.URL = s.hub.URL
	return s
}

// Below puts the hub below a path, as a mirror's may be.
func (s *Server) Below(prefix string) { s.Prefix, s.URL = prefix, s.hub.URL+prefix }

// Close ends it.
func (s *Server) Close() {
	s.hub.CloseClientConnections()
	s.cdn.CloseClientConnections()
	s.hub.Close()
	s.cdn.Close()
}

// Add makes a repository, or the next commit on a repository's main branch, and returns the
// commit.
func (s *Server) Add(name string, files Files) string { return s.AddRevision(name, "main", files) }

// AddRevision is Add on another branch or tag.
func (s *Server) AddRevision(name, revision string, files Files) string {
	contents := map[string]content{}
	for path, data := range files {
		contents[path] = contentOf(path, int64(len(data)), func() (io.ReadSeekCloser, error) {
			return nopCloser{strings.NewReader(data)}, nil
		})
	}
	return s.add(name, revision, contents)
}

// AddFolder makes a repository of the files of a folder, which are read when they are asked for.
func (s *Server) AddFolder(name, dir string) (commit string, err error) {
	contents := map[string]content{}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		fi, err := os.Stat(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		contents[rel] = contentOf(rel, fi.Size(), func() (io.ReadSeekCloser, error) { return os.Open(path) })
		return nil
	})
	return s.add(name, "main", contents), err
}

type nopCloser struct{ io.ReadSeeker }

func (nopCloser) Close() error { return nil }

func contentOf(path string, size int64, open func() (io.ReadSeekCloser, error)) content {
	c := content{open: open, size: size}
	switch strings.ToLower(filepath.Ext(path)) {
	case ".gguf", ".safetensors", ".bin":
		c.large = true
	}
	sum, blob := sha256.New(), sha1.New()
	fmt.Fprintf(blob, "blob %d\x00", size)
	if f, err := open(); err == nil {
		_, _ = io.Copy(io.MultiWriter(sum, blob), f)
		f.Close()
	}
	c.sha256 = hex.EncodeToString(sum.Sum(nil))
	c.blob = hex.EncodeToString(blob.Sum(nil))
	if c.large {
		pointer := c.pointer()
		c.blob = fmt.Sprintf("%x", sha1.Sum(fmt.Appendf(nil, "blob %d\x00%s", len(pointer), pointer)))
	}
	return c
}

// pointer is what lies in git for a large file.
func (c content) pointer() string {
	return fmt.Sprintf("version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize %d\n", c.sha256, c.size)
}

func (s *Server) add(name, revision string, contents map[string]content) string {
	sum := sha1.New()
	for _, path := range sortedPaths(contents) {
		fmt.Fprintln(sum, path, contents[path].etag())
	}
	commit := hex.EncodeToString(sum.Sum(nil))
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.repos[name]
	if r == nil {
		r = &repo{revisions: map[string]string{}, commits: map[string]map[string]content{}}
		s.repos[name] = r
	}
	r.revisions[revision] = commit
	r.commits[commit] = contents
	return commit
}

func sortedPaths(contents map[string]content) []string {
	paths := make([]string, 0, len(contents))
	for path := range contents {
		paths = append(paths, path)
	}
	sort.Strings(paths)
	return paths
}

// Gate makes a repository one whose terms nobody has accepted: its listing is open, its files
// are not.
func (s *Server) Gate(name string) { s.change(name, func(r *repo) { r.gated = true }) }

// Hide makes a repository private: without a token it does not exist.
func (s *Server) Hide(name string) { s.change(name, func(r *repo) { r.private = true }) }

// Move renames a repository: the old name redirects to the new one.
func (s *Server) Move(name, to string) {
	s.change(name, func(r *repo) { s.repos[to] = &repo{revisions: r.revisions, commits: r.commits}; r.moved = to })
}

func (s *Server) change(name string, do func(*repo)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	do(s.repos[name])
}

// Fail answers the next requests to the hub, or to the CDN, with a status.
func (s *Server) Fail(cdn bool, times, status int, header http.Header) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failures = append(s.failures, failure{times, status, header, cdn})
}

// Limit answers the next requests to the hub with 429, as the hub does, with both of its
// ways to say how long to wait.
func (s *Server) Limit(times, seconds int) {
	s.Fail(false, times, http.StatusTooManyRequests, http.Header{
		"Retry-After":      {fmt.Sprint(seconds)},
		"Ratelimit":        {fmt.Sprintf(`"resolvers";r=0;t=%d`, seconds)},
		"Ratelimit-Policy": {`"fixed window";"resolvers";q=3000;w=300`},
	})
}

// Cut ends the next answers with a file's content after so many bytes.
func (s *Server) Cut(path string, after int64, times int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cuts[path] = cut{after, times}
}

// Corrupt has one byte of a file come wrong from now on, or right again.
func (s *Server) Corrupt(path string, wrong bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wrong[path] = wrong
}

// ExpireLinks makes the signed addresses at the CDN, which were given out so far, invalid.
func (s *Server) ExpireLinks() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.links++
}

// Sent is how many bytes of files were sent.
func (s *Server) Sent() int64 { return s.sent.Load() }

// Running is how many requests are being answered just now.
func (s *Server) Running() int { return int(s.running.Load()) }

// Requests are those that were made, oldest first.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.log...)
}

// Forget empties the record of requests.
func (s *Server) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = nil
	s.sent.Store(0)
}

// logged notes each request, and lets what was set up go wrong.
func (s *Server) logged(cdn bool, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.running.Add(1)
		defer s.running.Add(-1)
		counted := &countedWriter{ResponseWriter: w, status: http.StatusOK}
		defer func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.log = append(s.log, Request{
				CDN: cdn, Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Range: r.Header.Get("Range"),
				Authorization: r.Header.Get("Authorization"), Status: counted.status, Sent: counted.n,
			})
		}()
		if s.Before != nil && s.Before(counted, r) {
			return
		}
		if f, ok := s.failure(cdn); ok {
			for name, values := range f.header {
				counted.Header()[name] = values
			}
			http.Error(counted, `{"error":"`+http.StatusText(f.status)+`"}`, f.status)
			return
		}
		next.ServeHTTP(counted, r)
	})
}

func (s *Server) failure(cdn bool) (failure, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.failures {
		if f := &s.failures[i]; f.cdn == cdn && f.times > 0 {
			f.times--
			return *f, true
		}
	}
	return failure{}, false
}

type countedWriter struct {
	http.ResponseWriter
	status int
	n      int64
}

func (w *countedWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *countedWriter) Write(p []byte) (int, error) {
	n, err := w.ResponseWriter.Write(p)
	w.n += int64(n)
	return n, err
}

func (w *countedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// refuse is the hub's error: its code and words are in headers, too.
func refuse(w http.ResponseWriter, status int, code, message string) {
	if code != "" {
		w.Header().Set("X-Error-Code", code)
	}
	w.Header().Set("X-Error-Message", message)
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if status == http.StatusUnauthorized {
		w.Header().Set("Www-Authenticate", `Bearer realm="Authentication required", charset="UTF-8"`)
	}
	w.WriteHeader(status)
	fmt.Fprintf(w, "{%q:%q}", "error", message)
}

// modified is when everything was.
var modified = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
