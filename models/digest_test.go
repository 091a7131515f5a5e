package models

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func sumOf(data string) string {
	sum := sha256.Sum256([]byte(data))
	return hex.EncodeToString(sum[:])
}

func TestDigest(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, data string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	large := strings.Repeat("weights", digestPiece/3)
	named := sumOf("another text: it is not read")
	split := write("m-00001-of-00002.gguf", "one")
	write("m-00002-of-00002.gguf", "two")
	for path, want := range map[string]string{
		write("small.gguf", "x"):                 sumOf("x"),
		write("empty.gguf", ""):                  sumOf(""),
		write("exact.gguf", large[:digestPiece]): sumOf(large[:digestPiece]),
		write("large.gguf", large):               sumOf(large),
		split:                                    sumOf(sumOf("one") + "\n" + sumOf("two") + "\n"),
		write("a-00001-of-00002.gguf", "alone"):  sumOf("alone"),
		write("blobs/sha256-"+named, "x"):        named,
		write("blobs/"+named, "x"):               named,
		write("other/sha256-"+named, "x"):        sumOf("x"), // nobody's store
		write("blobs/sha256-12", "x"):            sumOf("x"),
	} {
		got, err := Digest(path, nil)
		if err != nil || got != want {
			t.Errorf("%s has the digest %q (%v), want %q", filepath.Base(path), got, err, want)
		}
	}
	if runtime.GOOS != "windows" { // where links take a right of their own
		link := filepath.Join(dir, "snapshot.gguf")
		if err := os.Symlink(filepath.Join(dir, "blobs", named), link); err != nil {
			t.Fatal(err)
		}
		if got, err := Digest(link, nil); err != nil || got != named {
			t.Errorf("what is linked to a blob has the digest %q (%v)", got, err)
		}
	}
	enough := errors.New("enough")
	pieces := 0
	_, err := Digest(filepath.Join(dir, "large.gguf"), func() error {
		if pieces++; pieces == 2 {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) || pieces != 2 {
		t.Errorf("reading goes on: %v after %d pieces", err, pieces)
	}
	for _, path := range []string{filepath.Join(dir, "missing"), dir} {
		if got, err := Digest(path, nil); err == nil {
			t.Errorf("%s has the digest %s", path, got)
		}
	}
}
