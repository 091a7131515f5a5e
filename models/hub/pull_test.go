package hub

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/models/hub/hubtest"
)

const smol = "ggml-org/SmolVLM-GGUF"

// large is more than one block, so that several connections come to be used.
const large = 3<<20 + 12345

func smolFiles() hubtest.Files {
	return hubtest.Files{
		"README.md":                     "# SmolVLM",
		".gitattributes":                "*.gguf filter=lfs",
		"SmolVLM-500M-Q8_0.gguf":        gguf(1, 3<<20),
		"SmolVLM-500M-f16.gguf":         gguf(2, 4<<20),
		"mmproj-SmolVLM-500M-Q8_0.gguf": gguf(3, 1<<20),
		"mmproj-SmolVLM-500M-f16.gguf":  gguf(4, 2<<20),
	}
}

func hashOf(s string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(s))) }

// TestLayout pins what a pull leaves, as huggingface_hub 2.4 reads and writes it.
func TestLayout(t *testing.T) {
	t.Parallel()
	s := startHub(t)
	files := smolFiles()
	commit := s.Add(smol, files)
	c := clientOf(t, s)
	found := mustPull(t, c, smol)
	model, projector := hashOf(files["SmolVLM-500M-Q8_0.gguf"]), hashOf(files["mmproj-SmolVLM-500M-f16.gguf"])
	repo := "models--ggml-org--SmolVLM-GGUF/"
	want := []string{
		".locks/models--ggml-org--SmolVLM-GGUF/" + model + ".lock",
		".locks/models--ggml-org--SmolVLM-GGUF/" + projector + ".lock",
		"CACHEDIR.TAG",
		repo + "blobs/" + model,
		repo + "blobs/" + projector,
		repo + "refs/main",
		repo + "snapshots/" + commit + "/SmolVLM-500M-Q8_0.gguf -> ../../blobs/" + model,
		repo + "snapshots/" + commit + "/mmproj-SmolVLM-500M-f16.gguf -> ../../blobs/" + projector,
	}
	slices.Sort(want)
	if have := layout(t, c.cache.dir); !slices.Equal(have, want) {
		t.Errorf("the cache has\n%s\nnot\n%s", strings.Join(have, "\n"), strings.Join(want, "\n"))
	}
	same(t, filepath.Join(c.cache.dir, repo, "refs", "main"), commit)
	same(t, found.Model, files["SmolVLM-500M-Q8_0.gguf"])
	same(t, found.Projector, files["mmproj-SmolVLM-500M-f16.gguf"])
	if found.Name.String() != "hf:"+smol+":Q8_0" || found.Quantization != "Q8_0" || found.Commit != commit || found.Size != 5<<20 || found.Incomplete {
		t.Errorf("it is found as %+v", found)
	}

	s.Forget()
	mustPull(t, c, smol+":q8_0")
	if s.Sent() != 0 || len(s.Requests()) != 1 {
		t.Errorf("what was there was asked for again: %+v", s.Requests())
	}
}

