package vectors

// accelerated is true of all 64-bit ARM processors: NEON is part of them.
const accelerated = true

//go:noescape
func dotHalvesFast(query *float32, rows *[group]*byte, n int, out *[group]float32)

//go:noescape
func dotFloatsFast(a *[2]*float32, b *[4]*float32, n int, out *[group]float32)

//go:noescape
func decodeHalvesFast(halves *byte, n int, out *float32)
