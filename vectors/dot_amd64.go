package vectors

import "golang.org/x/sys/cpu"

// accelerated reports whether the processor has what the kernels use: AVX2, FMA and F16C.
var accelerated = cpu.X86.HasAVX2 && cpu.X86.HasFMA && cpu.X86.HasF16C

//go:noescape
func dotHalvesFast(query *float32, rows *[group]*byte, n int, out *[group]float32)

//go:noescape
func dotFloatsFast(a *[2]*float32, b *[4]*float32, n int, out *[group]float32)

//go:noescape
func decodeHalvesFast(halves *byte, n int, out *float32)