func TestPullSubfoldersAndSplits(t *testing.T) {
	t.Parallel()
	s := startHub(t)
	files := hubtest.Files{
		"UD-Q4_K_XL/Big-UD-Q4_K_XL-00001-of-00002.gguf": gguf(1, 1<<20),
		"UD-Q4_K_XL/Big-UD-Q4_K_XL-00002-of-00002.gguf": gguf(2, 1<<20),
		"Q8_0/Big-Q8_0-00001-of-00002.gguf":             gguf(3, 1<<20),
		"Q8_0/Big-Q8_0-00002-of-00002.gguf":             gguf(4, 1<<20),
		"mmproj-F16.gguf":                               gguf(5, 1<<20),
		"mmproj-BF16.gguf":                              gguf(6, 1<<20),
	}
	commit := s.Add("unsloth/Big-GGUF", files)
	c := clientOf(t, s)
	found := mustPull(t, c, "unsloth/Big-GGUF:UD-Q4_K_XL")
	dir := c.cache.snapshot("unsloth/Big-GGUF", commit)
	want := []string{
		filepath.Join(dir, "UD-Q4_K_XL", "Big-UD-Q4_K_XL-00001-of-00002.gguf"), filepath.Join(dir, "UD-Q4_K_XL", "Big-UD-Q4_K_XL-00002-of-00002.gguf"),
		filepath.Join(dir, "mmproj-F16.gguf"),
	}
	if !slices.Equal(found.Files, want) || found.Model != want[0] {
		t.Errorf("it is found as %+v", found)
	}
	target, err := os.Readlink(want[0])
	if err != nil || filepath.ToSlash(target) != "../../../blobs/"+hashOf(files["UD-Q4_K_XL/Big-UD-Q4_K_XL-00001-of-00002.gguf"]) {
		t.Errorf("the link leads to %s (%v)", target, err)
	}
}

// TestPullWays pulls from servers of different abilities.
func TestPullWays(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]func(*hubtest.Server, *Client){
		"with a CDN":             func(*hubtest.Server, *Client) {},
		"without":                func(s *hubtest.Server, _ *Client) { s.NoCDN = true },
		"without ranges":         func(s *hubtest.Server, _ *Client) { s.NoRanges = true },
		"one connection":         func(_ *hubtest.Server, c *Client) { c.connections = 1 },
		"many":                   func(_ *hubtest.Server, c *Client) { c.connections = 16 },
		"pages of the tree":      func(s *hubtest.Server, _ *Client) { s.NoBlobs, s.PageSize = true, 2 },
		"below a path":           func(s *hubtest.Server, c *Client) { s.Below("/hf"); c.endpoint.Path = "/hf" },
		"connections that break": func(s *hubtest.Server, _ *Client) { s.Cut("M-Q8_0.gguf", 300<<10, 4) },
		"a CDN in trouble":       func(s *hubtest.Server, _ *Client) { s.Fail(true, 3, http.StatusBadGateway, nil) },
		"a hub in trouble":       func(s *hubtest.Server, _ *Client) { s.Fail(false, 3, http.StatusServiceUnavailable, nil) },
		"no ranges and breaks":   func(s *hubtest.Server, _ *Client) { s.NoRanges = true; s.Cut("M-Q8_0.gguf", 2<<20, 2) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startHub(t)
			c := clientOf(t, s)
			set(s, c)
			files := hubtest.Files{"M-Q8_0.gguf": gguf(1, large), "mmproj-M-f16.gguf": gguf(2, 1000), "x/y.md": "", "z.md": ""}
			s.Add("o/M", files)
			found := mustPull(t, c, "o/M")
			same(t, found.Model, files["M-Q8_0.gguf"])
			same(t, found.Projector, files["mmproj-M-f16.gguf"])
		})
	}
}

// TestExpiredLinks has the signed address at the CDN become invalid in the middle.
func TestExpiredLinks(t *testing.T) {
	t.Parallel()
	s := startHub(t)
	content := gguf(1, large)
	s.Add("o/M", hubtest.Files{"M-Q8_0.gguf": content})
	c := clientOf(t, s)
	var once sync.Once
	s.Before = func(http.ResponseWriter, *http.Request) bool {
		if s.Sent() > 512<<10 {
			once.Do(s.ExpireLinks)
		}
		return false
	}
	same(t, mustPull(t, c, "o/M").Model, content)
	refused := slices.ContainsFunc(s.Requests(), func(r hubtest.Request) bool { return r.CDN && r.Status == http.StatusForbidden })
	if !refused {
		t.Error("no address had expired")
	}
}

