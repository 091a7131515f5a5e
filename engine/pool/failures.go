package pool

import (
	"errors"
	"slices"
	"strings"

	"github.com/vlmchat/vlmchat/engine"
)

// elsewhere tells whether another member may do better. What is wrong with the
// request, the key or the model is told instead: going on would hide it.
func elsewhere(why *engine.Error) bool {
	return why != nil && (why.Temporary || why.Kind == engine.Unreachable || why.Kind == engine.RateLimited)
}

// asError is an error as engines return it, nil for nil.
func asError(err error) *engine.Error {
	var e *engine.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &e):
		return e
	}
	return &engine.Error{Kind: engine.KindOf(err), Message: err.Error(), Err: err}
}

// failure is what a member failed with.
type failure struct {
	member *member
	why    *engine.Error
}

// failures are what a request met with, in order.
type failures []failure

func (f failures) have(m *member) bool {
	return slices.ContainsFunc(f, func(x failure) bool { return x.member == m })
}

// sum is the error of a request that failed everywhere: of each host the last
// reason, and of what kind they all are.
func (f failures) sum() *engine.Error {
	last := map[*member]*engine.Error{}
	var hosts []*member
	for _, x := range f {
		if last[x.member] == nil {
			hosts = append(hosts, x.member)
		}
		last[x.member] = x.why
	}
	all := &engine.Error{Kind: last[hosts[0]].Kind, Hint: last[hosts[0]].Hint, Temporary: true}
	var reasons []string
	var causes []error
	for _, m := range hosts {
		why := last[m]
		reason := why.Message
		if !strings.Contains(reason, m.Host) {
			reason = m.Host + ": " + reason
		}
		reasons = append(reasons, reason)
		causes = append(causes, why)
		if why.Kind != all.Kind {
			all.Kind = engine.Unreachable
		}
		if why.Hint != all.Hint {
			all.Hint = "" // it is one server's
		}
		if why.RetryAfter > 0 && (all.RetryAfter == 0 || why.RetryAfter < all.RetryAfter) {
			all.RetryAfter = why.RetryAfter
		}
	}
	all.Message = "all servers failed: " + strings.Join(reasons, "; ")
	all.Err = errors.Join(causes...)
	return all
}

// temporary tells whether asking somebody once more is of use.
func (f failures) temporary() bool {
	return slices.ContainsFunc(f, func(x failure) bool { return x.why.Temporary })
}
