package runtimes

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/vlmchat/vlmchat/lazyregexp"
)

// PinnedTag is the llama.cpp release that Install takes from GitHub.
const PinnedTag = "b11739"

const (
	githubAPI     = "https://api.github.com"
	githubProject = "ggml-org/llama.cpp"

	// reachTime decides that GitHub can't be reached. The next source is worth
	// more to a person than the patience.
	reachTime = 5 * time.Second
	// idleTime is how long a download may stand still.
	idleTime = 30 * time.Second
	// maxArchive is above the largest release archive (CUDA, 400 MB).
	maxArchive = 2 << 30
	// maxAnswer bounds the API's JSON.
	maxAnswer = 16 << 20
)

// github takes the official archives from the project's releases.
type github struct {
	api, root string
	host      host
	backend   string
	latest    bool
	tag       string // of the release; "" before the newest is known
	pick      pick
	web       web
	step      func(Progress)
}

// pick is what resolve found in a release.
type pick struct {
	variant string  // the archive's name without what is the same in all
	assets  []asset // the archive, and what it needs besides
}

// release is what matters of the API's answer.
type release struct {
	Tag    string  `json:"tag_name"`
	Assets []asset `json:"assets"`
}

type asset struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	Digest string `json:"digest"` // "sha256:…"; absent for files uploaded before 2025
	URL    string `json:"browser_download_url"`
}

// pointerAsset is the only file of a release with a version number: the archives
// belong to the release of a build, whose tag is in it.
const pointerAsset = "nightly-tag.txt"

var (
	buildTag   = lazyregexp.New(`^b[0-9]{1,8}$`)
	versionTag = lazyregexp.New(`^v?([0-9]{1,4}(?:\.[0-9]{1,4}){1,3})$`)
)

// ValidVersion reports whether Install may be asked for a version of that form.
func ValidVersion(version string) bool { return tagOf(version) != "" }

// tagOf is the tag of a version's release: of b11739 itself, of 0.5.0 v0.5.0.
func tagOf(version string) string {
	if buildTag().MatchString(version) {
		return version
	}
	if m := versionTag().FindStringSubmatch(version); m != nil {
		return "v" + m[1]
	}
	return ""
}

func newGitHub(in *installer, opts Options) (*github, error) {
	g := &github{
		api:     strings.TrimSuffix(cmp.Or(opts.API, githubAPI), "/"),
		root:    in.root,
		host:    in.host,
		backend: opts.Backend,
		latest:  opts.Latest,
		web:     newWeb(cmp.Or(opts.reach, reachTime), cmp.Or(opts.idle, idleTime)),
		step:    in.step,
	}
	switch {
	case opts.Latest && opts.Version != "":
		return nil, fmt.Errorf("both the newest version and %s are asked for", opts.Version)
	case opts.Latest:
	case opts.Version == "":
		g.tag = PinnedTag
	default:
		if g.tag = tagOf(opts.Version); g.tag == "" {
			return nil, fmt.Errorf("%q is no version: it is a build such as %s, or a number such as 0.5.0", opts.Version, PinnedTag)
		}
	}
	return g, nil
}

func (g *github) title() string { return "GitHub" }

// folder is known beforehand where the archive's name is: installing again what
// is there takes no network.
func (g *github) folder() string {
	variant := g.pick.variant
	if best := wanted(g.host, g.backend); variant == "" && len(best) > 0 && best[0].fixed() {
		variant = best[0].name
	}
	if variant == "" || !buildTag().MatchString(g.tag) {
		return ""
	}
	return fmt.Sprintf("llama.cpp-%s-%s", g.tag, variant)
}

// resolve finds the release and its archive for this machine.
func (g *github) resolve(ctx context.Context) error {
	if len(variantsFor(g.host)) == 0 {
		return unavailable{fmt.Errorf("llama.cpp publishes no such archive for %s/%s", g.host.goos, g.host.goarch)}
	}
	which := "llama.cpp " + g.tag
	if g.latest {
		which = "the newest llama.cpp"
	}
	g.step(Progress{Step: fmt.Sprintf("Asking %s for %s", hostOf(g.api), which)})
	r, err := g.ask(ctx, g.tag)
	if err != nil {
		return err
	}
	if tag, err := g.pointsTo(ctx, r); err != nil {
		return err
	} else if tag != "" {
		if r, err = g.ask(ctx, tag); err != nil {
			return err
		}
	}
	g.tag = r.Tag
	for _, v := range wanted(g.host, g.backend) {
		if a, name, ok := v.find(r.Assets); ok {
			g.pick = pick{name, []asset{a}}
			return g.addCUDA(r)
		}
	}
	return unavailable{noBackend{g.tag, cmp.Or(g.backend, "cpu"), systemName(g.host.goos) + " on " + archName(g.host.goarch), offered(g.host, r.Assets)}}
}