// TestTokenStays sends the token to the hub and to nobody else.
func TestTokenStays(t *testing.T) {
	t.Parallel()
	s := startHub(t)
	s.Token = "hf_secret"
	s.Add("o/M", hubtest.Files{"M-Q8_0.gguf": gguf(1, 1<<20)})
	s.Hide("o/M")
	c := clientOf(t, s)
	c.token, c.tokenFrom = "hf_secret", "HF_TOKEN"
	mustPull(t, c, "o/M")
	for _, r := range s.Requests() {
		if r.CDN && r.Authorization != "" || !r.CDN && r.Authorization != "Bearer hf_secret" {
			t.Errorf("the request %+v", r)
		}
	}
	for _, line := range layout(t, c.cache.dir) {
		path := filepath.Join(c.cache.dir, strings.Split(line, " ")[0])
		if data, _ := os.ReadFile(path); strings.Contains(string(data), "hf_secret") {
			t.Errorf("%s has the token in it", path)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		set   func(*hubtest.Server, *Client)
		pull  string
		kind  engine.ErrorKind
		words []string
	}{
		"none":        {nil, "o/none", engine.ModelNotFound, []string{"there is no o/none", "private", "HF_TOKEN"}},
		"none, known": {func(s *hubtest.Server, c *Client) { s.Token = "t"; c.token, c.tokenFrom = "t", "HF_TOKEN" }, "o/none", engine.ModelNotFound, []string{"the token in HF_TOKEN sees no private one"}},
		"gated":       {func(s *hubtest.Server, _ *Client) { s.Gate("o/M") }, "o/M", engine.Unauthorized, []string{"o/M is gated", "/o/M, then set HF_TOKEN"}},
		"gated, known": {func(s *hubtest.Server, c *Client) {
			s.Token = "t"
			s.Gate("o/M")
			c.token, c.tokenFrom = "t", "/h/token"
		}, "o/M", engine.Unauthorized, []string{"token in /h/token", "has not been let in"}},
		"wrong token":     {func(s *hubtest.Server, c *Client) { s.Token = "t"; c.token, c.tokenFrom = "u", "HF_TOKEN" }, "o/M", engine.Unauthorized, []string{"refuses the token in HF_TOKEN"}},
		"revision":        {nil, "o/M@v9", engine.ModelNotFound, []string{"no revision v9"}},
		"variant":         {nil, "o/M:Q8_1", engine.ModelNotFound, []string{"has no Q8_1", "you may mean Q8_0", "F16"}},
		"file":            {nil, "o/M:M-Q8_1.gguf", engine.ModelNotFound, []string{"you may mean M-Q8_0.gguf"}},
		"projector":       {nil, "o/M:mmproj-M-f16.gguf", engine.ModelInvalid, []string{"no language model"}},
		"rate":            {func(s *hubtest.Server, _ *Client) { s.Limit(99, 3600) }, "o/M", engine.RateLimited, []string{"too many requests", "1h0m0s", "HF_TOKEN"}},
		"trouble":         {func(s *hubtest.Server, _ *Client) { s.Fail(false, 99, 503, nil) }, "o/M", engine.Unreachable, []string{"503"}},
		"the CDN's":       {func(s *hubtest.Server, _ *Client) { s.Fail(true, 99, 503, nil) }, "o/M", engine.Failed, []string{"where the hub keeps", "503"}},
		"wrong bytes":     {func(s *hubtest.Server, _ *Client) { s.Corrupt("M-Q8_0.gguf", true) }, "o/M", engine.ModelInvalid, []string{"is not the file that was published"}},
		"always cut":      {func(s *hubtest.Server, _ *Client) { s.Cut("M-Q8_0.gguf", 0, 99) }, "o/M", engine.AnswerCut, []string{"broke"}},
		"safetensors":     {nil, "o/weights", engine.ModelNotFound, []string{"no GGUF files", "safetensors", "search=weights"}},
		"no JSON":         {func(s *hubtest.Server, _ *Client) { s.Before = answer("<html>") }, "o/M", engine.Failed, []string{"not what a hub says"}},
		"no commit":       {func(s *hubtest.Server, _ *Client) { s.Before = answer(`{"sha":"../../x"}`) }, "o/M", engine.Failed, []string{"names no commit"}},
		"no GGUF within":  {nil, "o/pointer", engine.ModelInvalid, []string{"it is no GGUF file"}},
		"missing part":    {nil, "o/parts", engine.ModelInvalid, []string{"of the 3 parts", "has 2"}},
		"several":         {nil, "o/several", engine.ModelNotFound, []string{"several models: A-Q8_0.gguf, B-Q8_0.gguf", "hf:o/several:A-Q8_0.gguf"}},
		"other projector": {func(_ *hubtest.Server, c *Client) { c.projector = "Q4_0" }, "o/M", engine.ModelNotFound, []string{"no projector Q4_0", "mmproj-M-f16.gguf"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startHub(t)
			s.Add("o/M", hubtest.Files{"M-Q8_0.gguf": gguf(1, 1<<20), "M-f16.gguf": gguf(1, 1<<20), "mmproj-M-f16.gguf": gguf(2, 1000)})
			s.Add("o/weights", hubtest.Files{"config.json": `{"model_type":"llava"}`, "model.safetensors": "x"})
			s.Add("o/pointer", hubtest.Files{"M-Q8_0.gguf": "version https://git-lfs.github.com/spec/v1"})
			s.Add("o/parts", hubtest.Files{"M-Q8_0-00001-of-00003.gguf": gguf(1, 100), "M-Q8_0-00003-of-00003.gguf": gguf(1, 100)})
			s.Add("o/several", hubtest.Files{"A-Q8_0.gguf": gguf(1, 100), "B-Q8_0.gguf": gguf(1, 100)})
			c := clientOf(t, s)
			if test.set != nil {
				test.set(s, c)
			}
			_, _, err := pullAll(t.Context(), c, nameOf(t, test.pull))
			says(t, err, test.kind, test.words...)
			if found, err := c.cache.find(nameOf(t, test.pull)); err == nil && name != "no GGUF within" {
				t.Errorf("it is in the cache all the same: %+v", found)
			}
		})
	}
}

func answer(text string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		fmt.Fprint(w, text)
		return true
	}
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	s := startHub(t)
	c := clientOf(t, s)
	s.Close()
	_, _, err := pullAll(t.Context(), c, nameOf(t, "o/M"))
	says(t, err, engine.Unreachable, "127.0.0.1", "HF_ENDPOINT")
	if strings.Contains(err.Error(), "blobs=true") {
		t.Errorf("%q has the address in it", err)
	}
}

