package native

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/vlmchat/vlmchat/diskcache"
	"github.com/vlmchat/vlmchat/models"
)

// identities are what a saved state and a picture's embeddings depend on: the
// contents of the files, the libraries that compute, and the options that change
// what they compute. An empty one can't be relied on.
func identities(s spec) (state, projector string) {
	libraries := []string{stamp(s.Paths.Llama), stamp(s.Paths.MTMD), stamp(s.Paths.GGMLBase)}
	model, err := models.Fingerprint(s.Model)
	if err != nil {
		return "", ""
	}
	if s.Projector != "" {
		print, err := models.Fingerprint(s.Projector)
		if err != nil {
			return "", ""
		}
		projector = digest(append(libraries, print, model, s.FlashAttn, fmt.Sprint(s.ImageTokens))...)
	}
	loras, err := identifyLoRAs(s.LoRAs)
	if err != nil {
		return "", projector
	}
	// Models with two sets of rotary factors take the one for long texts where the
	// context is larger than they were first trained for.
	size := strconv.Itoa(s.ContextSize)
	return digest(append(libraries, model, projector, s.KVType, s.FlashAttn, size, loras)...), projector
}

// stamp tells versions of a library apart.
func stamp(path string) string {
	fi, err := os.Stat(path)
	if err != nil {
		return ""
	}
	return path + fi.ModTime().String()
}

func digest(texts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(texts, "\x00")))
	return hex.EncodeToString(sum[:16])
}

// openDiskCache opens the cache that the spec names. Without one, or with one that
// can't be used, nothing outlives the worker.
func openDiskCache(s spec) *diskcache.Cache {
	if s.CacheDir == "" || s.CacheBytes <= 0 {
		return nil
	}
	c, err := diskcache.Open(s.CacheDir, s.CacheBytes)
	if err != nil {
		return nil
	}
	// However long conversations become, a quarter is left for pictures. One state has
	// half of the cache at most, as any value, so that there is room for others.
	c.Share(StateKind, s.CacheBytes/4*3)
	return c
}

// Requests that are computed at once, unless the spec says otherwise, and the
// conversations that the KV cache can hold beside them.
const (
	defaultParallel = 8
	spareSequences  = 8
)

// MostParallel is how many requests can be computed at once: builds of llama.cpp
// know 64 sequences or more.
const MostParallel = 64 - spareSequences

func parallel(s spec) int {
	if s.Parallel > 0 {
		return s.Parallel
	}
	return defaultParallel
}

// sequences is how many the context has to have.
func sequences(s spec) int { return parallel(s) + spareSequences }