// addCUDA adds CUDA's own libraries, which a release has beside the archive that
// uses them. On Windows few have them otherwise.
func (g *github) addCUDA(r release) error {
	if !strings.Contains(g.pick.variant, "-cuda-") {
		return nil
	}
	name := "cudart-llama-bin-" + g.pick.variant
	for _, a := range r.Assets {
		if a.Name == name+".zip" || a.Name == name+".tar.gz" {
			g.pick.assets = append(g.pick.assets, a)
			return nil
		}
	}
	if g.host.goos == "windows" {
		return unavailable{fmt.Errorf("llama.cpp's release %s has no %s.zip, which belongs to its CUDA archive", g.tag, name)}
	}
	return nil
}

func (g *github) fetch(ctx context.Context, dir string) (archive, error) {
	known, err := readDigests(g.root)
	if err != nil {
		return archive{}, err
	}
	fetched := archive{manifest: manifest{Name: "llama.cpp " + g.tag}, keep: keepAll}
	for _, a := range g.pick.assets {
		digest, ok := strings.CutPrefix(a.Digest, "sha256:")
		if !ok || !isSHA256(digest) {
			return archive{}, unavailable{fmt.Errorf("%s gives no sha256 for %s, so it can't be verified", hostOf(g.api), a.Name)}
		}
		if err := known.compare(g.tag, a.Name, digest); err != nil {
			return archive{}, err
		}
		path := filepath.Join(dir, a.Name)
		err = g.web.download(ctx, a, path, digest, func(done int64) {
			g.step(Progress{Step: "Downloading " + a.Name, Done: done, Total: a.Size})
		})
		if err != nil {
			return archive{}, err
		}
		if err := known.addArchive(g.tag, a.Name, digest); err != nil {
			return archive{}, err
		}
		fetched.paths = append(fetched.paths, path)
		if fetched.manifest.Origin == "" {
			fetched.manifest.Origin, fetched.manifest.SHA256 = a.Name, digest
		} else {
			fetched.manifest.Origin += ", " + a.Name
		}
	}
	return fetched, nil
}

// ask asks the API for a release, or with no tag for the newest.
func (g *github) ask(ctx context.Context, tag string) (release, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, g.web.reach, fmt.Errorf("no answer within %v", g.web.reach))
	defer cancel()
	address := fmt.Sprintf("%s/repos/%s/releases/", g.api, githubProject)
	if tag == "" {
		address += "latest"
	} else {
		address += "tags/" + tag
	}
	resp, err := g.web.get(ctx, address)
	if err != nil {
		return release{}, err
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode == http.StatusNotFound:
		return release{}, unavailable{fmt.Errorf("%s has no release %s of llama.cpp", hostOf(g.api), tag)}
	case resp.StatusCode != http.StatusOK:
		return release{}, unavailable{refusal(resp)}
	}
	var r release
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(&r); err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		return release{}, unavailable{fmt.Errorf("%s gave no usable answer: %w", hostOf(g.api), err)}
	}
	// The tag becomes part of a folder's name.
	if tagOf(r.Tag) != r.Tag || tag != "" && r.Tag != tag {
		return release{}, unavailable{fmt.Errorf("%s gave no usable answer: it is about a release %q", hostOf(g.api), r.Tag)}
	}
	return r, nil
}

// pointsTo returns the tag of the build that a release with a version number
// stands for, or "" for a release that has archives itself.
func (g *github) pointsTo(ctx context.Context, r release) (string, error) {
	for _, a := range r.Assets {
		if a.Name != pointerAsset {
			continue
		}
		text, err := g.web.read(ctx, a)
		if err != nil {
			return "", err
		}
		tag := strings.TrimSpace(text)
		if !buildTag().MatchString(tag) {
			return "", unavailable{fmt.Errorf("the file %s of release %s doesn't name a build", pointerAsset, r.Tag)}
		}
		return tag, nil
	}
	return "", nil
}

// refusal says why a server didn't answer with what was asked for.
func refusal(resp *http.Response) error {
	err := fmt.Errorf("%s answers %s", resp.Request.URL.Host, resp.Status)
	if resp.StatusCode != http.StatusForbidden && resp.StatusCode != http.StatusTooManyRequests {
		return err
	}
	if resp.Header.Get("X-RateLimit-Remaining") != "0" && resp.Header.Get("Retry-After") == "" {
		return err
	}
	when := ""
	if reset, failed := strconv.ParseInt(resp.Header.Get("X-RateLimit-Reset"), 10, 64); failed == nil {
		when = " until " + time.Unix(reset, 0).Format("15:04")
	}
	return fmt.Errorf("%w: too many requests from this address%s", err, when)
}

var sha256Hex = lazyregexp.New(`^[0-9a-f]{64}$`)

func isSHA256(s string) bool { return sha256Hex().MatchString(s) }

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return address
	}
	return u.Host
}

// short is the innermost reason of a failed request. The outer ones repeat the
// address and the verb.
func short(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}