// TestWait waits as long as the hub asks for, and says so.
func TestWait(t *testing.T) {
	t.Parallel()
	s := startHub(t)
	s.Add("o/M", hubtest.Files{"M-Q8_0.gguf": gguf(1, 1000)})
	s.Limit(1, 1)
	_, said, err := pullAll(t.Context(), clientOf(t, s), nameOf(t, "o/M"))
	if err != nil || !slices.ContainsFunc(said, func(s string) bool { return strings.HasPrefix(s, "trying again in 1s: ") }) {
		t.Errorf("%v, %q", err, said)
	}
}

// TestStopAndGoOn leaves a pull in the middle; the next one asks for the rest only.
func TestStopAndGoOn(t *testing.T) {
	t.Parallel()
	s := startHub(t)
	content := gguf(1, large)
	s.Add("o/M", hubtest.Files{"M-Q8_0.gguf": content})
	c := clientOf(t, s)
	s.Rate = 4 << 20
	ctx, cancel := context.WithCancel(t.Context())
	for p, err := range c.Pull(ctx, nameOf(t, "o/M")) {
		if err != nil {
			says(t, err, engine.Cancelled, "stopped")
			break
		}
		if p.Done > large/3 {
			cancel()
		}
	}
	cancel()
	n := nameOf(t, "o/M")
	if _, err := c.cache.find(n); err == nil {
		t.Error("half a model is found")
	} else {
		says(t, err, engine.ModelNotFound, "was interrupted", "vlmchat models pull hf:o/M")
	}
	all, err := c.cache.list()
	if err != nil || len(all) != 1 || !all[0].Incomplete || all[0].Name.String() != "hf:o/M:Q8_0" || all[0].Size < large/3 || all[0].Size >= large {
		t.Errorf("the list has %+v (%v)", all, err)
	}
	had := all[0].Size
	settle(t, s)
	s.Rate = 0
	s.Forget()
	same(t, mustPull(t, c, "o/M").Model, content)
	// More only where a slow connection's rest was taken over, part of it on the way already.
	if sent := s.Sent(); sent < large-had || sent > large-had+testGrain.block {
		t.Errorf("%d bytes were there, and %d of %d were sent", had, sent, large)
	}

	for _, err := range c.Pull(t.Context(), nameOf(t, "o/M")) {
		if err != nil {
			t.Error(err)
		}
		break // nobody listens any more
	}
}

