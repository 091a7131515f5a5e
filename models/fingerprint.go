package models

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
)

// What Fingerprint reads of a file that is larger than all of it together.
const (
	printedHead    = 1 << 20  // hyperparameters, and the tokenizer's beginning
	printedTail    = 64 << 10 // the last weights
	printedSamples = 64       // spread evenly over what lies between
	printedSample  = 4 << 10
)

// Fingerprint identifies the content of a model by a part of it: the SHA-256, in
// hexadecimal, of the file's size, its first MiB, its last 64 KiB and 64 samples
// of 4 KiB from between, and the same of the other files if it is the first of a
// split model. It takes milliseconds for a file of any size.
//
// A file of the same size that differs between the samples only is not told
// apart: a model with one tensor of some MB exchanged, for one. Retraining and
// requantisation change all tensors, and with them the samples. It is no
// protection from a file that was made to deceive.
func Fingerprint(path string) (string, error) {
	h := sha256.New()
	fmt.Fprintln(h, "vlmchat model fingerprint 1")
	if err := printFile(h, path); err != nil {
		return "", fmt.Errorf("taking the fingerprint of %s: %w", path, err)
	}
	for _, part := range partsByName(path) {
		err := printFile(h, part)
		if errors.Is(err, fs.ErrNotExist) {
			continue // the name alone doesn't split a model; what is missing, llama.cpp says
		}
		if err != nil {
			return "", fmt.Errorf("taking the fingerprint of %s: %w", part, err)
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// printFile adds a file's size and what is looked at of it.
func printFile(w io.Writer, path string) error {
	// Opening a pipe could wait for ever.
	if fi, err := os.Stat(path); err != nil {
		return err
	} else if !fi.Mode().IsRegular() {
		return errors.New("it is not a regular file")
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		return err
	}
	fmt.Fprintln(w, fi.Size())
	for _, r := range printedRegions(fi.Size()) {
		n, err := io.Copy(w, io.NewSectionReader(f, r.offset, r.length))
		if err != nil {
			return err
		}
		if n < r.length {
			return fmt.Errorf("it became shorter than %d bytes while it was read", fi.Size())
		}
	}
	return nil
}

// region is a part of a file, in bytes.
type region struct{ offset, length int64 }

// printedRegions are the parts of a file of a size that its fingerprint depends
// on, in order, none of them touching another.
func printedRegions(size int64) []region {
	if size <= printedHead+printedSamples*printedSample+printedTail {
		return []region{{0, size}}
	}
	regions := []region{{0, printedHead}}
	gap := float64(size-printedHead-printedTail) / printedSamples
	for i := range printedSamples {
		regions = append(regions, region{printedHead + int64(gap*float64(i)), printedSample})
	}
	return append(regions, region{size - printedTail, printedTail})
}

// partsByName names the other files of a model whose first file's name says that
// it is split.
func partsByName(path string) []string {
	i := strings.LastIndex(path, "-of-")
	if i < 0 {
		return nil
	}
	n, err := strconv.Atoi(strings.TrimSuffix(path[i+len("-of-"):], ".gguf"))
	if err != nil {
		return nil
	}
	return namedParts(path, n)
}
