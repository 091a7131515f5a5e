package index

import (
	"cmp"
	"context"
	"slices"

	"github.com/vlmchat/vlmchat/vectors"
)

// Twins are pictures that look the same to the encoder, or nearly: each is as near to another of
// them as was asked for.
type Twins struct {
	Score    float64 `json:"score"` // the lowest cosine of two by which they hang together
	Pictures []Twin  `json:"pictures"`
}

// Twin is one of them.
type Twin struct {
	Path   string   `json:"path"`   // with the part of the file, if it is one
	Copies []string `json:"copies"` // other files with the same content
}

// Duplicates finds the groups of pictures whose cosine is at least a threshold, the largest
// first, and with them files that have the same content.
func (x *Index) Duplicates(ctx context.Context, threshold float64) ([]Twins, error) {
	s, err := x.State(ctx)
	if err != nil {
		return nil, err
	}
	f, err := x.openVectors(s)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	live, err := x.live(ctx)
	if err != nil {
		return nil, err
	}
	groups := grouping{parent: map[int]int{}, lowest: map[int]float32{}}
	if _, err := f.Pairs(ctx, float32(threshold), live, func(p vectors.Pair) bool { groups.join(p); return true }); err != nil {
		return nil, x.broken(err)
	}
	if err := groups.addCopies(ctx, x); err != nil {
		return nil, err
	}
	all := []Twins{}
	for first, rows := range groups.members() {
		twins := Twins{Score: rounded(groups.score(first)), Pictures: []Twin{}}
		for _, row := range rows {
			pictures, err := Filter{}.pictures(ctx, x.db, row)
			if err != nil {
				return nil, x.failure("reading", err)
			}
			if len(pictures) == 0 {
				continue // it was removed meanwhile
			}
			twin := Twin{Path: pictures[0].Source(), Copies: []string{}}
			for _, p := range pictures[1:] {
				twin.Copies = append(twin.Copies, p.Source())
			}
			twins.Pictures = append(twins.Pictures, twin)
		}
		if len(twins.Pictures) > 0 {
			all = append(all, twins)
		}
	}
	slices.SortFunc(all, func(a, b Twins) int {
		return cmp.Or(b.files()-a.files(), cmp.Compare(a.Pictures[0].Path, b.Pictures[0].Path))
	})
	return all, nil
}

// files counts those of a group.
func (t Twins) files() int {
	n := len(t.Pictures)
	for _, p := range t.Pictures {
		n += len(p.Copies)
	}
	return n
}

// grouping joins rows that hang together. Each leads to another of its group, and the lowest
// to itself.
type grouping struct {
	parent map[int]int
	lowest map[int]float32 // cosine by which a group, named by its lowest row, was joined
}

func (g grouping) root(row int) int {
	if _, known := g.parent[row]; !known {
		g.parent[row] = row
	}
	for g.parent[row] != row {
		g.parent[row] = g.parent[g.parent[row]]
		row = g.parent[row]
	}
	return row
}

func (g grouping) join(p vectors.Pair) {
	a, b := g.root(p.A), g.root(p.B)
	if a == b {
		return
	}
	low := min(p.Score, g.score(a), g.score(b))
	a, b = min(a, b), max(a, b)
	g.parent[b] = a
	g.lowest[a] = low
}

// score is the lowest cosine in a group; that of a picture with its copies is 1.
func (g grouping) score(root int) float32 {
	if score, known := g.lowest[root]; known {
		return score
	}
	return 1
}

// addCopies adds groups of one content in several files.
func (g grouping) addCopies(ctx context.Context, x *Index) error {
	rows, err := x.db.QueryContext(ctx, "SELECT row FROM contents JOIN pictures ON content=contents.id GROUP BY contents.id HAVING count(*)>1")
	if err != nil {
		return x.failure("reading", err)
	}
	defer rows.Close()
	for rows.Next() {
		var row int
		if err := rows.Scan(&row); err != nil {
			return x.failure("reading", err)
		}
		g.root(row)
	}
	return x.failure("reading", rows.Err())
}

// members are the rows of each group.
func (g grouping) members() map[int][]int {
	groups := map[int][]int{}
	for row := range g.parent {
		groups[g.root(row)] = append(groups[g.root(row)], row)
	}
	for _, rows := range groups {
		slices.Sort(rows)
	}
	return groups
}
