package images

import (
	"fmt"
	"strings"
)

// Facts tells a person what there is to know of a picture, beside its name: the
// size of what the model sees, then what its file is and what was done to it.
func (p *Picture) Facts() []string {
	facts := []string{fmt.Sprintf("%d×%d", p.Width, p.Height)}
	if pixels := p.Width * p.Height; pixels >= 100_000 {
		facts[0] += fmt.Sprintf(" (%.1f MP)", float64(pixels)/1e6)
	}
	if p.Format != "" {
		facts = append(facts, strings.ToUpper(p.Format))
	}
	if len(p.Data) > 0 {
		facts = append(facts, fileSize(len(p.Data)))
	}
	if p.oriented > 1 {
		facts = append(facts, fmt.Sprintf("turned upright (EXIF orientation %d)", p.oriented))
	}
	if p.transparent {
		facts = append(facts, "white where it is transparent")
	}
	if p.Place != "" {
		facts = append(facts, p.Place)
	}
	return facts
}

func fileSize(n int) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d bytes", n)
	case n < 1_000_000:
		return fmt.Sprintf("%d kB", (n+500)/1000)
	}
	return megabytes(int64(n))
}
