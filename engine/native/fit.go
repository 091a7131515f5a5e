package native

// demand is what a model asks of the devices that it may go to, in bytes.
type demand struct {
	// layers are those that can go to a device, in llama.cpp's order: the
	// repeating ones with their part of the KV cache, then the output layer.
	layers    []int64
	buffers   int64 // to compute in, on each device that has a layer
	projector int64 // with its own buffers; 0 without one
	home      int   // index of the device that the projector may go to
}

// fit chooses what goes to devices with so much room each: as many layers as
// there is room for and then, if it was enough for all of them, the projector
// on its device. shares are those of --tensor-split; without them llama.cpp
// spreads the layers by free memory.
func fit(d demand, rooms []int64, shares []float32) (layers int, projector bool) {
	free, all := make([]float64, len(rooms)), 0.0
	for i, room := range rooms {
		free[i] = float64(max(0, room-d.buffers))
		all += free[i]
	}
	if all == 0 {
		return 0, false
	}
	parts, sum := make([]float64, len(rooms)), 0.0
	for i := range parts {
		if parts[i] = free[i] / all; shares != nil {
			parts[i] = float64(shares[i])
		}
		sum += parts[i]
	}
	// The device that is full first is the end of it.
	capacity := -1.0
	for i := range parts {
		if parts[i] /= sum; parts[i] > 0 && (capacity < 0 || free[i]/parts[i] < capacity) {
			capacity = free[i] / parts[i]
		}
	}
	largest := int64(0)
	for _, size := range d.layers {
		largest = max(largest, size)
	}
	// Layers go as a whole, so a device can get one more than its part.
	capacity -= float64(len(rooms)-1) * float64(largest)

	used := 0.0
	for i := len(d.layers) - 1; i >= 0 && used+float64(d.layers[i]) <= capacity; i-- {
		used += float64(d.layers[i])
		layers++
	}
	projector = d.projector > 0 && layers == len(d.layers) && used*parts[d.home]+float64(d.projector) <= free[d.home]
	return layers, projector
}
