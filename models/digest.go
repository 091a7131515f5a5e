package models

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/vlmchat/vlmchat/lazyregexp"
)

// Digest is the SHA-256, in hexadecimal, of a model's file, which is the name that the
// whole world has for it. A model that is split into several files has the SHA-256 of
// their digests, each on a line of its own in the order of their numbers. Where the
// file's name in a store tells the digest, as Ollama's and Hugging Face's do, nothing is
// read; otherwise it takes as long as to read the file. rest is called after each piece
// of it, and ends the reading with its error; it may be nil.
func Digest(path string, rest func() error) (string, error) {
	if rest == nil {
		rest = func() error { return nil }
	}
	first, err := digestFile(path, rest)
	if err != nil {
		return "", err
	}
	all := first + "\n"
	for _, part := range partsByName(path) {
		sum, err := digestFile(part, rest)
		if errors.Is(err, fs.ErrNotExist) {
			continue // as in Fingerprint
		}
		if err != nil {
			return "", err
		}
		all += sum + "\n"
	}
	if all == first+"\n" {
		return first, nil
	}
	sum := sha256.Sum256([]byte(all))
	return hex.EncodeToString(sum[:]), nil
}

// digestPiece is how much is read between two rests.
const digestPiece = 1 << 20

func digestFile(path string, rest func() error) (string, error) {
	if sum := storedDigest(path); sum != "" {
		return sum, nil
	}
	return hashFile(path, func(int) error { return rest() })
}

// hashFile reads a file and returns its SHA-256. read is called after each piece of so many
// bytes, and ends the reading with its error.
func hashFile(path string, read func(n int) error) (string, error) {
	// Opening a pipe could wait for ever.
	if fi, err := os.Stat(path); err != nil {
		return "", err
	} else if !fi.Mode().IsRegular() {
		return "", fmt.Errorf("%s is not a regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	piece := make([]byte, digestPiece)
	for {
		n, err := io.ReadFull(f, piece)
		_, _ = h.Write(piece[:n]) // never fails
		switch {
		case errors.Is(err, io.EOF):
			return hex.EncodeToString(h.Sum(nil)), nil
		case err != nil && !errors.Is(err, io.ErrUnexpectedEOF):
			return "", err
		}
		if err := read(n); err != nil {
			return "", err
		}
	}
}

// blobName is the name of a file that is called by its SHA-256.
var blobName = lazyregexp.New(`^(?:sha256-)?([0-9a-f]{64})$`)

// storedDigest is the digest by which a store calls a file, "" if it is in none. In
// Hugging Face's cache what is named is a link to it.
func storedDigest(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	dir, name := filepath.Split(path)
	if filepath.Base(strings.TrimSuffix(dir, string(filepath.Separator))) != "blobs" {
		return ""
	}
	if m := blobName().FindStringSubmatch(name); m != nil {
		return m[1]
	}
	return ""
}
