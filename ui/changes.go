package ui

import "slices"

// changes are the jobs that write what of the conversation has changed since they were
// asked for last.
func (s *session) changes(talk *conversation) []job {
	var jobs []job
	fresh := talk.fresh
	talk.fresh = nil
	for _, ex := range fresh {
		jobs = append(jobs, s.writes(ex, talk.system))
		if !s.begun && len(s.tags) > 0 {
			jobs = append(jobs, s.tagsWith(tagChange{add: s.tags}))
		}
		s.alive = append(s.alive, ex)
		s.seen[ex.answer] = ex.answer.changes
		s.leaf, s.begun = ex, true
		if len(fresh) == 1 {
			s.system = talk.system
		}
	}
	if s.begun && s.system != talk.system {
		s.system = talk.system
		jobs = append(jobs, s.instructs(s.system))
	}
	for _, ex := range s.alive {
		if ex.answer.over() {
			jobs = append(jobs, s.updates(ex))
			delete(s.seen, ex.answer)
		}
	}
	s.alive = slices.DeleteFunc(s.alive, func(ex *exchange) bool { return ex.answer.over() })
	if s.begun && s.leaf != talk.leaf {
		s.leaf = talk.leaf
		jobs = append(jobs, s.moves(s.leaf))
	}
	return jobs
}

// progress are the jobs that write what has come of answers since they were asked for last.
func (s *session) progress() []job {
	var jobs []job
	for _, ex := range s.alive {
		if s.behind(ex) {
			jobs = append(jobs, s.updates(ex))
			s.seen[ex.answer] = ex.answer.changes
		}
	}
	return jobs
}

// behind reports whether an answer has more than what is written of it.
func (s *session) behind(ex *exchange) bool { return s.seen[ex.answer] != ex.answer.changes }
