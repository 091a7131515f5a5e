package hub

import (
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/vlmchat/vlmchat/engine"
)

// Prefix is what the name of a model at Hugging Face begins with.
const Prefix = "hf:"

// DefaultRevision is what is meant where a name has no revision.
const DefaultRevision = "main"

// Name is a model at Hugging Face as people write it.
type Name struct {
	Repo     string // owner/repository
	Revision string // a branch, a tag or a commit; "" for main
	Variant  string // a quantisation such as Q8_0, or a file of the repository; "" to choose
}

// String returns the name as ParseName takes it: hf:owner/repo[@revision][:variant].
func (n Name) String() string {
	s := Prefix + n.Repo
	if n.Revision != "" {
		s += "@" + n.Revision
	}
	if n.Variant != "" {
		s += ":" + n.Variant
	}
	return s
}

// revision is the one that is asked for.
func (n Name) revision() string {
	if n.Revision == "" {
		return DefaultRevision
	}
	return n.Revision
}

// wantsFile reports whether the variant names a file rather than a quantisation.
func (n Name) wantsFile() bool { return isGGUF(n.Variant) }

// ParseName reads a name: owner/repo, owner/repo:Q8_0, owner/repo:file.gguf, each with
// @revision after the repository if wanted. "hf:", "hf.co/" or the address of the page in a
// browser may stand before it.
func ParseName(text string) (Name, error) {
	n, err := parseName(text)
	if err != nil {
		return Name{}, &engine.Error{
			Kind:    engine.ModelNotFound,
			Message: fmt.Sprintf("%s is no name of a model at Hugging Face: %v", oneLine(text), err),
			Hint:    "it is hf:owner/repository, with :Q8_0 or :file.gguf behind it for one of several, such as hf:ggml-org/SmolVLM-500M-Instruct-GGUF:Q8_0",
		}
	}
	return n, nil
}

// hosts are the hub's own, which may stand before a name.
var hosts = []string{"huggingface.co/", "hf.co/"}

func parseName(text string) (Name, error) {
	rest, _, isAddress := cutHub(text)
	if isAddress {
		return parseAddress(rest)
	}
	return checkName(splitName(rest))
}

// SaysHub reports whether a name says itself that it is of the hub: by hf: or the hub's host
// before it.
func SaysHub(text string) bool {
	_, says, _ := cutHub(text)
	return says
}

// cutHub takes off a name what says that it is of the hub. Behind a host it is an address.
func cutHub(text string) (rest string, says, isAddress bool) {
	rest = strings.TrimSpace(text)
	for _, prefix := range []string{"hf://", Prefix} {
		if after, ok := cutFold(rest, prefix); ok {
			rest, says = after, true
			break
		}
	}
	for _, prefix := range []string{"https://", "http://", "www."} {
		if after, ok := cutFold(rest, prefix); ok {
			rest = after
		}
	}
	for _, host := range hosts {
		if after, ok := cutFold(rest, host); ok {
			return after, true, true
		}
	}
	return rest, says, false
}

// cutFold is strings.CutPrefix without regard to case.
func cutFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

// splitName takes owner/repo@revision:variant apart.
func splitName(s string) Name {
	s, variant, _ := strings.Cut(s, ":")
	repo, revision, _ := strings.Cut(s, "@")
	return Name{Repo: repo, Revision: revision, Variant: variant}
}

// parseAddress takes what follows the host in the address of a repository's page, of a folder
// in it, or of a file.
func parseAddress(s string) (Name, error) {
	s, _, _ = strings.Cut(s, "?")
	s, _, _ = strings.Cut(s, "#")
	s = strings.TrimSuffix(s, "/")
	parts := strings.SplitN(s, "/", 5)
	if len(parts) < 4 {
		return checkName(splitName(s))
	}
	for i := range parts {
		plain, err := url.PathUnescape(parts[i])
		if err != nil {
			return Name{}, fmt.Errorf("it has a bad escape")
		}
		parts[i] = plain
	}
	n := Name{Repo: parts[0] + "/" + parts[1], Revision: parts[3]}
	if n.Revision == DefaultRevision {
		n.Revision = ""
	}
	switch parts[2] {
	case "resolve", "blob", "raw":
		if len(parts) == 5 {
			n.Variant = parts[4]
			break
		}
		return Name{}, fmt.Errorf("the address names no file")
	case "tree":
	default:
		return Name{}, fmt.Errorf("the address is of no model's files")
	}
	return checkName(n)
}

// checkName refuses a name that has no place in the cache's folders or in an address.
func checkName(n Name) (Name, error) {
	owner, repo, ok := strings.Cut(n.Repo, "/")
	switch {
	case !ok || owner == "" || repo == "":
		return Name{}, fmt.Errorf("it needs an owner and a repository with a / between them")
	case !IsRepo(n.Repo):
		return Name{}, fmt.Errorf("%q is no owner and repository: these are letters, digits, and - _ . between them", oneLine(n.Repo))
	case n.Revision != "" && !isRevision(n.Revision):
		return Name{}, fmt.Errorf("%q is no revision", oneLine(n.Revision))
	case n.Variant != "" && !isSafePath(n.Variant):
		return Name{}, fmt.Errorf("%q is neither a quantisation nor a file of a repository", oneLine(n.Variant))
	}
	return n, nil
}

// IsRepo reports whether a name could be a repository's at Hugging Face: owner/name, by the
// rules of the hub's own client.
func IsRepo(name string) bool {
	const most = 96 // of each
	owner, repo, ok := strings.Cut(name, "/")
	good := func(s string) bool {
		if s == "" || len(s) > most || strings.Contains(s, "--") || strings.Contains(s, "..") || strings.HasSuffix(s, ".git") {
			return false
		}
		for i := range len(s) {
			c := s[i]
			letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_'
			inner := (c == '-' || c == '.') && i > 0 && i < len(s)-1
			if !letter && !inner {
				return false
			}
		}
		return true
	}
	return ok && good(owner) && good(repo)
}

// isRevision reports whether a text can be a branch's, a tag's or a commit's name, of which
// the cache makes a file.
func isRevision(s string) bool {
	const most = 200
	if len(s) > most || !isSafePath(s) || strings.HasPrefix(s, "-") || strings.Contains(s, "..") || strings.HasSuffix(s, ".lock") {
		return false
	}
	return !strings.ContainsAny(s, " ~^:?*[@")
}

// isSafePath reports whether a path that somebody else chose, with / between its parts, stays
// in the folder that it is put into, on every system.
func isSafePath(path string) bool {
	const most = 1000
	if path == "" || len(path) > most || strings.ContainsAny(path, "\\:") {
		return false
	}
	for _, r := range path {
		if r < ' ' || r == 0x7f || r == 0xfffd {
			return false
		}
	}
	for part := range strings.SplitSeq(path, "/") {
		if part == "" || part == "." || part == ".." {
			return false
		}
	}
	return filepath.IsLocal(filepath.FromSlash(path))
}

// isCommit reports whether a text is a commit's hash.
func isCommit(s string) bool { return len(s) == 40 && isHex(s) }

// isHash reports whether a text names a file's content as the hub does: the SHA-1 of a git
// blob or a SHA-256.
func isHash(s string) bool { return (len(s) == 40 || len(s) == 64) && isHex(s) }

func isHex(s string) bool { return strings.Trim(s, "0123456789abcdef") == "" }

// oneLine makes foreign text fit for the middle of a sentence.
func oneLine(s string) string {
	const most = 300
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "?")), " ")
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}
