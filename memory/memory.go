// Package memory knows how much of the machine's memory there is for a model, and
// how much a process has.
package memory

// Facts are a machine's memory in bytes; what is not known is 0.
type Facts struct {
	Total     uint64
	Available uint64 // without taking it from anybody
	Limit     uint64 // that this process was given, if it is below the total
}

// Most is how much there can be for a model.
func (f Facts) Most() uint64 {
	if f.Limit > 0 {
		return min(f.Limit, f.Total)
	}
	return f.Total
}

// Free is how much can be taken: half of the most where the system does not tell
// what is available.
func (f Facts) Free() uint64 {
	if f.Available > 0 || f.Limit > 0 {
		return f.Available
	}
	return f.Most() / 2
}
