package batch

import (
	"context"
	"sync"
)

// ordered writes an output in the order of the input. What comes before its turn waits in
// a journal beside the output, so that it is not lost; and no more of it than a window, so
// that one slow item doesn't have all others wait for the end.
type ordered struct {
	out     *Output
	journal *Output       // nil beside a stream, of which all is lost anyway
	slots   chan struct{} // an item has one from when it is taken until it is written

	mu    sync.Mutex
	taken int           // items that have a place, which is their number
	next  int           // the one whose turn it is
	came  map[int]early // those whose turn it is not yet
}

// early is a record that came before its turn: where in the journal it is, or what.
type early struct {
	at   int64
	line []byte
}

// window is how many items may be between the first that is not written and the last that
// is asked.
const window = 1000

// order makes an output one that is written in the order of the input. So much of it stays
// as is in that order already; the rest of it goes to the journal, until its turn comes.
func (o *Output) order(inOrder int64) (*ordered, error) {
	s := &ordered{out: o, slots: make(chan struct{}, window), came: map[int]early{}}
	switch {
	case o.stream != nil:
		return s, nil
	case o.anew:
		if err := o.empty(); err != nil {
			return nil, err
		}
	}
	if s.journal = o.journal; s.journal == nil {
		var err error
		if s.journal, err = openJournal(o.path, true); err != nil {
			return nil, err
		}
	}
	behind := &Output{file: o.file, items: map[key]kept{}}
	for k, it := range o.items {
		old, twice := s.journal.items[k]
		switch {
		case it.at >= inOrder:
			behind.items[k] = it
			delete(o.items, k)
		case twice:
			old.drop = true
			s.journal.items[k], s.journal.drops = old, true
		}
	}
	if s.journal.drops {
		s.journal.drops = false
		if err := s.journal.rewrite(func(k kept) bool { return !k.drop }); err != nil {
			return nil, err
		}
	}
	if err := s.journal.takeFrom(behind); err != nil {
		return nil, err
	}
	if err := s.journal.sync(); err != nil {
		return nil, err
	}
	return s, o.cut(inOrder)
}

// knows tells whether an item has a record, and whether that is written already.
func (s *ordered) knows(k key) (known, written bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, written = s.out.items[k]
	if s.journal != nil {
		_, known = s.journal.items[k]
	}
	return known, written
}

// take gives the next item its place, once there is room for it. It reports the place, and
// whether the item is to be asked: one that the journal has is not.
func (s *ordered) take(ctx context.Context, id string) (place int, ask bool, err error) {
	select {
	case s.slots <- struct{}{}:
	case <-ctx.Done():
		return 0, false, ctx.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	place = s.taken
	s.taken++
	if s.journal != nil {
		if it, have := s.journal.items[keyOf(id)]; have {
			s.came[place] = early{at: it.at}
			return place, false, s.advance()
		}
	}
	return place, true, nil
}

// write keeps the record of an item that was taken.
func (s *ordered) write(place int, r Record) error {
	line, err := r.line()
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case place == s.next:
		if err := s.put(r.ID, line); err != nil {
			return err
		}
		return s.advance()
	case s.journal == nil:
		s.came[place] = early{line: line}
		return nil
	}
	s.came[place] = early{at: s.journal.size}
	return s.journal.add(line)
}

// put writes a line whose turn it is.
func (s *ordered) put(id string, line []byte) error {
	at := s.out.size
	if err := s.out.add(line); err != nil {
		return err
	}
	if s.journal != nil {
		s.out.items[keyOf(id)] = kept{at: at}
	}
	s.next++
	<-s.slots
	return nil
}

// advance writes what is there of those whose turn it is.
func (s *ordered) advance() error {
	for {
		it, ok := s.came[s.next]
		if !ok {
			return nil
		}
		line := it.line
		if line == nil {
			var err error
			if line, err = lineAt(s.journal.file, it.at); err != nil {
				return err
			}
		}
		r, err := parseKept(line)
		if err != nil {
			return err
		}
		place := s.next
		if err := s.put(r.ID, line); err != nil {
			return err
		}
		delete(s.came, place)
	}
}

// close ends the order. Once all is done, what the journal has of other inputs goes to the
// output's end; until then it waits there for the next run.
func (s *ordered) close(all bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.journal == nil:
		return nil
	case all && s.next == s.taken, !s.waits():
		s.out.journal = s.journal
		return s.out.absorb()
	}
	err := s.journal.sync()
	s.journal.file.Close()
	s.out.journal = nil
	return err
}

// waits tells whether anything is in the journal alone.
func (s *ordered) waits() bool {
	if len(s.came) > 0 {
		return true
	}
	for k := range s.journal.items {
		if _, written := s.out.items[k]; !written {
			return true
		}
	}
	return false
}
