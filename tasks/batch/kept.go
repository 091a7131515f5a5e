package batch

import "crypto/sha256"

// key stands for an ID, or for another text, where there are too many to keep them: its
// beginning of a SHA-256. 128 bits are enough for what nobody chooses with malice.
type key [16]byte

func keyOf(text string) key {
	sum := sha256.Sum256([]byte(text))
	return key(sum[:16])
}

// kept is what an output has of an item.
type kept struct {
	at    int64 // where its line begins
	asked [8]byte
	error bool // it failed
	again bool // it failed in a way that another run may mend
	drop  bool // it is asked again by this run
}

func digestOf(asked string) [8]byte {
	sum := sha256.Sum256([]byte(asked))
	return [8]byte(sum[:8])
}
