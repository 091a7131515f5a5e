package llamacpp

// Batch is a number of tokens, of one sequence or of several, that are computed
// together.
type Batch struct {
	object [7]uintptr // struct llama_batch: n_tokens, token, embd, pos, n_seq_id, seq_id, logits
	tokens []Token
	pos    []int32
	seqs   []int32
	nSeqID []int32
	seqID  []uintptr // each points into seqs
	logits []int8
}

// NewBatch makes a batch with room for n tokens.
func NewBatch(n int) *Batch {
	b := &Batch{
		tokens: make([]Token, 0, n), pos: make([]int32, n), seqs: make([]int32, n),
		nSeqID: make([]int32, n), seqID: make([]uintptr, n), logits: make([]int8, n),
	}
	for i := range n {
		b.nSeqID[i], b.seqID[i] = 1, addr(b.seqs[i:])
	}
	return b
}

// Reset empties the batch.
func (b *Batch) Reset() { b.tokens = b.tokens[:0] }

// Len is the number of tokens in the batch.
func (b *Batch) Len() int { return len(b.tokens) }

// Room is the number of tokens that can be added.
func (b *Batch) Room() int { return cap(b.tokens) - len(b.tokens) }

// Add adds a token at a position of a sequence and returns its index in the
// batch. There has to be Room for it.
func (b *Batch) Add(t Token, pos, seq int, logits bool) (index int) {
	index = len(b.tokens)
	b.tokens = append(b.tokens, t)
	b.pos[index], b.seqs[index], b.logits[index] = int32(pos), int32(seq), int8(cBool(logits))
	return index
}
