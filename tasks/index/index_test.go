package index

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
)

// colours encodes pictures by the means of their colours, and the names of these as texts: a
// space that can be foretold.
type colours struct {
	id      string
	encoded atomic.Int64 // pictures
	fails   func(*images.Picture) error
}

func (c *colours) Space(context.Context) (engine.Space, error) {
	return engine.Space{Model: "colours-" + c.id, ID: c.id, Dimensions: 4, Scale: 20}, nil
}

func (c *colours) EncodePictures(_ context.Context, pictures []*images.Picture) ([][]float32, error) {
	var all [][]float32
	for _, p := range pictures {
		if c.fails != nil {
			if err := c.fails(p); err != nil {
				return nil, err
			}
		}
		v := []float32{0, 0, 0, 1}
		rgb := p.RGB()
		for i, x := range rgb {
			v[i%3] += float32(x) / 255 * 3 / float32(len(rgb)) * 8
		}
		all = append(all, unit(v))
	}
	c.encoded.Add(int64(len(pictures)))
	return all, nil
}

func (c *colours) EncodeTexts(_ context.Context, texts []string) ([][]float32, error) {
	var all [][]float32
	for _, text := range texts {
		v := []float32{0, 0, 0, 1}
		for i, name := range []string{"red", "green", "blue"} {
			if strings.Contains(text, name) {
				v[i] = 8
			}
		}
		all = append(all, unit(v))
	}
	return all, nil
}

func (c *colours) Close() error { return nil }

func unit(v []float32) []float32 {
	sum := 0.0
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	for i := range v {
		v[i] /= float32(math.Sqrt(sum))
	}
	return v
}

var (
	red   = color.RGBA{250, 5, 5, 255}
	green = color.RGBA{5, 250, 5, 255}
	blue  = color.RGBA{5, 5, 250, 255}
)

// paint writes a picture of one colour, but for a dot that tells it from others.
func paint(t testing.TB, path string, c color.RGBA, number int) {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 16, 16))
	for i := range 256 {
		m.Set(i%16, i/16, c)
	}
	m.Set(number%16, number/16%16, color.RGBA{byte(number), byte(number >> 8), 128, 255})
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, m); err != nil {
		t.Fatal(err)
	}
}

// open opens an index that is closed with the test.
func open(t testing.TB, dir string) *Index {
	t.Helper()
	x, err := Create(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.Close() })
	return x
}

// update puts what lies in a folder into an index, and wants it to do so much.
func update(t testing.TB, x *Index, e *colours, dir string, want string) Report {
	t.Helper()
	r, err := x.Update(t.Context(), Update{Roots: []Root{{Path: dir}}, Encoder: e, Loader: &images.Loader{}})
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintf("%d files, %d encoded, %d known, %d same, %d removed, %d failed", r.Files, r.Encoded, r.Known, r.Same, r.Removed, len(r.Failed)); got != want {
		t.Fatalf("the update looked at %s, not %s; notes %q", got, want, r.Notes)
	}
	return r
}

// search finds the names of pictures by a text.
func search(t testing.TB, x *Index, e *colours, text string, q Query) []string {
	t.Helper()
	v, err := e.EncodeTexts(t.Context(), []string{text})
	if err != nil {
		t.Fatal(err)
	}
	q.Vector = v[0]
	found, err := x.Search(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, h := range found.Hits {
		names = append(names, filepath.Base(h.Path))
	}
	return names
}

func wantNames(t testing.TB, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("these were found: %q, not %q", got, want)
	}
}

