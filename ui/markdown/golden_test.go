package markdown

import (
	"bytes"
	"flag"
	"image/color"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
)

var update = flag.Bool("update", false, "write the golden files anew")

// testTheme has a colour for each role, by its number.
func testTheme(by ansi.Method) *Theme {
	t := &Theme{By: by}
	for r := Title; r < roles; r++ {
		t.Looks[r] = ansi.NewStyle().ForegroundColor(color.RGBA{R: uint8(r), A: 255})
	}
	t.Looks[Title] = t.Looks[Title].Bold().Underline(true)
	t.Looks[Heading] = t.Looks[Heading].Bold()
	return t
}

// A document with everything in it, without colours: what is where.
func TestEverything(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("testdata/everything.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, width := range []int{80, 40, 20} {
		t.Run(strconv.Itoa(width), func(t *testing.T) {
			t.Parallel()
			var s Stream
			s.Add(string(source))
			s.End()
			var got bytes.Buffer
			w := colorprofile.Writer{Forward: &got, Profile: colorprofile.NoTTY}
			if _, err := w.WriteString(strings.Join(s.Lines(width, testTheme(ansi.GraphemeWidth)), "\n") + "\n"); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", "everything-"+strconv.Itoa(width)+".golden")
			if *update {
				if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got.String() != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got.String(), want)
			}
		})
	}
}
