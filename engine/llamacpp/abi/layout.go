package main

import (
	"fmt"
	"strings"
)

// layoutOf lays out a struct as C compilers do on all systems with pointers of
// 64 bits: each field at the next multiple of its size. It returns the fields as
// layouts.txt writes them.
func (h *header) layoutOf(name string) (size int, fields []string, err error) {
	size, fields, _, err = h.layOut(h.structs[name])
	if err != nil {
		return 0, nil, fmt.Errorf("struct %s: %w", name, err)
	}
	return size, fields, nil
}

func (h *header) layOut(members []field) (size int, fields []string, align int, err error) {
	align = 1
	for _, m := range members {
		width, alignment, err := h.sizeOf(m.ctype)
		if err != nil {
			return 0, nil, 0, fmt.Errorf("%s: %w", m.name, err)
		}
		size = roundUp(size, alignment)
		fields = append(fields, fmt.Sprintf("%s:%d+%d", m.name, size, width))
		size += width
		align = max(align, alignment)
	}
	return roundUp(size, align), fields, align, nil
}

func roundUp(n, to int) int { return (n + to - 1) / to * to }

// widths are the sizes of C's types. There is no long among them: its size is
// another one on Windows, and llama.cpp's headers have none.
var widths = map[string]int{
	"bool": 1, "char": 1, "int8_t": 1, "uint8_t": 1, "unsigned char": 1, "int16_t": 2, "uint16_t": 2,
	"int": 4, "int32_t": 4, "uint32_t": 4, "unsigned int": 4, "float": 4,
	"int64_t": 8, "uint64_t": 8, "size_t": 8, "double": 8,
}

// sizeOf is the size and the alignment of a type.
func (h *header) sizeOf(ctype string) (size, align int, err error) {
	ctype = h.resolve(ctype)
	if strings.HasSuffix(ctype, "*") {
		return 8, 8, nil
	}
	if width, ok := widths[ctype]; ok {
		return width, width, nil
	}
	if members, ok := h.structs[ctype]; ok {
		size, _, align, err := h.layOut(members)
		return size, align, err
	}
	return 0, 0, fmt.Errorf("the type %q is not known", ctype)
}

// resolve follows typedefs.
func (h *header) resolve(ctype string) string {
	for range 8 {
		next, ok := h.typedefs[ctype]
		if !ok || next == ctype {
			break
		}
		ctype = next
	}
	return ctype
}
