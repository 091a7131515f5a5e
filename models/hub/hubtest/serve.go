package hubtest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

func (s *Server) serveHub(w http.ResponseWriter, r *http.Request) {
	path, ok := strings.CutPrefix(r.URL.Path, s.Prefix)
	if !ok {
		http.NotFound(w, r)
		return
	}
	if s.Token != "" && r.Header.Get("Authorization") != "" && !s.known(r) {
		refuse(w, http.StatusUnauthorized, "", "Invalid credentials in Authorization header")
		return
	}
	if rest, ok := strings.CutPrefix(path, "/api/resolve-cache/models/"); ok {
		s.serveSmall(w, r, rest)
		return
	}
	if rest, ok := strings.CutPrefix(path, "/api/models/"); ok {
		s.serveAPI(w, r, rest)
		return
	}
	parts := strings.SplitN(strings.TrimPrefix(path, "/"), "/", 3)
	if len(parts) == 3 {
		if rest, ok := strings.CutPrefix(parts[2], "resolve/"); ok {
			s.serveResolve(w, r, parts[0]+"/"+parts[1], rest)
			return
		}
	}
	http.NotFound(w, r)
}

// known reports whether somebody shows the token.
func (s *Server) known(r *http.Request) bool {
	return s.Token != "" && r.Header.Get("Authorization") == "Bearer "+s.Token
}

// find finds the repository, and answers the request if there is none that may be seen.
func (s *Server) find(w http.ResponseWriter, r *http.Request, name string) *repo {
	s.mu.Lock()
	found := s.repos[name]
	s.mu.Unlock()
	switch {
	case found != nil && found.moved != "":
		w.Header().Set("Location", s.Prefix+strings.Replace(strings.TrimPrefix(r.URL.RequestURI(), s.Prefix), name, found.moved, 1))
		w.WriteHeader(http.StatusTemporaryRedirect)
		return nil
	case (found == nil || found.private) && !s.known(r):
		refuse(w, http.StatusUnauthorized, "RepoNotFound", "Invalid username or password.")
		return nil
	case found == nil:
		refuse(w, http.StatusNotFound, "RepoNotFound", "Repository not found")
		return nil
	}
	return found
}

// at is the commit that a revision means.
func (s *Server) at(r *repo, revision string) (string, map[string]content) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if commit, ok := r.revisions[revision]; ok {
		revision = commit
	}
	return revision, r.commits[revision]
}

type lfs struct {
	OID         string `json:"oid,omitempty"`
	SHA256      string `json:"sha256,omitempty"`
	Size        int64  `json:"size"`
	PointerSize int    `json:"pointerSize"`
}

type sibling struct {
	Name string `json:"rfilename"`
	Blob string `json:"blobId,omitempty"`
	Size *int64 `json:"size,omitempty"`
	LFS  *lfs   `json:"lfs,omitempty"`
}

