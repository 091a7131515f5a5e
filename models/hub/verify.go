package hub

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"

	"github.com/vlmchat/vlmchat/engine"
)

// errWrongBytes is the error about a file that is not the one that was published.
type errWrongBytes struct{ err *engine.Error }

func (e errWrongBytes) Error() string { return e.err.Message }

func (e errWrongBytes) Unwrap() error { return e.err }

// newHash computes the name that the hub has for a content: its SHA-256, or of a file that
// lies in git, the SHA-1 of the blob.
func (f File) newHash() hash.Hash {
	if f.SHA256 != "" {
		return sha256.New()
	}
	h := sha1.New()
	fmt.Fprintf(h, "blob %d\x00", f.Size)
	return h
}

// verify hashes the file while it comes, as far as it is there from its start, and says in the
// end whether it is what was published.
func (f *fetch) verify() error {
	h := f.file.newHash()
	buffer := make([]byte, 1<<20)
	at := int64(0)
	for at < f.file.Size {
		f.mu.Lock()
		for f.have.prefix() <= at && f.failed == nil {
			f.grown.Wait()
		}
		end, failed := f.have.prefix(), f.failed
		f.mu.Unlock()
		if failed != nil {
			return failed
		}
		n := min(end-at, int64(len(buffer)))
		if _, err := f.out.ReadAt(buffer[:n], at); err != nil {
			return notWritable(f.client.cache.dir, err)
		}
		h.Write(buffer[:n])
		at += n
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != f.file.etag() {
		return errWrongBytes{&engine.Error{
			Kind:    engine.ModelInvalid,
			Message: fmt.Sprintf("%s is not the file that was published: its hash should be %s and is %s; what came was thrown away", oneLine(f.file.Path), f.file.etag(), got),
			Hint:    "pull it again; if that happens again, the way to the hub or a mirror changes what passes",
		}}
	}
	return nil
}
