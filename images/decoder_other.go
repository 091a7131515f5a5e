//go:build !linux

package images

// limitProcess leaves it to the one that asks to watch this process: the limits of
// other systems don't hold, or not what Go's memory is.
func limitProcess(Limits) {}
