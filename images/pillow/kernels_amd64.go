package pillow

import "golang.org/x/sys/cpu"

// accelerated reports whether the processor has what the kernels use.
var accelerated = cpu.X86.HasAVX2

// weighPixels sums up weighed pixels, eight of 3 bytes in each group, and returns the bytes
// that the sums of red, green and blue come to, the lowest first. The weights are each
// three times there, for the three.
//
//go:noescape
func weighPixels(pixels *byte, weights *int32, groups int) uint32

// weighRows sums up n weighed rows, which are width bytes apart, for as many blocks of
// 16 bytes.
//
//go:noescape
func weighRows(rows *byte, width int, weights *int32, n int, out *byte, blocks int)
