package clip

// normalise says what the bytes of a picture become for each family, where a checkpoint
// says nothing else.
func normalise(family string) (levels [3][256]float32) {
	mean, deviation := [3]float64{0.48145466, 0.4578275, 0.40821073}, [3]float64{0.26862954, 0.26130258, 0.27577711}
	if family == "siglip" {
		mean, deviation = [3]float64{0.5, 0.5, 0.5}, [3]float64{0.5, 0.5, 0.5}
	}
	for channel := range levels {
		for value := range levels[channel] {
			levels[channel][value] = float32((float64(value)/255 - mean[channel]) / deviation[channel])
		}
	}
	return levels
}
