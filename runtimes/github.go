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
	"regexp"
	"strconv"
	"strings"
	"time"
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
	tag       string
	asset     string // "" if there is none for this machine
	variant   string // the asset's name without what is the same in all
	platform  string // for the message that there is none
	web       web
	step      func(Progress)
}

// release is what matters of the API's answer.
type release struct {
	Assets []asset `json:"assets"`
}

type asset struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	Digest string `json:"digest"` // "sha256:…"; absent for files uploaded before 2025
	URL    string `json:"browser_download_url"`
}

func newGitHub(in *installer, opts Options) *github {
	g := &github{
		api:      cmp.Or(opts.API, githubAPI),
		root:     in.root,
		tag:      PinnedTag,
		platform: in.host.goos + "/" + in.host.goarch,
		web:      newWeb(cmp.Or(opts.reach, reachTime), cmp.Or(opts.idle, idleTime)),
		step:     in.step,
	}
	var suffix string
	g.variant, suffix = variantFor(in.host, opts.Backend)
	if g.variant != "" {
		g.asset = fmt.Sprintf("llama-%s-bin-%s%s", g.tag, g.variant, suffix)
	}
	return g
}

// variantFor chooses among a release's archives. Those with Vulkan run without
// a GPU as well, but are larger, so they are taken where a Vulkan loader says
// that somebody set graphics up. macOS archives always have Metal.
func variantFor(h host, backend string) (variant, suffix string) {
	arch, ok := map[string]string{"amd64": "x64", "arm64": "arm64"}[h.goarch]
	if !ok {
		return "", ""
	}
	if backend == "" {
		backend = "cpu"
		if hasVulkan(h) {
			backend = "vulkan"
		}
	}
	switch h.goos + " " + backend {
	case "linux cpu":
		return "ubuntu-" + arch, ".tar.gz"
	case "linux vulkan":
		return "ubuntu-vulkan-" + arch, ".tar.gz"
	case "windows cpu":
		return "win-cpu-" + arch, ".zip"
	case "windows vulkan":
		if arch == "x64" {
			return "win-vulkan-x64", ".zip"
		}
		return "win-cpu-" + arch, ".zip"
	case "darwin cpu", "darwin metal":
		return "macos-" + arch, ".tar.gz"
	}
	return "", ""
}

func (g *github) title() string  { return "GitHub" }
func (g *github) folder() string { return fmt.Sprintf("llama.cpp-%s-%s", g.tag, g.variant) }

func (g *github) fetch(ctx context.Context, dir string) (archive, error) {
	if g.asset == "" {
		return archive{}, unavailable{fmt.Errorf("llama.cpp publishes no such archive for %s", g.platform)}
	}
	g.step(Progress{Step: fmt.Sprintf("Asking %s for llama.cpp %s", hostOf(g.api), g.tag)})
	a, err := g.find(ctx)
	if err != nil {
		return archive{}, err
	}
	digest, ok := strings.CutPrefix(a.Digest, "sha256:")
	if !ok || !isSHA256(digest) {
		return archive{}, unavailable{fmt.Errorf("%s gives no sha256 for %s, so it can't be verified", hostOf(g.api), a.Name)}
	}
	known, err := readDigests(g.root)
	if err != nil {
		return archive{}, err
	}
	if err := known.compare(g.tag, a.Name, digest); err != nil {
		return archive{}, err
	}
	path := filepath.Join(dir, g.asset)
	err = g.web.download(ctx, a, path, digest, func(done int64) {
		g.step(Progress{Step: "Downloading " + a.Name, Done: done, Total: a.Size})
	})
	if err != nil {
		return archive{}, err
	}
	if err := known.addArchive(g.tag, a.Name, digest); err != nil {
		return archive{}, err
	}
	return archive{
		path:     path,
		manifest: manifest{Name: "llama.cpp " + g.tag, Origin: a.Name, SHA256: digest},
		keep:     keepAll,
	}, nil
}

// find asks the API for the asset.
func (g *github) find(ctx context.Context) (asset, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, g.web.reach, fmt.Errorf("no answer within %v", g.web.reach))
	defer cancel()
	address := fmt.Sprintf("%s/repos/%s/releases/tags/%s", strings.TrimSuffix(g.api, "/"), githubProject, g.tag)
	resp, err := g.web.get(ctx, address)
	if err != nil {
		return asset{}, err
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode == http.StatusNotFound:
		return asset{}, unavailable{fmt.Errorf("%s has no release %s of llama.cpp", hostOf(g.api), g.tag)}
	case resp.StatusCode != http.StatusOK:
		return asset{}, unavailable{refusal(resp)}
	}
	var r release
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(&r); err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		return asset{}, unavailable{fmt.Errorf("%s gave no usable answer: %w", hostOf(g.api), err)}
	}
	for _, a := range r.Assets {
		if a.Name == g.asset {
			return a, nil
		}
	}
	return asset{}, unavailable{fmt.Errorf("release %s has no %s", g.tag, g.asset)}
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

var sha256Hex = regexp.MustCompile(`^[0-9a-f]{64}$`)

func isSHA256(s string) bool { return sha256Hex.MatchString(s) }

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
