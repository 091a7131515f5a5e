package index

import (
	"context"

	"github.com/vlmchat/vlmchat/vectors"
)

// searcher finds the nearest rows: a file of vectors, or its lists.
type searcher interface {
	Search(ctx context.Context, queries [][]float32, k int, keep *vectors.Set) (vectors.Result, error)
}

// searcher returns the file of vectors, which is searched exactly. Of many vectors it returns
// the lists that an update has made of them; as long as there are none, or they are damaged,
// or of other rows, the file is as good.
func (x *Index) searcher(s State, f *vectors.File) searcher {
	if s.rows >= x.many {
		if l, err := f.OpenLists(x.lists(s)); err == nil {
			return l
		}
	}
	return f
}

// lists is where the lists are of the vectors that count. sweep removes them with these.
func (x *Index) lists(s State) string { return x.file(s.generation) + ".lists" }

// list parts many vectors into lists, unless nearly all are in some. An index is searched
// without them too, if not as fast, so that it can't be done is no more than a note.
func (u *updating) list(ctx context.Context) error {
	err := u.x.makeLists(ctx, u.doing)
	if err != nil && ctx.Err() == nil {
		u.note("searching will take longer than it could: making lists of the vectors failed: %v", err)
		return nil
	}
	return err
}

func (x *Index) makeLists(ctx context.Context, doing func(string)) error {
	s, err := x.State(ctx)
	if err != nil || s.rows < x.many {
		return err
	}
	f, err := x.openVectors(s)
	if err != nil {
		return err
	}
	defer f.Close()
	if l, err := f.OpenLists(x.lists(s)); err == nil && l.Rows() >= s.rows/10*9 {
		return nil
	}
	doing("parting the vectors into lists")
	l, err := f.BuildLists(ctx)
	if err != nil {
		return err
	}
	return withoutPath(l.Save(x.lists(s)))
}
