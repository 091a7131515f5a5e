package vectors

import "unsafe"

// group is the number of dot products that a kernel computes at once.
const group = 8

// The kernels. Each has a form for processors that compute with several values at once, and
// one in Go. All of them sum up in the same order: the products of each of eight lanes one
// after the other, then the lanes as
//
//	((l0+l1)+(l2+l3)) + ((l4+l5)+(l6+l7))
//
// so that the score of a row is the same bit by bit whichever kernel it comes from. Only
// between processors it differs in the last bits: some round a product before it is added.
//
// n is a number of values, a multiple of lanes and not 0.

// dotHalves computes the dot products of a query with eight rows of half precision.
func dotHalves(query *float32, rows *[group]*byte, n int, out *[group]float32) {
	if accelerated {
		dotHalvesFast(query, rows, n, out)
		return
	}
	dotHalvesGo(query, rows, n, out)
}

// dotFloats computes the dot products of two vectors with four others: of a[0] with each of
// b, then of a[1].
func dotFloats(a *[2]*float32, b *[4]*float32, n int, out *[group]float32) {
	if accelerated {
		dotFloatsFast(a, b, n, out)
		return
	}
	dotFloatsGo(a, b, n, out)
}

// decodeHalves turns values of half precision into floats.
func decodeHalves(halves *byte, n int, out *float32) {
	if accelerated {
		decodeHalvesFast(halves, n, out)
		return
	}
	decodeHalvesGo(halves, n, out)
}

func dotHalvesGo(query *float32, rows *[group]*byte, n int, out *[group]float32) {
	q := unsafe.Slice(query, n)
	for i, r := range rows {
		var l [lanes]float32
		for j, h := range unsafe.Slice((*uint16)(unsafe.Pointer(r)), n) {
			l[j%lanes] += q[j] * fromHalf(h)
		}
		out[i] = sum(&l)
	}
}

func dotFloatsGo(a *[2]*float32, b *[4]*float32, n int, out *[group]float32) {
	for i := range out {
		x, y := unsafe.Slice(a[i/4], n), unsafe.Slice(b[i%4], n)
		var l [lanes]float32
		for j := range x {
			l[j%lanes] += x[j] * y[j]
		}
		out[i] = sum(&l)
	}
}

func decodeHalvesGo(halves *byte, n int, out *float32) {
	to := unsafe.Slice(out, n)
	for i, h := range unsafe.Slice((*uint16)(unsafe.Pointer(halves)), n) {
		to[i] = fromHalf(h)
	}
}

func sum(l *[lanes]float32) float32 {
	return ((l[0] + l[1]) + (l[2] + l[3])) + ((l[4] + l[5]) + (l[6] + l[7]))
}
