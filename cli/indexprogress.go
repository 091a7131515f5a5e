package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/vlmchat/vlmchat/tasks/index"
	"github.com/vlmchat/vlmchat/termtext"
)

// indexProgress shows on a terminal how far an index is, on one line, and in the end what came
// of it.
type indexProgress struct {
	*status
	stderr io.Writer // nil if nothing but errors is wanted
	began  time.Time
	recent []indexAt // of the last minute
}

// indexAt is how far an index was.
type indexAt struct {
	at   time.Time
	done int // files that were read
}

func (a *app) indexProgress(quiet bool) *indexProgress {
	p := &indexProgress{status: newStatus(a.stderr), stderr: a.stderr, began: time.Now()}
	if quiet {
		p.status, p.stderr = &status{}, io.Discard
	}
	return p
}

// tell says what is worth knowing also where nobody looks on.
func (p *indexProgress) tell(text string) {
	p.clear()
	fmt.Fprintln(p.stderr, "vlmchat: "+termtext.Line(text))
}

// took shows how far it is: 1,234/10,000 · 2 unusable · 43m left · 34/s
func (p *indexProgress) took(r index.Report) {
	if p.w == nil {
		return
	}
	if r.Doing != "" {
		p.doing(r.Doing)
		return
	}
	now := time.Now()
	p.recent = append(p.recent, indexAt{now, r.Files - r.Same})
	for len(p.recent) > 2 && now.Sub(p.recent[1].at) > recently {
		p.recent = p.recent[1:]
	}
	parts := []string{thousands(r.Files) + "/" + thousands(max(r.Total, r.Files)) + " files"}
	from := p.recent[0]
	took := now.Sub(from.at).Seconds()
	if done := r.Files - r.Same - from.done; done > 0 && took > 1 {
		rate := float64(done) / took
		if left := r.Total - r.Files; left > 0 {
			parts = append(parts, roughly(time.Duration(float64(left)/rate*float64(time.Second)))+" left")
		}
		parts = append(parts, perSecond(rate))
	}
	p.doing(strings.Join(parts, " · "))
}

// shownProblems is how many of the files that can't be used are listed.
const shownProblems = 20

// summary says what was done, and which files can't be used.
func (p *indexProgress) summary(r index.Report, c index.Counts) {
	for i, problem := range r.Failed {
		if i == shownProblems {
			fmt.Fprintln(p.stderr, andMore(len(r.Failed), i)+"; --json lists all")
			break
		}
		fmt.Fprintf(p.stderr, "vlmchat: %s: %s\n", termtext.Line(problem.Path), termtext.Line(problem.Why))
	}
	if len(r.Failed) > 0 {
		p.note("They are looked at again when they change, or with --retry.")
	}
	if r.Files == 0 {
		p.tell("no picture was found")
	}
	parts := []string{fmt.Sprintf("%s new in %s", counted(r.Encoded, "picture"), roughly(time.Since(p.began)))}
	if r.Known > 0 {
		parts = append(parts, thousands(r.Known)+" known by content")
	}
	if r.Removed > 0 {
		parts = append(parts, thousands(r.Removed)+" gone")
	}
	if len(r.Failed) > 0 {
		parts = append(parts, thousands(len(r.Failed))+" unusable")
	}
	p.note(fmt.Sprintf("%s; the index has %s.", strings.Join(parts, ", "), counted(c.Pictures, "picture")))
}

func isBrokenIndex(err error) bool {
	_, is := errors.AsType[*index.Broken](err)
	return is
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
