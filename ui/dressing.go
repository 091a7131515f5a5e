package ui

// dressing gives something to each line of a text, and again only to those that have
// changed since: of a long text that grows, these are few.
type dressing struct {
	styles         *styles
	plain, dressed []string
}

// lines returns the lines dressed, for good: neither slice may be changed later.
func (d *dressing) lines(plain []string, st *styles, dress func(line string) string) []string {
	if d.styles != st {
		*d = dressing{styles: st}
	}
	dressed := make([]string, len(plain))
	for i, line := range plain {
		if i < len(d.plain) && d.plain[i] == line {
			dressed[i] = d.dressed[i]
		} else {
			dressed[i] = dress(line)
		}
	}
	d.plain, d.dressed = plain, dressed
	return dressed
}