// TestGoOnAfterOthers goes on with what older clients of the hub have left.
func TestGoOnAfterOthers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		had  string
		sent func(int64) bool
	}{
		"half":    {gguf(1, large)[:large/2], func(n int64) bool { return n < large*3/4 }},
		"all":     {gguf(1, large), func(n int64) bool { return n == 0 }},
		"wrong":   {strings.Repeat("x", large/2), func(n int64) bool { return n >= large }},
		"garbage": {strings.Repeat("x", large), func(n int64) bool { return n >= large }},
		"longer":  {strings.Repeat("x", large+1), func(n int64) bool { return n >= large }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startHub(t)
			content := gguf(1, large)
			s.Add("o/M", hubtest.Files{"M-Q8_0.gguf": content})
			c := clientOf(t, s)
			blob := c.cache.blob("o/M", hashOf(content))
			if err := os.MkdirAll(filepath.Dir(blob), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(blob+olderEnding, []byte(test.had), 0o600); err != nil {
				t.Fatal(err)
			}
			same(t, mustPull(t, c, "o/M").Model, content)
			if !test.sent(s.Sent()) {
				t.Errorf("%d bytes were sent", s.Sent())
			}
		})
	}
}

// TestTogether has two pulls at once: one waits for the other.
func TestTogether(t *testing.T) {
	t.Parallel()
	s := startHub(t)
	content := gguf(1, large)
	s.Add("o/M", hubtest.Files{"M-Q8_0.gguf": content})
	a := clientOf(t, s)
	b := clientOf(t, s)
	b.cache = a.cache
	s.Rate = 4 << 20
	var all sync.WaitGroup
	waited := make([]bool, 2)
	for i, c := range []*Client{a, b} {
		all.Go(func() {
			_, said, err := pullAll(t.Context(), c, nameOf(t, "o/M"))
			if err != nil {
				t.Error(err)
			}
			waited[i] = slices.ContainsFunc(said, func(s string) bool { return strings.Contains(s, "waiting for another") })
		})
	}
	all.Wait()
	if waited[0] == waited[1] {
		t.Errorf("waiting: %v", waited)
	}
	if s.Sent() > large+1<<20 {
		t.Errorf("%d bytes were sent of %d", s.Sent(), large)
	}
	found, err := a.cache.find(nameOf(t, "o/M"))
	if err != nil {
		t.Fatal(err)
	}
	same(t, found.Model, content)
}

