package models

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The cache of Hugging Face's own programs keeps what was fetched of openai/clip-vit-large-patch14
// in models--openai--clip-vit-large-patch14: in refs/main the revision that was the newest when
// it was fetched, and in snapshots a folder for each revision, with links to the files.

// hubCache is the cache's folder, by the variables that say where it is.
func hubCache() string {
	for _, variable := range []string{"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"} {
		if dir := os.Getenv(variable); dir != "" {
			return dir
		}
	}
	if home := os.Getenv("HF_HOME"); home != "" {
		return filepath.Join(home, "hub")
	}
	cache := os.Getenv("XDG_CACHE_HOME")
	if cache == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		cache = filepath.Join(home, ".cache")
	}
	return filepath.Join(cache, "huggingface", "hub")
}

// repoPrefix is what the folders of models begin with.
const repoPrefix = "models--"

// isHubName reports whether a name could be a model's at Hugging Face: owner/model.
func isHubName(name string) bool {
	owner, model, ok := strings.Cut(name, "/")
	good := func(s string) bool {
		return s != "" && s[0] != '.' && !strings.Contains(s, "--") &&
			strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789-_.") == ""
	}
	return ok && good(owner) && good(model)
}

// inHubCache finds the folder with a model that was fetched from Hugging Face.
func inHubCache(name string) (string, bool) {
	dir := hubCache()
	if dir == "" || !isHubName(name) {
		return "", false
	}
	return snapshotIn(filepath.Join(dir, repoPrefix+strings.ReplaceAll(name, "/", "--")))
}

// snapshotIn finds the snapshot of a model's folder in the cache: that of refs/main, or else
// the one that came last.
func snapshotIn(repo string) (string, bool) {
	if revision, err := os.ReadFile(filepath.Join(repo, "refs", "main")); err == nil {
		folder := filepath.Join(repo, "snapshots", filepath.Base(strings.TrimSpace(string(revision))))
		if isCheckpoint(folder) {
			return folder, true
		}
	}
	found, _ := os.ReadDir(filepath.Join(repo, "snapshots")) // what can't be read holds none
	newest := ""
	var when int64
	for _, entry := range found {
		folder := filepath.Join(repo, "snapshots", entry.Name())
		if fi, err := os.Stat(folder); err == nil && isCheckpoint(folder) && fi.ModTime().UnixNano() > when {
			newest, when = folder, fi.ModTime().UnixNano()
		}
	}
	return newest, newest != ""
}

// encodersInHubCache names the encoders that were fetched.
func encodersInHubCache() []string {
	dir := hubCache()
	if dir == "" {
		return nil
	}
	entries, _ := os.ReadDir(dir)
	var names []string
	for _, entry := range entries {
		repo, ok := strings.CutPrefix(entry.Name(), repoPrefix)
		name := strings.Replace(repo, "--", "/", 1)
		if !ok || !isHubName(name) {
			continue
		}
		if folder, ok := inHubCache(name); ok && slices.Contains(EncoderTypes, modelType(folder)) {
			names = append(names, name)
		}
	}
	return names
}
