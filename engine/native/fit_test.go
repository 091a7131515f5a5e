package native

import "testing"

func TestFit(t *testing.T) {
	t.Parallel()
	// Ten layers of 100 and an output layer of 50, 40 to compute in, and a
	// projector of 200.
	model := demand{buffers: 40, projector: 200}
	for range 10 {
		model.layers = append(model.layers, 100)
	}
	model.layers = append(model.layers, 50)
	blind := model
	blind.projector = 0
	second := model
	second.home = 1

	for _, c := range []struct {
		name      string
		demand    demand
		rooms     []int64
		shares    []float32
		layers    int
		projector bool
	}{
		{"all, to the byte", model, []int64{1050 + 40 + 200}, nil, 11, true},
		{"a byte less: the projector goes first", model, []int64{1050 + 40 + 199}, nil, 11, false},
		{"all layers, to the byte", model, []int64{1050 + 40}, nil, 11, false},
		{"a byte less: a layer goes", model, []int64{1050 + 40 - 1}, nil, 10, false},
		{"no projector", blind, []int64{5000}, nil, 11, false},
		{"the output layer alone", model, []int64{40 + 149}, nil, 1, false},
		{"not even that", model, []int64{40 + 49}, nil, 0, false},
		{"no room for the buffers", model, []int64{39}, nil, 0, false},
		{"no device", model, nil, nil, 0, false},
		{"less than nothing is free", model, []int64{-500}, nil, 0, false},
		{"two devices", model, []int64{2000, 2000}, nil, 11, true},
		{"two devices, a layer of slack", model, []int64{40 + 575, 40 + 575}, nil, 11, false},
		{"two devices, no slack", model, []int64{40 + 525, 40 + 525}, nil, 10, false},
		{"two devices, one of them full", model, []int64{40 + 1150, 0}, nil, 11, false},
		{"two devices, the projector's has room", second, []int64{40 + 600, 40 + 900}, nil, 11, true},
		{"two devices, the other one has room", second, []int64{40 + 1900, 40 + 100}, nil, 11, false},
		{"two devices, all on the second", model, []int64{40 + 300, 40 + 1150}, []float32{0, 1}, 11, true},
		{"shares that fill the first", model, []int64{40 + 300, 5000}, []float32{1, 1}, 5, false},
		{"shares of any sum", model, []int64{40 + 300, 5000}, []float32{30, 30}, 5, false},
	} {
		layers, projector := fit(c.demand, c.rooms, c.shares)
		if layers != c.layers || projector != c.projector {
			t.Errorf("%s: %d layers, projector %v; want %d, %v", c.name, layers, projector, c.layers, c.projector)
		}
	}
}