// serveAPI answers owner/name, owner/name/revision/REV and owner/name/tree/REV.
func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request, path string) {
	parts := strings.SplitN(path, "/", 4)
	if len(parts) < 2 {
		refuse(w, http.StatusNotFound, "RepoNotFound", "Repository not found")
		return
	}
	name := parts[0] + "/" + parts[1]
	found := s.find(w, r, name)
	if found == nil {
		return
	}
	what, revision := "revision", "main"
	if len(parts) == 4 {
		what, revision = parts[2], parts[3]
	}
	commit, contents := s.at(found, revision)
	if contents == nil {
		refuse(w, http.StatusNotFound, "RevisionNotFound", "Invalid rev id: "+revision)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if what == "tree" {
		s.serveTree(w, r, contents)
		return
	}
	var siblings []sibling
	for _, path := range sortedPaths(contents) {
		one := sibling{Name: path}
		if c := contents[path]; r.URL.Query().Get("blobs") != "" && !s.NoBlobs {
			one.Blob, one.Size = c.blob, &c.size
			if c.large {
				one.LFS = &lfs{SHA256: c.sha256, Size: c.size, PointerSize: len(c.pointer())}
			}
		}
		siblings = append(siblings, one)
	}
	gated := any(false)
	if found.gated {
		gated = "manual"
	}
	_ = json.NewEncoder(w).Encode(map[string]any{
		"_id": "0123456789abcdef01234567", "id": name, "modelId": name, "author": parts[0], "sha": commit,
		"private": found.private, "gated": gated, "disabled": false, "downloads": 1, "likes": 0, "tags": []string{"gguf"},
		"pipeline_tag": "image-text-to-text", "lastModified": modified.Format("2006-01-02T15:04:05.000Z"), "siblings": siblings,
	})
}

type treeEntry struct {
	Type string `json:"type"`
	OID  string `json:"oid"`
	Size int64  `json:"size"`
	LFS  *lfs   `json:"lfs,omitempty"`
	Xet  string `json:"xetHash,omitempty"`
	Path string `json:"path"`
}

// serveTree lists files and folders, a page at a time.
func (s *Server) serveTree(w http.ResponseWriter, r *http.Request, contents map[string]content) {
	var entries []treeEntry
	folders := map[string]bool{}
	for _, path := range sortedPaths(contents) {
		for i, letter := range path {
			if letter == '/' && !folders[path[:i]] {
				folders[path[:i]] = true
				entries = append(entries, treeEntry{Type: "directory", OID: strings.Repeat("d", 40), Path: path[:i]})
			}
		}
		c := contents[path]
		e := treeEntry{Type: "file", OID: c.blob, Size: c.size, Path: path}
		if c.large {
			e.LFS = &lfs{OID: c.sha256, Size: c.size, PointerSize: len(c.pointer())}
			e.Xet = c.sha256
		}
		entries = append(entries, e)
	}
	page := s.PageSize
	if page == 0 {
		page = 1000
	}
	from, _ := strconv.Atoi(r.URL.Query().Get("cursor"))
	from = min(max(from, 0), len(entries))
	to := min(from+page, len(entries))
	if to < len(entries) {
		q := r.URL.Query()
		q.Set("cursor", strconv.Itoa(to))
		w.Header().Set("Link", fmt.Sprintf(`<%s%s?%s>; rel="next"`, s.hub.URL, r.URL.EscapedPath(), q.Encode()))
	}
	_ = json.NewEncoder(w).Encode(entries[from:to])
}

// locate finds a file and sets what the hub says of it.
func (s *Server) locate(w http.ResponseWriter, r *http.Request, name, rest string) (commit, path string, c content, ok bool) {
	found := s.find(w, r, name)
	if found == nil {
		return "", "", c, false
	}
	if found.gated {
		if !s.known(r) {
			refuse(w, http.StatusUnauthorized, "GatedRepo", "Access to model "+name+" is restricted. You must have access to it and be authenticated to access it. Please log in.")
		} else {
			refuse(w, http.StatusForbidden, "GatedRepo", "Access to model "+name+" is restricted and you are not in the authorized list. Visit https://huggingface.co/"+name+" to ask for access.")
		}
		return "", "", c, false
	}
	var contents map[string]content
	revision, path, _ := strings.Cut(rest, "/")
	if commit, contents = s.at(found, revision); contents == nil {
		refuse(w, http.StatusNotFound, "RevisionNotFound", "Invalid rev id: "+revision)
		return "", "", c, false
	}
	if c, ok = contents[path]; !ok {
		refuse(w, http.StatusNotFound, "EntryNotFound", "Entry not found")
		return "", "", c, false
	}
	w.Header().Set("X-Repo-Commit", commit)
	w.Header().Set("Accept-Ranges", "bytes")
	w.Header().Set("Content-Disposition", fmt.Sprintf("inline; filename*=UTF-8''%s; filename=%q;", url.PathEscape(path), path))
	return commit, path, c, true
}

// serveResolve redirects to where a file's content is: the CDN for a large one, the hub's own
// cache for a small one.
func (s *Server) serveResolve(w http.ResponseWriter, r *http.Request, name, rest string) {
	commit, path, c, ok := s.locate(w, r, name, rest)
	if !ok {
		return
	}
	switch {
	case c.large && s.NoCDN:
		w.Header().Set("ETag", `"`+c.etag()+`"`)
		s.send(w, r, path, c)
	case c.large:
		w.Header().Set("X-Linked-Size", strconv.FormatInt(c.size, 10))
		w.Header().Set("X-Linked-ETag", `"`+c.etag()+`"`)
		w.Header().Set("X-Xet-Hash", c.sha256)
		w.Header().Set("Link", fmt.Sprintf(`<%s/api/models/%s/xet-read-token/%s>; rel="xet-auth"`, s.hub.URL, name, commit))
		s.mu.Lock()
		links := s.links
		s.mu.Unlock()
		q := url.Values{"repo": {name}, "commit": {commit}, "path": {path}, "X-Amz-Expires": {"3600"}, "X-Amz-Signature": {strconv.Itoa(links)}}
		http.Redirect(w, r, s.cdn.URL+"/xet-bridge-us/"+c.sha256+"?"+q.Encode(), http.StatusFound)
	default:
		w.Header().Set("ETag", `"`+c.etag()+`"`)
		w.Header().Set("Location", s.Prefix+"/api/resolve-cache/models/"+name+"/"+commit+"/"+(&url.URL{Path: path}).EscapedPath())
		w.WriteHeader(http.StatusTemporaryRedirect)
	}
}

func (s *Server) serveSmall(w http.ResponseWriter, r *http.Request, rest string) {
	parts := strings.SplitN(rest, "/", 3)
	if len(parts) < 3 {
		http.NotFound(w, r)
		return
	}
	_, path, c, ok := s.locate(w, r, parts[0]+"/"+parts[1], parts[2])
	if ok {
		w.Header().Set("ETag", `"`+c.etag()+`"`)
		s.send(w, r, path, c)
	}
}

func (s *Server) serveCDN(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	s.mu.Lock()
	links := s.links
	found := s.repos[q.Get("repo")]
	s.mu.Unlock()
	if found == nil || q.Get("X-Amz-Signature") != strconv.Itoa(links) {
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>`)
		return
	}
	_, contents := s.at(found, q.Get("commit"))
	c, ok := contents[q.Get("path")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("ETag", `"`+c.sha256[:32]+`"`) // the store's own, and no digest of the content
	s.send(w, r, q.Get("path"), c)
}

// send sends a file, or the range of it that is asked for.
func (s *Server) send(w http.ResponseWriter, r *http.Request, path string, c content) {
	f, err := c.open()
	if err != nil {
		http.Error(w, "no such file", http.StatusInternalServerError)
		return
	}
	defer f.Close()
	s.mu.Lock()
	faults := faultyReader{ReadSeeker: f, rate: s.Rate, cut: -1, wrong: s.wrong[path], sent: &s.sent}
	if cut := s.cuts[path]; cut.times > 0 && r.Method == http.MethodGet {
		s.cuts[path] = cutOnceLess(cut)
		faults.cut = cut.after
	}
	s.mu.Unlock()
	w.Header().Set("Content-Type", "application/octet-stream")
	if s.NoRanges {
		r.Header.Del("Range")
		w.Header().Set("Accept-Ranges", "none")
	}
	http.ServeContent(w, r, "", modified, &faults)
}

func cutOnceLess(c cut) cut { return cut{c.after, c.times - 1} }

// faultyReader is a file that comes slowly, breaks off, or is wrong in its 100th byte.
type faultyReader struct {
	io.ReadSeeker
	rate  int
	cut   int64 // bytes until it breaks, -1: never
	wrong bool
	at    int64
	sent  interface{ Add(int64) int64 }

	due time.Time // when what was read so far may have been
}

// pace waits until so many more bytes may have come.
func (f *faultyReader) pace(n int) {
	if f.due.IsZero() {
		f.due = time.Now()
	}
	f.due = f.due.Add(time.Duration(n) * time.Second / time.Duration(f.rate))
	time.Sleep(time.Until(f.due))
}

func (f *faultyReader) Seek(offset int64, whence int) (int64, error) {
	at, err := f.ReadSeeker.Seek(offset, whence)
	f.at = at
	return at, err
}

func (f *faultyReader) Read(p []byte) (int, error) {
	if f.cut == 0 {
		panic(http.ErrAbortHandler) // which ends the connection
	}
	if f.cut > 0 {
		p = p[:min(int64(len(p)), f.cut)]
	}
	if f.rate > 0 {
		const perSecond = 50
		p = p[:min(len(p), max(1, f.rate/perSecond))]
	}
	n, err := f.ReadSeeker.Read(p)
	if f.rate > 0 {
		f.pace(n)
	}
	const bad = 100
	if f.wrong && f.at <= bad && bad < f.at+int64(n) {
		p[bad-f.at] ^= 0xff
	}
	f.at += int64(n)
	f.sent.Add(int64(n))
	if f.cut > 0 {
		f.cut -= int64(n)
	}
	return n, err
}
