package hub

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/vlmchat/vlmchat/engine"
)

// maxFiles is more than any repository of a model has.
const maxFiles = 100_000

// list asks the hub which files a revision has, and which commit it is.
func (c *Client) list(ctx context.Context, n Name, said func(string)) (commit string, files []File, err error) {
	u := c.address("api/models", n.Repo, "revision", url.PathEscape(n.revision()))
	u.RawQuery = "blobs=true"
	body, _, err := c.ask(ctx, n, u, said)
	if err != nil {
		return "", nil, err
	}
	commit, files, whole, err := parseRevision(body)
	if err != nil {
		return "", nil, c.strange(n, err)
	}
	if !whole { // a mirror may tell the names only, or none at all
		files, err = c.tree(ctx, n, commit, said)
	}
	return commit, files, err
}

// strange says that an answer is none of a hub's.
func (c *Client) strange(n Name, err error) error {
	return &engine.Error{
		Kind: engine.Failed, Err: err,
		Message: fmt.Sprintf("what %s answers for %s is not what a hub says: %v", c.endpoint.Host, n.Repo, err),
		Hint:    "if HF_ENDPOINT names a mirror, see whether that is one",
	}
}

// parseRevision reads what the hub says of a revision. It is not whole if sizes and hashes of
// files are not told.
func parseRevision(body []byte) (commit string, files []File, whole bool, err error) {
	var document struct {
		SHA      string `json:"sha"`
		Siblings []struct {
			Path string `json:"rfilename"`
			Size *int64 `json:"size"`
			Blob string `json:"blobId"`
			LFS  *struct {
				Size   int64  `json:"size"`
				SHA256 string `json:"sha256"`
			} `json:"lfs"`
		} `json:"siblings"`
	}
	if err := json.Unmarshal(body, &document); err != nil {
		return "", nil, false, fmt.Errorf("it is no such JSON")
	}
	if !isCommit(document.SHA) {
		return "", nil, false, fmt.Errorf("it names no commit")
	}
	if len(document.Siblings) > maxFiles {
		return "", nil, false, fmt.Errorf("it lists %d files", len(document.Siblings))
	}
	whole = len(document.Siblings) > 0
	for _, s := range document.Siblings {
		f := File{Path: s.Path, Blob: s.Blob}
		if s.Size != nil {
			f.Size = *s.Size
		}
		if s.LFS != nil {
			f.SHA256, f.Size = s.LFS.SHA256, s.LFS.Size
		}
		if s.Size == nil && s.LFS == nil || f.etag() == "" {
			whole = false
		}
		if f.isSound() {
			files = append(files, f)
		}
	}
	return document.SHA, files, whole, nil
}

// isSound reports whether the file can be put into the cache: its path stays in a folder, its
// hashes are some, and its size is possible. Of others nothing is fetched.
func (f File) isSound() bool {
	const most = 1 << 50
	return isSafePath(f.Path) && f.Size >= 0 && f.Size <= most && isHash(f.etag()) &&
		(f.SHA256 == "" || len(f.SHA256) == 64) && (f.SHA256 != "" || len(f.Blob) == 40)
}

// tree lists the files of a commit page by page.
func (c *Client) tree(ctx context.Context, n Name, commit string, said func(string)) ([]File, error) {
	u := c.address("api/models", n.Repo, "tree", commit)
	u.RawQuery = "recursive=true"
	var files []File
	const maxPages = 1000
	for range maxPages {
		body, header, err := c.ask(ctx, n, u, said)
		if err != nil {
			return nil, err
		}
		page, err := parseTree(body)
		if err != nil {
			return nil, c.strange(n, err)
		}
		files = append(files, page...)
		next := nextPage(header, u)
		if next == nil {
			return files, nil
		}
		if !c.isHub(next) || len(files) > maxFiles {
			break
		}
		u = next
	}
	return nil, c.strange(n, fmt.Errorf("its listing has no end"))
}

// parseTree reads a page of a listing.
func parseTree(body []byte) ([]File, error) {
	var entries []struct {
		Type string `json:"type"`
		Path string `json:"path"`
		Size int64  `json:"size"`
		OID  string `json:"oid"`
		LFS  *struct {
			Size int64  `json:"size"`
			OID  string `json:"oid"`
		} `json:"lfs"`
	}
	if err := json.Unmarshal(body, &entries); err != nil {
		return nil, fmt.Errorf("it is no such JSON")
	}
	var files []File
	for _, e := range entries {
		f := File{Path: e.Path, Size: e.Size, Blob: e.OID}
		if e.LFS != nil {
			f.Size, f.SHA256 = e.LFS.Size, e.LFS.OID
		}
		if e.Type == "file" && f.isSound() {
			files = append(files, f)
		}
	}
	return files, nil
}

// nextPage reads the Link header, as GitHub has it, too.
func nextPage(h http.Header, from *url.URL) *url.URL {
	for link := range strings.SplitSeq(strings.Join(h.Values("Link"), ","), ",") {
		address, rest, ok := strings.Cut(strings.TrimSpace(link), ">")
		if !ok || !strings.HasPrefix(address, "<") || !strings.Contains(rest, `rel="next"`) {
			continue
		}
		if u, err := from.Parse(address[1:]); err == nil {
			return u
		}
	}
	return nil
}
