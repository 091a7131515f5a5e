package jpeg

// lookBits is how many bits of the coded data are looked up at once: enough for
// most codes together with the value that follows them, few enough for the tables
// to stay in the nearest cache.
const lookBits = 10

// table decodes a Huffman code (T.81, annex C and F.2.2.3).
type table struct {
	defined bool
	// look has an entry for each possible run of lookBits bits: see entry.
	look [1 << lookBits]entry
	// Longer codes: those of length n are below limit[n] once they are aligned to 16
	// bits, and their symbols begin at symbols[code+first[n]].
	limit   [18]uint32
	first   [17]int32
	symbols [256]byte
}

// entry is what a run of bits begins with. In the lowest byte is how many bits it
// takes, in the next one the symbol: a number of zeros and the size of a value in
// bits. Where the value's bits are within the run as well, known is set, the bits
// include them, and the value is in the upper half. The zero entry stands for a
// code that is longer than the run, or none.
type entry uint32

const known entry = 0x80

var errCodes = FormatError("a Huffman table has more codes than there can be")

// readTables reads Huffman tables (T.81, B.2.4.2).
func (d *decoder) readTables(b []byte) error {
	for len(b) > 0 {
		if len(b) < 17 {
			return FormatError("DHT has wrong length")
		}
		class, id := b[0]>>4, b[0]&15
		if class > 1 || id > 3 {
			return FormatError("bad Huffman table")
		}
		n := 0
		for _, c := range b[1:17] {
			n += int(c)
		}
		if n == 0 || n > 256 {
			return FormatError("a Huffman table has a wrong number of codes")
		}
		if len(b) < 17+n {
			return FormatError("DHT has wrong length")
		}
		t := &d.dc[id]
		if class == 1 {
			t = &d.ac[id]
		}
		if err := t.build([16]byte(b[1:17]), b[17:17+n]); err != nil {
			return err
		}
		b = b[17+n:]
	}
	return nil
}

// build makes the table of a number of codes for each length from 1 to 16, and
// their symbols.
func (t *table) build(counts [16]byte, symbols []byte) error {
	*t = table{defined: true}
	copy(t.symbols[:], symbols)
	code, i := uint32(0), 0
	for n := 1; n <= 16; n++ {
		t.first[n] = int32(i) - int32(code)
		for range counts[n-1] {
			if code >= 1<<n {
				return errCodes
			}
			if n <= lookBits {
				t.fill(code, n, symbols[i])
			}
			code++
			i++
		}
		t.limit[n] = code << (16 - n)
		code <<= 1
	}
	t.limit[17] = 1 << 16
	return nil
}

// fill enters a code of n bits for all runs that begin with it.
func (t *table) fill(code uint32, n int, symbol byte) {
	rest := lookBits - n
	size := int(symbol & 15)
	for tail := range uint32(1) << rest {
		e := entry(symbol)<<8 | entry(n)
		if size > 0 && size <= rest {
			v := int32(tail >> (rest - size))
			e = entry(uint32(extend(v, size))<<16) | entry(symbol)<<8 | known | entry(n+size)
		}
		t.look[code<<rest|tail] = e
	}
}

// extend gives the value that is meant by the bits v of a size (T.81, F.2.2.1).
func extend(v int32, size int) int32 {
	if v < 1<<size>>1 {
		return v - 1<<size + 1
	}
	return v
}

// long finds a code that is longer than lookBits among the upper 16 of bits. Its
// length is more than 16 if there is none.
func (t *table) long(bits uint64) (symbol byte, length int) {
	code := uint32(bits >> 48)
	n := lookBits + 1
	for code >= t.limit[n] && n < 17 {
		n++
	}
	if n > 16 {
		return 0, n
	}
	return t.symbols[byte(int32(code>>(16-n))+t.first[n])], n
}
