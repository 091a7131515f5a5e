package meteor

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/metrics"
)

// jarOf is a jar with lists of one's own.
func jarOf(t testing.TB, lists map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range lists {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zipped(t testing.TB, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func folderOf(t testing.TB, files map[string][]byte) string {
	t.Helper()
	folder := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func small(t testing.TB) map[string]string {
	t.Helper()
	return map[string]string{
		"function/english.words":     "the\na\n",
		"synonym/english.synsets":    "dog\n1 2\nhound\n2\n",
		"synonym/english.exceptions": "ox\noxen\n",
	}
}

func TestDataOfOnesOwn(t *testing.T) {
	t.Parallel()
	d, err := Open(folderOf(t, map[string][]byte{
		jarName: jarOf(t, small(t)), tableName: zipped(t, "0.5\non top of\nabove\n0.25\nnever said\nabove\n"),
	}))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	found, err := d.statistics(t.Context(), []metrics.Captioned{captioned("the hound above a house", "a dog on top of the house")})
	if err != nil {
		t.Fatal(err)
	}
	s := found[0]
	if s.candidate.content != [modules]int{exact: 1, synonym: 1, paraphrase: 1} || s.reference.content != [modules]int{exact: 1, synonym: 1, paraphrase: 3} {
		t.Errorf("found %+v", s)
	}
}

func TestMissingAndBrokenFilesAreNamed(t *testing.T) {
	t.Parallel()
	without := func(list string) []byte {
		lists := small(t)
		delete(lists, list)
		return jarOf(t, lists)
	}
	with := func(list, content string) []byte {
		lists := small(t)
		lists[list] = content
		return jarOf(t, lists)
	}
	const sets = "synonym/english.synsets"
	long := strings.Repeat("x", maxLine+1)
	for _, c := range []struct {
		name  string
		files map[string][]byte
		open  string // in the folder
		want  []string
		none  bool // it is ErrNoData
	}{
		{"an empty folder", nil, "", []string{"there is no meteor-1.5.jar"}, true},
		{"no such folder", nil, "away", []string{"away", "no such"}, true},
		{"a text", map[string][]byte{"notes.txt": []byte("hello")}, "notes.txt", []string{"notes.txt", "neither"}, false},
		{"an empty zip", map[string][]byte{"a.whl": jarOf(t, nil)}, "a.whl", []string{"a.whl", "meteor-1.5.jar"}, true},
		{"no jar", map[string][]byte{jarName: []byte("hello")}, "", []string{"is no jar"}, false},
		{"another jar", map[string][]byte{jarName: jarOf(t, nil)}, "", []string{"is not METEOR 1.5"}, false},
		{"a jar without synonyms", map[string][]byte{jarName: without(sets)}, "", []string{sets}, false},
		{"sets cut off", map[string][]byte{jarName: with(sets, "dog\n1\ncat\n")}, "", []string{sets, "line 3", "cut off"}, false},
		{"sets of words", map[string][]byte{jarName: with(sets, "dog\n1\ncat\ndog\n")}, "", []string{"line 4", `"dog"`}, false},
		{"sets of large numbers", map[string][]byte{jarName: with(sets, "dog\n99999999999\n")}, "", []string{"line 2"}, false},
		{"a long line", map[string][]byte{jarName: with(sets, "dog\n1\n"+long+"\n")}, "", []string{"line 3", "longer"}, false},
		{"a table that is no gzip", map[string][]byte{jarName: jarOf(t, small(t)), tableName: []byte("hello")}, "", []string{tableName, "no gzip"}, false},
		{"an empty table", map[string][]byte{jarName: jarOf(t, small(t)), tableName: zipped(t, "")}, "", []string{"is empty"}, false},
		{"a table cut off", map[string][]byte{jarName: jarOf(t, small(t)), tableName: zipped(t, "0.5\na\nb\n0.5\na\n")}, "", []string{"line 5", "cut off"}, false},
		{"half a gzip", map[string][]byte{jarName: jarOf(t, small(t)), tableName: zipped(t, "0.5\na\nb\n")[:20]}, "", []string{tableName, "unexpected EOF"}, false},
		{"a table out of step", map[string][]byte{jarName: jarOf(t, small(t)), tableName: zipped(t, "0.5\na\nb\na\n")}, "", []string{"line 4", "probability"}, false},
		{"one phrase over and over", map[string][]byte{jarName: jarOf(t, small(t)), tableName: zipped(t, strings.Repeat("1\na\nb\n", maxReplacements+1))}, "", []string{"line 49155", "of one phrase"}, false},
		{"a table with a long line", map[string][]byte{jarName: jarOf(t, small(t)), tableName: zipped(t, "0.5\n"+long+"\nb\n")}, "", []string{"line 2", "longer"}, false},
	} {
		d, err := Open(filepath.Join(folderOf(t, c.files), c.open))
		if err == nil {
			_, err = d.Score(t.Context(), []metrics.Captioned{captioned("a", "b")})
			d.Close()
		}
		if err == nil {
			t.Errorf("%s is taken", c.name)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q does not say %q", c.name, err, want)
			}
		}
		if errors.Is(err, ErrNoData) != c.none {
			t.Errorf("%s: %q is ErrNoData: %v", c.name, err, !c.none)
		}
	}
}

func TestReadingTheTableCanBeStopped(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := reference(t).Score(ctx, []metrics.Captioned{captioned("a", "b")}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func FuzzData(f *testing.F) {
	f.Add("the\n", "dog\n1 2\nhound\n2\n", "ox\noxen\n", "0.5\non top of\nabove\n", "the hound above", "dogs on top of the oxen")
	f.Add("", "", "", "", "", "")
	f.Add("a\r\n", "dog\n", "x\n\n", "1\n\n\n1\na\n\n", "a a a", "a a")
	f.Fuzz(func(t *testing.T, function, sets, exceptions, table, candidate, ref string) {
		jar := jarOf(t, map[string]string{
			"function/english.words": function, "synonym/english.synsets": sets, "synonym/english.exceptions": exceptions,
		})
		d, err := Open(folderOf(t, map[string][]byte{jarName: jar, tableName: zipped(t, table)}))
		if err != nil {
			return
		}
		defer d.Close()
		r, err := d.Score(t.Context(), []metrics.Captioned{captioned(candidate, ref)})
		if err == nil && !(r.Items[0] >= 0 && r.Items[0] <= 1+1e-9) {
			t.Errorf("%q against %q has the score %v", candidate, ref, r.Items[0])
		}
	})
}

func FuzzJar(f *testing.F) {
	f.Add(jarOf(f, small(f)))
	f.Fuzz(func(t *testing.T, jar []byte) {
		for _, name := range []string{jarName, "some.whl"} {
			if d, err := Open(filepath.Join(folderOf(t, map[string][]byte{name: jar}), name)); err == nil {
				d.Close()
			}
		}
	})
}