func TestIncremental(t *testing.T) {
	t.Parallel()
	dir, e := t.TempDir(), &colours{id: "a"}
	x := open(t, filepath.Join(t.TempDir(), "index"))
	for i, c := range []color.RGBA{red, green, blue} {
		paint(t, filepath.Join(dir, fmt.Sprintf("%d.png", i)), c, i)
	}
	paint(t, filepath.Join(dir, ".hidden", "3.png"), red, 3)
	write(t, filepath.Join(dir, "notes.txt"), "red")
	update(t, x, e, dir, "3 files, 3 encoded, 0 known, 0 same, 0 removed, 0 failed")
	update(t, x, e, dir, "3 files, 0 encoded, 0 known, 3 same, 0 removed, 0 failed")
	wantNames(t, search(t, x, e, "green", Query{K: 1}), "1.png")
	wantNames(t, search(t, x, e, "green", Query{K: 9, MinScore: 0.9}), "1.png")

	// The same under another name and once more, and one that is another picture by now.
	if err := os.Rename(filepath.Join(dir, "1.png"), filepath.Join(dir, "moved.png")); err != nil {
		t.Fatal(err)
	}
	paint(t, filepath.Join(dir, "deep", "copy.png"), green, 1)
	paint(t, filepath.Join(dir, "0.png"), blue, 7)
	update(t, x, e, dir, "4 files, 1 encoded, 2 known, 1 same, 1 removed, 0 failed")
	if e.encoded.Load() != 4 {
		t.Errorf("%d pictures were encoded", e.encoded.Load())
	}
	v, _ := e.EncodeTexts(t.Context(), []string{"green"})
	found, err := x.Search(t.Context(), Query{Vector: v[0], K: 2})
	if err != nil || len(found.Hits) != 2 || filepath.Base(found.Hits[0].Path) != "copy.png" || len(found.Hits[0].Copies) != 1 {
		t.Errorf("found %+v, %v", found, err)
	}
	wantNames(t, search(t, x, e, "red", Query{K: 9, MinScore: 0.9}))

	// What is gone since is left out, and there are as many as are wanted all the same.
	if err := os.Remove(filepath.Join(dir, "0.png")); err != nil {
		t.Fatal(err)
	}
	if got := search(t, x, e, "blue", Query{K: 2}); len(got) != 2 || slices.Contains(got, "0.png") {
		t.Errorf("found %q", got)
	}
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestProblems(t *testing.T) {
	t.Parallel()
	dir, e := t.TempDir(), &colours{id: "a"}
	x := open(t, t.TempDir())
	paint(t, filepath.Join(dir, "a.png"), red, 0)
	paint(t, filepath.Join(dir, "refused.png"), red, 1)
	write(t, filepath.Join(dir, "text.jpg"), "this is no picture")
	e.fails = func(p *images.Picture) error {
		if strings.HasSuffix(p.Source, "refused.png") {
			return &engine.Error{Kind: engine.BadPicture, Message: "it is refused"}
		}
		return nil
	}
	r := update(t, x, e, dir, "3 files, 1 encoded, 0 known, 0 same, 0 removed, 2 failed")
	if r.Failed[0].Why != "it is refused" || filepath.Base(r.Failed[1].Path) != "text.jpg" {
		t.Errorf("the problems are %+v", r.Failed)
	}
	update(t, x, e, dir, "3 files, 0 encoded, 0 known, 3 same, 0 removed, 2 failed") // remembered
	e.fails = nil
	again, err := x.Update(t.Context(), Update{Roots: []Root{{Path: dir}}, Encoder: e, Loader: &images.Loader{}, Retry: true})
	if err != nil || again.Encoded != 1 || len(again.Failed) != 1 {
		t.Errorf("tried again: %+v, %v", again, err)
	}
	paint(t, filepath.Join(dir, "text.jpg"), blue, 2)
	update(t, x, e, dir, "3 files, 1 encoded, 0 known, 2 same, 0 removed, 0 failed")

	// A failure that is no picture's ends the update, and what was done stays.
	paint(t, filepath.Join(dir, "z.png"), red, 9)
	e.fails = func(*images.Picture) error { return errors.New("the device is lost") }
	if _, err := x.Update(t.Context(), Update{Roots: []Root{{Path: dir}}, Encoder: e, Loader: &images.Loader{}}); err == nil || err.Error() != "the device is lost" {
		t.Errorf("the update ended with %v", err)
	}
	wantNames(t, search(t, x, e, "blue", Query{K: 1}), "text.jpg")
}

func TestFilters(t *testing.T) {
	t.Parallel()
	dir, e := t.TempDir(), &colours{id: "a"}
	x := open(t, t.TempDir())
	for i := range 40 {
		path := filepath.Join(dir, fmt.Sprintf("year-%d", 2000+i), fmt.Sprintf("%d.png", i))
		paint(t, path, red, i)
		at := time.Date(2000+i, 6, 1, 12, 0, 0, 0, time.UTC)
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	update(t, x, e, dir, "40 files, 40 encoded, 0 known, 0 same, 0 removed, 0 failed")
	day := func(year int) time.Time { return time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC) }
	for name, test := range map[string]struct {
		filter Filter
		want   int
	}{
		"all":               {Filter{}, 40},
		"since":             {Filter{Since: day(2037)}, 3},
		"until":             {Filter{Until: day(2002)}, 2},
		"a year":            {Filter{Since: day(2010), Until: day(2011)}, 1},
		"a folder":          {Filter{Under: []string{filepath.Join(dir, "year-2010")}}, 1},
		"no longer name":    {Filter{Under: []string{filepath.Join(dir, "year-201")}}, 0},
		"folders":           {Filter{Under: []string{filepath.Join(dir, "year-2010"), filepath.Join(dir, "year-2011"), "/none"}}, 2},
		"names":             {Filter{Globs: []string{"3?.PNG", "5.png"}}, 11},
		"names and folders": {Filter{Globs: []string{"year-201?/*"}}, 10},
		"a folder's name":   {Filter{Globs: []string{"year-2010"}}, 0},
		"below a folder":    {Filter{Globs: []string{"year-2010/**"}}, 1},
		"between folders":   {Filter{Globs: []string{"**/year-20*/**/1?.png"}}, 10},
		"both":              {Filter{Globs: []string{"1*"}, Since: day(2015)}, 5},
	} {
		if got := search(t, x, e, "red", Query{K: 100, Filter: test.filter}); len(got) != test.want {
			t.Errorf("%s: %d were found, not %d", name, len(got), test.want)
		}
	}
}

// Who has a newer vlmchat has done nothing, and is told what has changed.
func TestOtherBuiltInModel(t *testing.T) {
	t.Parallel()
	old, now := engine.Space{Model: "tiny-clip", ID: "1", Demo: true}, engine.Space{Model: "tiny-clip", ID: "2", Demo: true}
	if err := (&OtherSpace{"ix", old, now}); !strings.Contains(err.Error(), "another version of vlmchat") {
		t.Error(err)
	}
	now.Demo = false
	if err := (&OtherSpace{"ix", old, now}); strings.Contains(err.Error(), "version") {
		t.Error(err)
	}
}

func TestOtherModel(t *testing.T) {
	t.Parallel()
	dir, a, b := t.TempDir(), &colours{id: "a"}, &colours{id: "b"}
	x := open(t, t.TempDir())
	paint(t, filepath.Join(dir, "1.png"), red, 1)
	paint(t, filepath.Join(dir, "2.png"), green, 2)
	update(t, x, a, dir, "2 files, 2 encoded, 0 known, 0 same, 0 removed, 0 failed")
	u := Update{Roots: []Root{{Path: filepath.Join(dir, "1.png")}}, Encoder: b, Loader: &images.Loader{}}
	_, err := x.Update(t.Context(), u)
	var other *OtherSpace
	if !errors.As(err, &other) || !strings.Contains(err.Error(), "colours-a") || !strings.Contains(err.Error(), "colours-b") {
		t.Errorf("another model: %v", err)
	}
	u.Rebuild = true
	r, err := x.Update(t.Context(), u)
	if err != nil || r.Encoded != 2 { // the other root, too
		t.Errorf("rebuilt: %+v, %v", r, err)
	}
	if s, err := x.State(t.Context()); err != nil || s.Space.Model != "colours-b" {
		t.Errorf("the index is of %+v, %v", s, err)
	}
	wantNames(t, search(t, x, b, "green", Query{K: 1}), "2.png")
}

func TestCombine(t *testing.T) {
	t.Parallel()
	x, y := []float32{1, 0}, []float32{0, 1}
	if got := Mean(x, y); math.Abs(float64(got[0])-math.Sqrt(0.5)) > 1e-6 {
		t.Errorf("the mean is %v", got)
	}
	if got := Combine([][]float32{x}, [][]float32{y}); got[0] < 0.7 || got[1] > -0.7 {
		t.Errorf("without the other it is %v", got)
	}
	if got := Combine([][]float32{x}, [][]float32{x}); got != nil {
		t.Errorf("nothing is %v", got)
	}
}

// A picture that is another one by the time it has been read is looked at anew, and no copy of
// what it was is taken for what it became.
func TestChangedWhileRead(t *testing.T) {
	t.Parallel()
	dir, e := t.TempDir(), &colours{id: "a"}
	x := open(t, t.TempDir())
	path := filepath.Join(dir, "a.png")
	paint(t, path, red, 0)
	u := &updating{Update: Update{Encoder: e, Loader: &images.Loader{}}, x: x}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	r := read{found: found{path, info.Size(), info.ModTime().UnixNano()}}
	if r.sha256, err = digestOf(path); err != nil {
		t.Fatal(err)
	}
	take := func(got read) error {
		if !got.stale || got.sha256 != "" {
			t.Errorf("what changed counts as %q", got.sha256)
		}
		return nil
	}
	paint(t, path, blue, 1)
	later := info.ModTime().Add(time.Second)
	if err := os.Chtimes(path, later, later); err != nil {
		t.Fatal(err)
	}
	if err := u.pictures(t.Context(), r, take); err != nil {
		t.Fatal(err)
	}
}

// A vector that the file of them would not take is its picture's problem.
func TestNoVector(t *testing.T) {
	t.Parallel()
	for _, length := range []float64{0, 0.996, 1.004, math.NaN(), math.Inf(1)} {
		var p picture
		var in read
		if p.got([]float32{float32(length), 0}, &in); p.vector != nil || in.problem == "" {
			t.Errorf("a vector as long as %g is taken", length)
		}
	}
}

// A new index may be made by several at the same moment.
func TestMadeByManyAtOnce(t *testing.T) {
	t.Parallel()
	for range 20 {
		dir := filepath.Join(t.TempDir(), "index")
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				x, err := Create(dir)
				if err != nil {
					t.Error(err)
					return
				}
				x.Close()
			})
		}
		all.Wait()
	}
}
