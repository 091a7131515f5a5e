package index

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
)

// Update puts pictures into an index.
type Update struct {
	// Roots are folders and files. Without any those are meant that are in the index; of
	// these one that can't be read is left as it is, with a note.
	Roots   []Root
	Encoder engine.Encoder
	Setting string         // by which the encoder was opened
	Loader  *images.Loader // reads pictures
	Rebuild bool           // begin anew, with this encoder: also what lies below other roots
	Retry   bool           // look again at files that could not be read
	Readers int            // pictures that are read at once; 0: 4
	// Progress is told now and then how far it is. It may be nil.
	Progress func(Report)
}

// Report is what an update has done.
type Report struct {
	Files   int       `json:"files"`    // that were looked at
	Encoded int       `json:"encoded"`  // that have a new vector
	Known   int       `json:"known"`    // whose vector was there, under another name or from before
	Removed int       `json:"removed"`  // files that are gone
	Failed  []Problem `json:"problems"` // files that can't be used, in this run or one before
	Total   int       `json:"-"`        // files to look at; 0 as long as it is not known
	Same    int       `json:"-"`        // of Files: that have not changed since they were looked at
	Doing   string    `json:"-"`        // what takes its time beside the files; "" while these are looked at
	Notes   []string  `json:"notes"`    // what a person should know
}

// Problem is a file that has no picture in the index, and why.
type Problem struct {
	Path string `json:"path"`
	Why  string `json:"reason"`
}

// updating is an update while it runs.
type updating struct {
	Update
	x       *Index
	space   engine.Space
	renewed bool // all vectors have to be made

	mu     sync.Mutex
	report Report
	last   time.Time // that the progress was told
}

// Update brings the index up to date with what lies below the roots: files that are new or have
// changed are read and encoded, unless a file with the same content is in the index already;
// those that are gone are removed. What it was told, and has done, it returns also with an
// error: everything up to then is kept, and the next update goes on from there.
func (x *Index) Update(ctx context.Context, u Update) (Report, error) {
	r := &updating{Update: u, x: x}
	r.report.Failed, r.report.Notes = []Problem{}, []string{}
	err := r.run(ctx)
	return r.report, err
}

func (u *updating) run(ctx context.Context) error {
	var err error
	if u.space, err = u.Encoder.Space(ctx); err != nil {
		return err
	}
	if err := u.readable(u.Roots); err != nil {
		return err
	}
	if err := u.x.begin(ctx, u); err != nil {
		return err
	}
	u.doing("counting the files")
	u.x.sweep(ctx)
	for _, do := range []func(context.Context) error{u.choose, u.count, u.encode, u.prune, u.tidy, u.list} {
		if err := do(ctx); err != nil {
			return err
		}
	}
	u.report.Failed, err = u.x.Problems(ctx, u.Roots)
	return err
}

// readable makes sure that roots can be read: what is gone with a disk is not removed.
func (u *updating) readable(roots []Root) error {
	for _, root := range roots {
		if err := readable(root.Path); err != nil {
			return &images.Error{Source: root.Path, Reason: images.Missing, Detail: fmt.Sprintf("it can't be read: %v", withoutPath(err)), Err: err}
		}
	}
	return nil
}

// choose adds the roots that are in the index, where these are meant, too.
func (u *updating) choose(ctx context.Context) error {
	if len(u.Roots) > 0 && !u.renewed {
		return nil
	}
	all, err := u.x.Roots(ctx)
	if err != nil {
		return err
	}
	for _, root := range all {
		if slices.ContainsFunc(u.Roots, func(r Root) bool { return r.Path == root.Path }) {
			continue
		}
		if err := u.readable([]Root{root}); err != nil {
			u.note("%v; what the index has of it stays as it is", err)
			continue
		}
		u.Roots = append(u.Roots, root)
	}
	return nil
}

// doing tells what is begun that takes its time.
func (u *updating) doing(what string) {
	u.did(func(r *Report) {
		r.Doing = what
		u.last = time.Time{} // it is told at once
	})
}

// begin makes sure that the index is of the encoder's space, and whole. All vectors are read
// for it, before the transaction, for whose end other processes wait: those that count stay as
// they are as long as their file counts.
func (x *Index) begin(ctx context.Context, u *updating) error {
	var looked State
	var damaged []int
	var unread error
	if !u.Rebuild {
		u.doing("looking through the vectors")
		looked, damaged, unread = x.damaged(ctx)
	}
	if unread != nil && !isBroken(unread) {
		return unread
	}
	return x.change(ctx, "beginning", func(tx *sql.Tx) error {
		s, err := stateIn(ctx, tx)
		if err != nil {
			return err
		}
		switch {
		case s.Empty() || u.Rebuild:
			u.renewed = u.Rebuild
			err = x.renew(ctx, tx, s, u.space, u.Setting)
		case s.Space.ID != u.space.ID || s.Space.Dimensions != u.space.Dimensions:
			return &OtherSpace{x.dir, s.Space, u.space}
		case s.generation == looked.generation: // else another process has made all anew
			err = x.mend(ctx, tx, s, u, damaged, unread)
		}
		if err != nil {
			return err
		}
		return remember(ctx, tx, u.Roots)
	})
}

// mend has what is damaged made anew: some rows, or all of a file that is broken.
func (x *Index) mend(ctx context.Context, tx *sql.Tx, s State, u *updating, damaged []int, broken error) error {
	if broken == nil {
		if len(damaged) > 0 {
			u.note("%d vectors are damaged, and made anew", len(damaged))
		}
		return drop(ctx, tx, damaged)
	}
	u.note("%v; its vectors are made anew", broken)
	u.renewed = true
	return x.renew(ctx, tx, s, s.Space, s.Encoder)
}

func (u *updating) note(format string, args ...any) {
	u.report.Notes = append(u.report.Notes, fmt.Sprintf(format, args...))
}

// look has files looked at anew that lose a picture by what follows.
const look = "UPDATE files SET stale=1, sha256='' WHERE id IN (SELECT file FROM pictures WHERE content IN (%s))"

// drop takes the contents of some rows out of the index, and has their files looked at anew.
func drop(ctx context.Context, tx *sql.Tx, rows []int) error {
	for _, row := range rows {
		if _, err := tx.ExecContext(ctx, fmt.Sprintf(look, "SELECT id FROM contents WHERE row=?"), row); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM contents WHERE row=?", row); err != nil {
			return err
		}
	}
	return nil
}

// count finds out how many files there are to look at, for the progress.
func (u *updating) count(ctx context.Context) error {
	total := 0
	for _, root := range u.Roots {
		if err := walk(ctx, root, func(unread) {}, func(found) error { total++; return nil }); err != nil {
			return err
		}
	}
	u.did(func(r *Report) { r.Total, r.Doing = total, "" })
	return nil
}

// did counts, and tells of it now and then.
func (u *updating) did(count func(r *Report)) {
	u.mu.Lock()
	defer u.mu.Unlock()
	count(&u.report)
	if now := time.Now(); u.Progress != nil && now.Sub(u.last) > 100*time.Millisecond {
		u.last = now
		u.Progress(u.report)
	}
}
