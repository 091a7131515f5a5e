package batch

import (
	"encoding/binary"
	"errors"
	"strconv"
	"strings"
)

// Shard is a part of a batch: the items whose IDs fall to it. Each ID falls to one of N
// shards, whatever others there are, so that files which are added move none.
type Shard struct {
	I, N int // the I-th of N, from 1; the zero value is all
}

// ParseShard reads i/n.
func ParseShard(text string) (Shard, error) {
	first, second, found := strings.Cut(text, "/")
	i, err1 := strconv.Atoi(first)
	n, err2 := strconv.Atoi(second)
	switch {
	case !found || err1 != nil || err2 != nil:
		return Shard{}, errors.New("a shard is written as 2/8, the second of eight")
	case n < 1 || i < 1 || i > n:
		return Shard{}, errors.New("the shards of " + second + " are 1/" + second + " to " + second + "/" + second)
	}
	return Shard{i, n}, nil
}

func (s Shard) has(k key) bool {
	return s.N <= 1 || binary.BigEndian.Uint64(k[8:])%uint64(s.N) == uint64(s.I-1)
}
