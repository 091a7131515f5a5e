//go:build !amd64 && !arm64

package vectors

// accelerated: there are no kernels for this processor but those in Go.
const accelerated = false

var (
	dotHalvesFast    = dotHalvesGo
	dotFloatsFast    = dotFloatsGo
	decodeHalvesFast = decodeHalvesGo
)
