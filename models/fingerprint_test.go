package models

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// fingerprinted writes a file of random bytes, with those at some offsets
// changed, and returns its path.
func fingerprinted(t *testing.T, name string, size int64, changed ...int64) string {
	t.Helper()
	content := make([]byte, size)
	// Random in every sample, so that no two of them are alike.
	random := rand.NewChaCha8([32]byte{1})
	_, _ = random.Read(content)
	for _, at := range changed {
		content[at] ^= 1
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func fingerprint(t *testing.T, path string) string {
	t.Helper()
	sum, err := Fingerprint(path)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

// All that is looked at counts, from its first byte to its last; what lies
// between doesn't.
func TestFingerprint(t *testing.T) {
	t.Parallel()
	const size = 4<<20 + 321
	path := fingerprinted(t, "model.gguf", size)
	whole := fingerprint(t, path)
	if again := fingerprint(t, fingerprinted(t, "other.gguf", size)); again != whole || len(whole) != 64 {
		t.Errorf("the same content has the fingerprints %s and %s", whole, again)
	}

	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	flip := func(at int64) {
		b := make([]byte, 1)
		if _, err := f.ReadAt(b, at); err != nil {
			t.Fatal(err)
		}
		b[0] ^= 0x10
		if _, err := f.WriteAt(b, at); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[string]int64{whole: -1}
	end := int64(0)
	for i, r := range printedRegions(size) {
		for _, at := range []int64{r.offset, r.offset + r.length/2, r.offset + r.length - 1} {
			flip(at)
			sum := fingerprint(t, path)
			if other, known := seen[sum]; known {
				t.Errorf("a flip at %d gives the fingerprint of one at %d", at, other)
			}
			seen[sum] = at
			flip(at)
		}
		if i > 1 { // the first sample begins where the head ends
			flip(end)
			if fingerprint(t, path) != whole {
				t.Errorf("the fingerprint depends on the byte at %d, which is documented as unseen", end)
			}
			flip(end)
		}
		end = r.offset + r.length
	}
	if end != size {
		t.Errorf("the last byte looked at is at %d of %d", end, size)
	}
}

// Whatever the size, the regions are in order and in the file, and do not touch.
func TestFingerprintRegions(t *testing.T) {
	t.Parallel()
	const all = printedHead + printedSamples*printedSample + printedTail
	for _, size := range []int64{0, 1, printedHead, all - 1, all, all + 1, all + 63, 1 << 30, 50 << 30, 1 << 42} {
		end, sum := int64(0), int64(0)
		for _, r := range printedRegions(size) {
			if r.offset < end || r.offset+r.length > size {
				t.Errorf("of %d bytes, %+v lies behind %d", size, r, end)
			}
			end = r.offset + r.length
			sum += r.length
		}
		if sum != min(size, all) {
			t.Errorf("of %d bytes, %d are looked at", size, sum)
		}
	}
}

func TestFingerprintsDiffer(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	note := func(what, sum string) {
		if other := seen[sum]; other != "" {
			t.Errorf("%s and %s have one fingerprint", what, other)
		}
		seen[sum] = what
	}
	note("nothing", fingerprint(t, fingerprinted(t, "model.gguf", 0)))
	note("a byte", fingerprint(t, fingerprinted(t, "model.gguf", 1)))
	note("a small file", fingerprint(t, fingerprinted(t, "model.gguf", 1000)))
	note("a small file, changed", fingerprint(t, fingerprinted(t, "model.gguf", 1000, 999)))
	note("a byte more", fingerprint(t, fingerprinted(t, "model.gguf", 1001)))
	zero := filepath.Join(t.TempDir(), "zero")
	for _, size := range []int64{3 << 20, 3<<20 + 1} { // sparse
		if err := os.WriteFile(zero, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(zero, size); err != nil {
			t.Fatal(err)
		}
		note("zeros", fingerprint(t, zero))
	}
}

// The other files of a split model are part of it.
func TestFingerprintOfParts(t *testing.T) {
	t.Parallel()
	first := fingerprinted(t, "model-00001-of-00003.gguf", 100)
	prints := []string{fingerprint(t, first)}
	part := func(n string, content string) {
		if err := os.WriteFile(strings.Replace(first, "00001", n, 1), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		sum := fingerprint(t, first)
		if slices.Contains(prints, sum) {
			t.Errorf("with %q as part %s, the fingerprint is an earlier one", content, n)
		}
		prints = append(prints, sum)
	}
	part("00002", "second")
	part("00003", "third")
	part("00003", "Third")
}

func TestFingerprintOfNoFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Join(dir, "missing.gguf"), filepath.Join(dir, "model-of-.gguf")} {
		if sum, err := Fingerprint(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %s, %v", path, sum, err)
		}
	}
}
