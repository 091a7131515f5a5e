package images

import (
	"context"
	"encoding/json"
	"errors"
	"image"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"testing"
)

// A picture that was kept comes back as it was, with its identity, its place, and what
// can be done with it; so does a region, which was no file.
func TestRecall(t *testing.T) {
	t.Parallel()
	whole, err := Load(t.Context(), filepath.Join("..", "testdata", "tinyvlm", "samples", "scene-01.png"), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	region, err := whole.Crop(image.Rect(10, 12, 50, 40))
	if err != nil {
		t.Fatal(err)
	}
	tiles, err := region.Tiles(Grid{2, 1})
	if err != nil {
		t.Fatal(err)
	}
	var l Loader
	for _, p := range append([]*Picture{whole, region}, tiles...) {
		data, err := p.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		facts, err := json.Marshal(p.Keep())
		if err != nil {
			t.Fatal(err)
		}
		var k Kept
		if err := json.Unmarshal(facts, &k); err != nil {
			t.Fatal(err)
		}
		q := l.Recall(k, func() ([]byte, error) { return data, nil })
		of, where := p.Part()
		if gotOf, gotWhere := q.Part(); gotOf != of || gotWhere != where || q.Place != p.Place || q.Source != p.Source || q.SHA256 != p.SHA256 || q.RGB() != nil {
			t.Errorf("%s comes back as %+v", p.Source, q)
		}
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				if err := q.Load(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if !reflect.DeepEqual(q.RGB(), p.RGB()) || !reflect.DeepEqual(q.Data, p.Data) || !reflect.DeepEqual(q.Keep(), p.Keep()) {
			t.Errorf("%s is not what it was", p.Source)
		}
		a, err1 := p.Crop(image.Rect(0, 0, 10, 10))
		b, err2 := q.Crop(image.Rect(0, 0, 10, 10))
		if err := errors.Join(err1, err2); err != nil || a.Source != b.Source || a.Place != b.Place || a.SHA256 != b.SHA256 {
			t.Errorf("a region of %s is %q, %q; %v", p.Source, b.Source, b.Place, err)
		}
	}
}

func TestRecallOfWhatIsLost(t *testing.T) {
	t.Parallel()
	p, err := Load(t.Context(), filepath.Join("..", "testdata", "tinyvlm", "samples", "scene-01.png"), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	other, err := os.ReadFile(filepath.Join("..", "testdata", "tinyvlm", "samples", "scene-02.png"))
	if err != nil {
		t.Fatal(err)
	}
	k := p.Keep()
	pixels := k
	pixels.Pixels, pixels.Format = true, ""
	gone := errors.New("it is gone")
	for name, c := range map[string]struct {
		kept   Kept
		data   []byte
		err    error
		reason Reason
	}{
		"gone":           {k, nil, gone, Missing},
		"another file":   {k, other, nil, Damaged},
		"cut short":      {k, p.Data[:100], nil, Damaged},
		"other pixels":   {pixels, other, nil, Damaged},
		"no pixels":      {pixels, []byte("text"), nil, NotPicture},
		"nothing at all": {pixels, nil, nil, Empty},
	} {
		data, err := c.data, c.err
		q := new(Loader).Recall(c.kept, func() ([]byte, error) { return data, err })
		loaded := q.Load(t.Context())
		if e, ok := errors.AsType[*Error](loaded); !ok || e.Reason != c.reason {
			t.Errorf("%s: %v", name, loaded)
		}
		if name == "gone" {
			data, err = p.Data, nil // and is found again
			if err := q.Load(t.Context()); err != nil || q.RGB() == nil {
				t.Errorf("found again: %v", err)
			}
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	q := new(Loader).Recall(k, func() ([]byte, error) { return p.Data, nil })
	q.late.turn <- struct{}{}
	if err := q.Load(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}
}