// TestNewCommit fetches what has changed, and keeps the older commit usable until then.
func TestNewCommit(t *testing.T) {
	t.Parallel()
	s := startHub(t)
	files := hubtest.Files{"M-Q8_0.gguf": gguf(1, 1<<20), "mmproj-M-f16.gguf": gguf(2, 1000)}
	old := s.Add("o/M", files)
	c := clientOf(t, s)
	mustPull(t, c, "o/M")
	files["M-Q8_0.gguf"] = gguf(3, 1<<20)
	fresh := s.Add("o/M", files)
	s.Corrupt("M-Q8_0.gguf", true)
	if _, _, err := pullAll(t.Context(), c, nameOf(t, "o/M")); err == nil {
		t.Error("wrong bytes are taken")
	}
	if found, err := c.cache.find(nameOf(t, "o/M")); err != nil || found.Commit != old {
		t.Errorf("the older commit is not found any more: %+v (%v)", found, err)
	}
	s.Corrupt("M-Q8_0.gguf", false)
	s.Forget()
	if found := mustPull(t, c, "o/M"); found.Commit != fresh {
		t.Errorf("found is %+v", found)
	}
	if s.Sent() != 1<<20 {
		t.Errorf("%d bytes were sent: the projector is the same", s.Sent())
	}
}

// TestStall gives up a connection that brings nothing.
func TestStall(t *testing.T) {
	t.Parallel()
	s := startHub(t)
	s.Add("o/M", hubtest.Files{"M-Q8_0.gguf": gguf(1, 1000)})
	c := clientOf(t, s)
	c.idle = 50 * time.Millisecond
	var once sync.Once
	over := make(chan struct{})
	t.Cleanup(func() { close(over) })
	s.Before = func(w http.ResponseWriter, r *http.Request) (answered bool) {
		if strings.HasPrefix(r.URL.Path, "/xet-bridge") {
			once.Do(func() {
				w.Header().Set("Content-Range", "bytes 0-999/1000")
				w.Header().Set("Content-Length", "1000")
				w.WriteHeader(http.StatusPartialContent)
				_ = http.NewResponseController(w).Flush()
				select {
				case <-r.Context().Done():
				case <-over:
				}
				answered = true
			})
		}
		return answered
	}
	mustPull(t, c, "o/M")
}

// TestMoved follows a repository that was renamed.
func TestMoved(t *testing.T) {
	t.Parallel()
	s := startHub(t)
	content := gguf(1, 1000)
	s.Add("o/M", hubtest.Files{"M-Q8_0.gguf": content})
	s.Move("o/M", "p/N")
	same(t, mustPull(t, clientOf(t, s), "o/M").Model, content)
}

// TestRedirects goes where it may only.
func TestRedirects(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ from, to, want string }{
		{"https://huggingface.co/a", "/b", "https://huggingface.co/b"},
		{"https://huggingface.co/a", "https://cdn.example/b", "https://cdn.example/b"},
		{"http://mirror/a", "http://cdn/b", "http://cdn/b"},
		{"https://huggingface.co/a", "http://huggingface.co/b", ""},
		{"https://huggingface.co/a", "http://cdn.example/b", ""},
		{"https://huggingface.co/a", "file:///etc/passwd", ""},
		{"http://mirror/a", "ftp://cdn/b", ""},
		{"https://huggingface.co/a", "", ""},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, test.from, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp := &http.Response{StatusCode: http.StatusFound, Request: req, Header: http.Header{}}
		if test.to != "" {
			resp.Header.Set("Location", test.to)
		}
		to, err := redirect(resp)
		if err == nil && to.String() != test.want || err != nil && test.want != "" {
			t.Errorf("from %s to %s leads to %v (%v)", test.from, test.to, to, err)
		}
	}
	s := startHub(t)
	s.Before = func(w http.ResponseWriter, r *http.Request) bool {
		http.Redirect(w, r, r.URL.Path, http.StatusFound)
		return true
	}
	_, _, err := pullAll(t.Context(), clientOf(t, s), nameOf(t, "o/M"))
	if err == nil || !strings.Contains(err.Error(), "circle") {
		t.Errorf("it goes on in a circle: %v", err)
	}
}
