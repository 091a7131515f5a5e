//go:build unix

package vectors

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The tests' executable is a process that appends without end when it is called so.
const roleAppend = "role-append"

func TestMain(m *testing.M) {
	if len(os.Args) == 4 && os.Args[1] == roleAppend {
		fmt.Println(appendForEver(os.Args[2], os.Args[3]))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// appendForEver appends from a number of rows on, and tells how many are durable. Every row
// is that of its number.
func appendForEver(path, from string) error {
	rows, err := strconv.Atoi(from)
	if err != nil {
		return err
	}
	f, err := Open(path, rows)
	if err != nil {
		return err
	}
	for {
		var batch [][]float32
		for range 7 {
			batch = append(batch, unit(uint64(rows+len(batch)), 1, 33)[0])
		}
		if _, err := f.Append(batch); err != nil {
			return err
		}
		if err := f.Sync(); err != nil {
			return err
		}
		rows += len(batch)
		fmt.Println(rows)
	}
}

// What counted when a process was killed is there, whatever it was doing.
func TestKilledWhileAppending(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "vectors")
	f, err := Create(path, "s", 33)
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	rows := 0
	for kill := range 25 {
		cmd := exec.Command(os.Args[0], roleAppend, path, strconv.Itoa(rows))
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		// It is killed after some batches, each time a little later in the next.
		lines := bufio.NewScanner(out)
		for batch := 0; lines.Scan(); batch++ {
			if rows, err = strconv.Atoi(strings.TrimSpace(lines.Text())); err != nil {
				t.Fatal(lines.Text())
			}
			if batch == kill%5 {
				time.Sleep(time.Duration(kill*37) * time.Microsecond)
				_ = cmd.Process.Kill()
				break
			}
		}
		_ = cmd.Wait()
	}
	f, err = Open(path, rows)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if damaged, err := f.Damaged(t.Context()); err != nil || damaged != nil || rows < 25*7 {
		t.Fatal(rows, damaged, err)
	}
	for row := range rows {
		v, err := f.Vector(row)
		if err != nil {
			t.Fatal(err)
		}
		want := unit(uint64(row), 1, 33)[0]
		for i := range want {
			want[i] = fromHalf(toHalf(want[i]))
		}
		if !slices.Equal(v, want) {
			t.Fatalf("row %d is another", row)
		}
	}
}
