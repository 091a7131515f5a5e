package batch

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// journalName is the file beside an output that keeps, while that is written in the order
// of the input, what came before its turn.
func journalName(path string) string { return path + ".journal" }

// openJournal opens the journal beside an output, whose lock is held. Without make it is
// nil where there is none.
func openJournal(path string, create bool) (*Output, error) {
	j := &Output{path: journalName(path), items: map[key]kept{}, synced: time.Now()}
	flag := os.O_RDWR
	if create {
		flag |= os.O_CREATE
	}
	var err error
	j.file, err = os.OpenFile(j.path, flag, 0o666)
	if errors.Is(err, fs.ErrNotExist) && !create {
		return nil, nil
	}
	if err == nil {
		err = j.recall()
	}
	if err != nil {
		return nil, fmt.Errorf("the journal of the output can't be used: %w", err)
	}
	return j, nil
}

// absorb takes the records of a journal that a run in the input's order has left, and
// removes that.
func (o *Output) absorb() error {
	if o.journal == nil {
		return nil
	}
	err := o.takeFrom(o.journal)
	if err == nil {
		err = o.sync()
	}
	if err != nil {
		return err
	}
	o.journal.file.Close()
	err = removeIfThere(o.journal.path)
	o.journal = nil
	return err
}

// takeFrom adds those records of another file that the output lacks.
func (o *Output) takeFrom(from *Output) error {
	_, err := readLines(from.file, func(at int64, _ int, line []byte) error {
		r, err := parseKept(line)
		if err != nil {
			return err
		}
		k := keyOf(r.ID)
		_, have := o.items[k]
		if it := from.items[k]; have || it.at != at || it.drop {
			return nil
		}
		o.note(r, o.size)
		return o.add(append(line, '\n'))
	})
	return err
}

func removeIfThere(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
