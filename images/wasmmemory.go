package images

import (
	"fmt"

	"github.com/tetratelabs/wazero/experimental"
)

// wasmMemory gives an instance of a reader in WebAssembly its memory: as much address
// space as it may use, of which the system fills in what is used. Go's own slices would
// be copied as they grow, and take several times as much.
type wasmMemory struct {
	most    int  // bytes
	refused bool // more was asked for than there may be, since it was last set
}

// Allocate is part of wazero's MemoryAllocator.
func (m *wasmMemory) Allocate(_, _ uint64) experimental.LinearMemory {
	space, err := reserve(m.most)
	if err != nil {
		// wazero asks for no error, and tells a panic as one.
		panic(fmt.Errorf("there is no memory to read it in: %w", err))
	}
	return &wasmSpace{memory: m, space: space}
}

// wasmSpace is the memory of one instance.
type wasmSpace struct {
	memory *wasmMemory
	space  []byte
}

// Reallocate is part of wazero's LinearMemory.
func (s *wasmSpace) Reallocate(size uint64) []byte {
	if size > uint64(len(s.space)) {
		s.memory.refused = true
		return nil
	}
	return s.space[:size]
}

// Free is part of wazero's LinearMemory.
func (s *wasmSpace) Free() {
	release(s.space)
	s.space = nil
}
