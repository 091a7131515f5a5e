package images

import (
	"fmt"

	"github.com/tetratelabs/wazero/experimental"
)

// mostPDFMemory is how much memory a document may take, itself included.
const mostPDFMemory = 500_000_000

// pdfMemory gives an instance of PDFium its memory: as much address space as it may
// use, of which the system fills in what is used. Go's own slices would be copied as
// they grow, and take several times as much.
type pdfMemory struct {
	refused bool // more was asked for than there may be, since it was last set
}

// Allocate is part of wazero's MemoryAllocator.
func (m *pdfMemory) Allocate(_, _ uint64) experimental.LinearMemory {
	space, err := reserve(mostPDFMemory)
	if err != nil {
		// wazero asks for no error, and tells a panic as one.
		panic(fmt.Errorf("there is no memory for a PDF: %w", err))
	}
	return &pdfSpace{memory: m, space: space}
}

// pdfSpace is the memory of one instance.
type pdfSpace struct {
	memory *pdfMemory
	space  []byte
}

// Reallocate is part of wazero's LinearMemory.
func (s *pdfSpace) Reallocate(size uint64) []byte {
	if size > uint64(len(s.space)) {
		s.memory.refused = true
		return nil
	}
	return s.space[:size]
}

// Free is part of wazero's LinearMemory.
func (s *pdfSpace) Free() {
	release(s.space)
	s.space = nil
}
