package ui

import (
	"fmt"
	"math"
)

// dollars writes what a conversation has cost so far: in cents, and below a
// dime with two digits that matter.
func dollars(x float64) string {
	const least = 0.00001
	switch {
	case x > 0 && x < least:
		return "<$0.00001"
	case x > 0 && x < 0.1:
		return fmt.Sprintf("$%.*f", 1-int(math.Floor(math.Log10(x))), x)
	}
	return fmt.Sprintf("$%.2f", x)
}
