package batch

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A table has a row for each record that its output has, whenever it is made.
func TestTable(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "out.csv")
	o, err := OpenOutput(path+".jsonl", false, false)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	if err := o.Table(path, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("there is a table of no records, which the next run would take for another's")
	}
	for i, r := range someRecords() {
		if err := o.Write(r); err != nil {
			t.Fatal(err)
		}
		if err := o.Table(path, nil); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
		if err != nil || len(rows) != 2+i {
			t.Fatalf("after %d records there are %d rows, %v", 1+i, len(rows), err)
		}
	}
	if err := o.Table(filepath.Join(dir, "none", "out.csv"), nil); err == nil || !strings.Contains(err.Error(), "can't be written") {
		t.Errorf("a folder that is not there: %v", err)
	}
	names, err := filepath.Glob(filepath.Join(dir, ".*"))
	if err != nil || len(names) != 0 {
		t.Errorf("it leaves %q, %v", names, err)
	}
}
