package batch

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// Table puts a table of all that an output has into a file, in place of what is there. An output
// that Close removes, as it has nothing, has none: it would be a table without records.
func (o *Output) Table(path string, schema json.RawMessage) error {
	if o.vain() {
		return nil
	}
	failed := func(err error) error { return fmt.Errorf("the table %s can't be written: %w", path, withoutPath(err)) }
	info, err := o.file.Stat()
	if err != nil {
		return failed(err)
	}
	next, err := draft(path, info.Mode().Perm())
	if err != nil {
		return failed(err)
	}
	defer os.Remove(next.Name()) // where it is still called so
	w := bufio.NewWriter(next)
	table, err := NewCSV(w, schema)
	if err == nil {
		_, err = readLines(io.NewSectionReader(o.file, 0, o.size), func(_ int64, _ int, line []byte) error {
			_, err := table.Write(line)
			return err
		})
	}
	if err == nil {
		err = w.Flush()
	}
	if closed := next.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(next.Name(), path)
	}
	if err != nil {
		return failed(err)
	}
	return nil
}
