package hub

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

func TestSpans(t *testing.T) {
	t.Parallel()
	var have spans
	for _, p := range []span{{10, 20}, {30, 40}, {0, 5}, {20, 30}, {3, 12}, {50, 50}, {45, 44}, {90, 100}} {
		have = have.add(p)
	}
	if !slices.Equal(have, spans{{0, 40}, {90, 100}}) || have.size() != 50 || have.prefix() != 40 || !slices.Equal(have.missing(120), spans{{40, 90}, {100, 120}}) {
		t.Errorf("it is %v, and %v are missing", have, have.missing(120))
	}
}

const recordHead = `{"format":"vlmchat-partial","version":1,"name":"hf:o/M:Q8_0","commit":"","path":"a.gguf","size":1000,"etag":"da39a3ee5e6b4b0d3255bfef95601890afd80709"}` + "\n"

func TestRecord(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		recordHead:                             0,
		recordHead + "0 10\n20 5\n":            15,
		recordHead + "0 10\n20 5":              10, // the last line was not finished
		recordHead + "0 10\n5 10\n":            15,
		recordHead + "0 1001\n":                -1,
		recordHead + "0 10\nx\n":               -1,
		recordHead + "-1 10\n":                 -1,
		recordHead + "9223372036854775807 1\n": -1,
		"":                                     -1,
		"{}\n":                                 -1,
		strings.Replace(recordHead, "a.gguf", "../a.gguf", 1): -1,
		strings.Replace(recordHead, "da39", "../x", 1):        -1,
		strings.Replace(recordHead, `n":1`, `n":2`, 1):        -1,
	} {
		p, err := readRecord(strings.NewReader(text))
		if have := p.have.size(); err != nil != (want < 0) || err == nil && have != want {
			t.Errorf("of %q %d bytes are there (%v)", text, have, err)
		}
	}
}

func FuzzReadRecord(f *testing.F) {
	f.Add([]byte(recordHead + "0 10\n20 5\n990 10\n"))
	f.Add([]byte(recordHead + "10 10\n5 6\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := readRecord(bytes.NewReader(data))
		if err != nil {
			return
		}
		if p.have.size()+p.have.missing(p.Size).size() != p.Size {
			t.Errorf("of %d bytes %v are there and %v are missing", p.Size, p.have, p.have.missing(p.Size))
		}
	})
}

func FuzzParseListing(f *testing.F) {
	f.Add([]byte(`{"sha":"da39a3ee5e6b4b0d3255bfef95601890afd80709","siblings":[{"rfilename":"a/b-00001-of-00002.gguf","size":5,"blobId":"da39a3ee5e6b4b0d3255bfef95601890afd80709","lfs":{"size":7,"sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}}]}`))
	f.Add([]byte(`[{"type":"file","path":"b-Q4_K_M.gguf","size":5,"oid":"da39a3ee5e6b4b0d3255bfef95601890afd80709","lfs":{"size":7,"oid":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}},{"type":"directory","path":"x"}]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		commit, files, _, err := parseRevision(data)
		if err == nil && !isCommit(commit) {
			t.Errorf("the commit is %q", commit)
		}
		tree, _ := parseTree(data)
		files = append(files, tree...)
		for _, file := range files {
			if !isSafePath(file.Path) || !isHash(file.etag()) || file.Size < 0 {
				t.Errorf("a file is %+v", file)
			}
		}
		n := Name{Repo: "o/M"}
		g, err := choose(n, files)
		if err != nil {
			return
		}
		if len(g.files) != g.name.parts {
			t.Errorf("chosen is %+v", g)
		}
		if _, err := chooseProjector(n, g, files, ""); err != nil {
			t.Error(err)
		}
		checkpointFiles(files)
	})
}

func FuzzSafePath(f *testing.F) {
	for _, path := range []string{"a/b.gguf", "../a", "/a", "a//b", "C:\\x", "a/../b", "NUL", "a\x00b", "a/./b", "~"} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		if !isSafePath(path) {
			return
		}
		c := cache{"/cache"}
		where := c.pointer("o/M", "commit", path)
		if !strings.HasPrefix(where, c.snapshot("o/M", "commit")) || strings.Contains(where, "..") && !strings.Contains(path, "..") {
			t.Errorf("%q is %q", path, where)
		}
		if have, err := url.PathUnescape(escapePath(path)); err != nil || have != path {
			t.Errorf("%q is escaped as %q", path, escapePath(path))
		}
	})
}

func TestHostilePaths(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"", "..", "../a", "a/../../b", "/a", "a//b", "a/", "./a", "a\\b", "C:x", "C:/x", "a\x00b", "a\x1b[2Jb", "a\nb", "\xff", strings.Repeat("a/", 600) + "b"} {
		if isSafePath(path) {
			t.Errorf("%q may be a path", path)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		`"api";r=0;t=55`: 55, `"api"; r = 0 ; t = 7`: 7, `"api";r=3;t=55`: 12, "garbage": 12, `"api";r=0;t=99999999999`: 12, "": 12,
	} {
		h := http.Header{}
		h.Set("RateLimit", text)
		h.Set("Retry-After", "12")
		if have := retryAfter(h); int(have.Seconds()) != want {
			t.Errorf("%q waits for %v", text, have)
		}
	}
	for _, text := range []string{"", "-5", "soon", "99999999999"} {
		if have := retryAfter(http.Header{"Retry-After": {text}}); have != 0 {
			t.Errorf("%q waits for %v", text, have)
		}
	}
}

func TestContentRange(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][2]int64{
		"bytes 100-199/1000": {100, 1000}, "bytes 0-9/*": {0, -1}, "bytes 5": {-1}, "bytes -5-9/10": {-1}, "items 0-1/2": {-1}, "": {-1}, "bytes 0-9/-10": {-1},
	} {
		start, size, ok := parseContentRange(text)
		if ok != (want[0] >= 0) || ok && (start != want[0] || size != want[1]) {
			t.Errorf("%q is from %d of %d (%v)", text, start, size, ok)
		}
	}
}
